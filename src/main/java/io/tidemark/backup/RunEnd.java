package io.tidemark.backup;

import io.tidemark.block.WalPosition;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a run when its last block was read.
 *
 * @param journalPosition F: journal position reached when the last block was read
 * @param completeThrough position the store had complete then; null if none
 * @param isQuiet whether no block changed since the run was prepared: then it holds what there was
 *     at its end, P, and not something in between
 * @param finishedMs when it was, milliseconds since the epoch
 * @param setSha256 SHA-256 over the ids' digests of all batches, in hexadecimal digits
 */
public record RunEnd(
    long journalPosition,
    @Nullable WalPosition completeThrough,
    boolean isQuiet,
    long finishedMs,
    String setSha256) {}
