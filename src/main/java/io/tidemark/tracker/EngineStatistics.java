package io.tidemark.tracker;

import io.tidemark.block.WalPosition;
import io.tidemark.state.StateCounts;
import org.jspecify.annotations.Nullable;

/**
 * What an engine holds and what it was told, at one moment.
 *
 * @param blocks how many blocks are known, and how many are in each state
 * @param createsOnDirty anomaly: CREATE events that found a modified block, since it was opened
 * @param updatesOnDeleted anomaly: UPDATE events that found a deleted block, since it was opened
 * @param completeThrough the position through which the log was declared complete; null for none
 * @param journalPosition journal position of the last entry applied
 */
public record EngineStatistics(
    StateCounts blocks,
    long createsOnDirty,
    long updatesOnDeleted,
    @Nullable WalPosition completeThrough,
    long journalPosition) {}
