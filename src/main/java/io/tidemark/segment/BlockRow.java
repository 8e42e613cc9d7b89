package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.WalPosition;

/**
 * What one interval of the journal says of one block: all that merging keeps.
 *
 * <p>Folding rows of adjoining intervals in journal order gives the row of the whole interval,
 * however they are grouped. Mutable and reused; not thread-safe.
 */
final class BlockRow {
  private long blockId;
  private boolean hasChange;
  private int firstGeneration;
  private long firstOffset;
  private int lastGeneration;
  private long lastOffset;
  private BlockEventType lastType = BlockEventType.UPDATE;
  private long lastTimestampNs;
  private long minTimestampNs;
  private long maxTimestampNs;
  private final BlockMaxima maxima = new BlockMaxima();

  /** Becomes the row of a block without events. */
  void reset(long id) {
    blockId = id;
    hasChange = false;
    minTimestampNs = Long.MAX_VALUE;
    maxTimestampNs = Long.MIN_VALUE;
    maxima.reset();
  }

  /** Takes in an event that was journaled after all those before. */
  void fold(BlockEventType type, int generation, long walOffset, long timestampNs) {
    maxima.fold(type, generation, walOffset);
    if (type.isChange()) {
      first(generation, walOffset);
      last(generation, walOffset, type, timestampNs);
      minTimestampNs = Math.min(minTimestampNs, timestampNs);
      maxTimestampNs = Math.max(maxTimestampNs, timestampNs);
    }
  }

  /** Takes in the row of an interval behind all those before. */
  void fold(BlockRow later) {
    maxima.fold(later.maxima);
    if (later.hasChange) {
      first(later.firstGeneration, later.firstOffset);
      last(later.lastGeneration, later.lastOffset, later.lastType, later.lastTimestampNs);
      minTimestampNs = Math.min(minTimestampNs, later.minTimestampNs);
      maxTimestampNs = Math.max(maxTimestampNs, later.maxTimestampNs);
    }
  }

  private void first(int generation, long walOffset) {
    if (!hasChange
        || WalPosition.compare(generation, walOffset, firstGeneration, firstOffset) < 0) {
      firstGeneration = generation;
      firstOffset = walOffset;
    }
  }

  private void last(int generation, long walOffset, BlockEventType type, long timestampNs) {
    int order =
        hasChange ? WalPosition.compare(generation, walOffset, lastGeneration, lastOffset) : 1;
    if (order > 0 || (order == 0 && type.rank() >= lastType.rank())) {
      lastGeneration = generation;
      lastOffset = walOffset;
      lastType = type;
      lastTimestampNs = timestampNs;
    }
    hasChange = true;
  }

  /** Returns whether both say the same of the block's changes; flushes are not compared. */
  boolean hasSameChanges(BlockRow other) {
    if (!hasChange || !other.hasChange) {
      return hasChange == other.hasChange;
    }
    return firstGeneration == other.firstGeneration
        && firstOffset == other.firstOffset
        && lastGeneration == other.lastGeneration
        && lastOffset == other.lastOffset
        && lastType == other.lastType
        && lastTimestampNs == other.lastTimestampNs
        && minTimestampNs == other.minTimestampNs
        && maxTimestampNs == other.maxTimestampNs
        && hasSame(BlockEventType.CREATE, other)
        && hasSame(BlockEventType.DELETE, other);
  }

  private boolean hasSame(BlockEventType type, BlockRow other) {
    return maxima.has(type) == other.maxima.has(type)
        && (!maxima.has(type)
            || (maxima.generation(type) == other.maxima.generation(type)
                && maxima.walOffset(type) == other.maxima.walOffset(type)));
  }

  /** Sets first and last change of a row that has none yet. */
  void setChanges(
      int newFirstGeneration,
      long newFirstOffset,
      int newLastGeneration,
      long newLastOffset,
      BlockEventType newLastType) {
    hasChange = true;
    firstGeneration = newFirstGeneration;
    firstOffset = newFirstOffset;
    lastGeneration = newLastGeneration;
    lastOffset = newLastOffset;
    lastType = newLastType;
    if (newLastType == BlockEventType.UPDATE) {
      maxima.fold(newLastType, newLastGeneration, newLastOffset);
    }
  }

  /** Sets the timestamps of the changes, ns. */
  void setTimestamps(long last, long min, long max) {
    lastTimestampNs = last;
    minTimestampNs = min;
    maxTimestampNs = max;
  }

  /** Returns the block's id. */
  long blockId() {
    return blockId;
  }

  /** Returns whether the block changed; else it was only flushed. */
  boolean hasChange() {
    return hasChange;
  }

  int firstGeneration() {
    return firstGeneration;
  }

  long firstOffset() {
    return firstOffset;
  }

  int lastGeneration() {
    return lastGeneration;
  }

  long lastOffset() {
    return lastOffset;
  }

  BlockEventType lastType() {
    return lastType;
  }

  long lastTimestampNs() {
    return lastTimestampNs;
  }

  long minTimestampNs() {
    return minTimestampNs;
  }

  long maxTimestampNs() {
    return maxTimestampNs;
  }

  /** Returns the maxima; an UPDATE that a later change hides need not be in them. */
  BlockMaxima maxima() {
    return maxima;
  }
}
