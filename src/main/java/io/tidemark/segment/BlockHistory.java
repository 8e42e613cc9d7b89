package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;

/**
 * Everything that is known of one block, from all generations, and what of it was journaled after a
 * position.
 *
 * <p>Mutable and reused: valid until the next question. Not thread-safe.
 */
public final class BlockHistory {
  private BlockRow all = new BlockRow();
  private BlockRow after = new BlockRow();

  void set(BlockRow newAll, BlockRow newAfter) {
    all = newAll;
    after = newAfter;
  }

  /** Returns the block's id. */
  public long blockId() {
    return all.blockId();
  }

  /**
   * Returns the highest position of each type of event.
   *
   * <p>An UPDATE that a later change hides need not be there: it decides nothing. Flushes of all
   * blocks are not in it.
   */
  public BlockMaxima maxima() {
    return all.maxima();
  }

  /** Returns whether it ever changed; else it was only flushed. */
  public boolean hasChange() {
    return all.hasChange();
  }

  /** Returns the type of the last change; meaningless if there was none. */
  public BlockEventType lastType() {
    return all.lastType();
  }

  /** Returns the timestamp of the last change, ns; {@code Long.MIN_VALUE} if there was none. */
  public long lastTimestampNs() {
    return all.hasChange() ? all.lastTimestampNs() : Long.MIN_VALUE;
  }

  /** Returns whether a change was journaled after the position. */
  public boolean hasChangeAfter() {
    return after.hasChange();
  }

  /** Returns whether a CREATE was journaled after the position. */
  public boolean hasCreateAfter() {
    return after.maxima().has(BlockEventType.CREATE);
  }

  /** Returns whether a DELETE was journaled after the position. */
  public boolean hasDeleteAfter() {
    return after.maxima().has(BlockEventType.DELETE);
  }
}
