package io.tidemark.testing;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import java.util.Random;

/** One event of one block, as tests make them up. */
public record Event(
    BlockEventType type, long blockId, int generation, long walOffset, long timestampNs) {

  /** Returns where it lies in the engine's log. */
  public WalPosition position() {
    return new WalPosition(generation, walOffset);
  }

  /** Returns an event of any type, with a timestamp that may be negative. */
  public static Event any(Random random, long blockId, int generation, long walOffset) {
    return new Event(
        BlockEventType.ofCode(random.nextInt(5)),
        blockId,
        generation,
        walOffset,
        random.nextInt(5) == 0 ? random.nextLong() : random.nextInt(2000) - 1000);
  }
}
