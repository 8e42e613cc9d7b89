package io.tidemark.tracker;

import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;

/**
 * One block of an answer: what happened to it inside the range asked about.
 *
 * @param blockId unsigned 64-bit id
 * @param kind what a backup must do about it
 * @param first position of its first change in the range
 * @param last position of its last change in the range
 * @param timestampNs timestamp of that last change, nanoseconds since the epoch
 */
public record BlockChange(
    long blockId, ChangeKind kind, WalPosition first, WalPosition last, long timestampNs) {}
