package io.tidemark.plugin;

import io.tidemark.block.ChangeKind;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A block that changed: the specification's {@code SIncrementalBlock}.
 *
 * @param blockId unsigned
 * @param walOffset of its last change in the range, unsigned
 * @param timestampNs of that change
 * @param kind what a backup must do about it
 * @param dataSize bytes it holds; 0 if it is not there
 * @param data what it holds, read-only; null if it is not there or was not asked for
 */
public record IncrementalBlock(
    long blockId,
    long walOffset,
    long timestampNs,
    ChangeKind kind,
    int dataSize,
    @Nullable ByteBuffer data) {}
