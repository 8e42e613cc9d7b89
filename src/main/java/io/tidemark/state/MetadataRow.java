package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.WalPosition;

/**
 * One block's past: the highest position of each type of event, and the time of the last change.
 *
 * <p>An UPDATE that a later CREATE or DELETE hides may be missing: it decides nothing, neither the
 * state nor any later fold. Mutable and reused; not thread-safe.
 */
public final class MetadataRow {

  /** Timestamp of a block that was only ever flushed. */
  public static final long NEVER_CHANGED = Long.MIN_VALUE;

  private final BlockMaxima maxima = new BlockMaxima();
  private long timestampNs = NEVER_CHANGED;

  /** Returns the highest position of each type of event; the caller may fold more into it. */
  public BlockMaxima maxima() {
    return maxima;
  }

  /** Returns the timestamp of the last change, ns; {@link #NEVER_CHANGED} if there was none. */
  public long timestampNs() {
    return timestampNs;
  }

  /** Makes it the row of a block that had no event. */
  public void reset() {
    maxima.reset();
    timestampNs = NEVER_CHANGED;
  }

  void setTimestampNs(long timestamp) {
    timestampNs = timestamp;
  }

  /**
   * Takes in what one segment says of the block. Of two changes of one position and type the one
   * folded later gives the timestamp: the journal's order.
   */
  void fold(BlockMaxima segment, long segmentTimestampNs) {
    int order = segment.lastChange().compareTo(maxima.lastChange());
    if (order > 0 || (order == 0 && lastRank(segment) >= lastRank(maxima))) {
      timestampNs = segmentTimestampNs;
    }
    maxima.fold(segment);
  }

  /** Returns the rank of the last change, -1 if there was none. */
  private static int lastRank(BlockMaxima maxima) {
    WalPosition last = maxima.lastChange();
    int rank = -1;
    for (BlockEventType type : BlockEventType.values()) {
      if (type.isChange()
          && maxima.has(type)
          && maxima.generation(type) == last.generation()
          && maxima.walOffset(type) == last.walOffset()) {
        rank = Math.max(rank, type.rank());
      }
    }
    return rank;
  }
}
