package io.tidemark.block;

/**
 * What is known of one block.
 *
 * @param blockId unsigned 64-bit id
 * @param last position of its last change
 * @param timestampNs timestamp of that change, nanoseconds since the epoch, signed
 * @param state what the engine last did to it
 */
public record BlockMetadata(long blockId, WalPosition last, long timestampNs, BlockState state) {}
