package io.tidemark.tracker;

import io.tidemark.block.WalPosition;
import io.tidemark.segment.ChangeCursor;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.ChangeSource;
import io.tidemark.segment.SegmentIndex;
import java.util.List;

/**
 * Which changes a question asks for: a closed range of positions, or a closed range of timestamps.
 *
 * <p>Immutable.
 */
final class RangeFilter {
  private final WalPosition first;
  private final WalPosition last;
  private final long firstTimestampNs;
  private final long lastTimestampNs;

  private RangeFilter(
      WalPosition first, WalPosition last, long firstTimestampNs, long lastTimestampNs) {
    this.first = first;
    this.last = last;
    this.firstTimestampNs = firstTimestampNs;
    this.lastTimestampNs = lastTimestampNs;
  }

  static RangeFilter positions(WalPosition first, WalPosition last) {
    return new RangeFilter(first, last, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  static RangeFilter timestamps(long firstNs, long lastNs) {
    return new RangeFilter(WalPosition.BEFORE_ALL, WalPosition.AFTER_ALL, firstNs, lastNs);
  }

  /** Returns the range that no change lies in. */
  static RangeFilter none() {
    return positions(WalPosition.AFTER_ALL, WalPosition.BEFORE_ALL);
  }

  static RangeFilter all() {
    return positions(WalPosition.BEFORE_ALL, WalPosition.AFTER_ALL);
  }

  /** Returns the segments whose bounds meet the range. */
  List<ChangeSegment> candidates(SegmentIndex index) {
    return firstTimestampNs == Long.MIN_VALUE && lastTimestampNs == Long.MAX_VALUE
        ? index.candidates(first, last)
        : index.candidates(firstTimestampNs, lastTimestampNs);
  }

  /** Whether one change lies in the range. */
  boolean accepts(int generation, long walOffset, long timestampNs) {
    return acceptsPosition(generation, walOffset) && acceptsTimestamp(timestampNs);
  }

  /** Whether no change of a source lies in the range. */
  boolean acceptsNone(ChangeSource source) {
    if (!source.hasChanges()) {
      return true;
    }
    WalPosition firstChange = source.firstChange();
    WalPosition lastChange = source.lastChange();
    return acceptsNone(
        firstChange.generation(),
        firstChange.walOffset(),
        lastChange.generation(),
        lastChange.walOffset(),
        source.minTimestampNs(),
        source.maxTimestampNs());
  }

  /** Whether no change of a block lies in the range. */
  boolean acceptsNone(ChangeCursor block) {
    return acceptsNone(
        block.firstGeneration(),
        block.firstOffset(),
        block.lastGeneration(),
        block.lastOffset(),
        block.minTimestampNs(),
        block.maxTimestampNs());
  }

  /** Whether every change of a source lies in the range. */
  boolean acceptsAll(ChangeSource source) {
    return first.compareTo(source.firstChange()) <= 0
        && last.compareTo(source.lastChange()) >= 0
        && acceptsTimestamp(source.minTimestampNs())
        && acceptsTimestamp(source.maxTimestampNs());
  }

  /** Whether no change between two positions and two timestamps lies in the range. */
  private boolean acceptsNone(
      int firstGeneration,
      long firstOffset,
      int lastGeneration,
      long lastOffset,
      long minTimestampNs,
      long maxTimestampNs) {
    return !isFromFirst(lastGeneration, lastOffset)
        || !isToLast(firstGeneration, firstOffset)
        || maxTimestampNs < firstTimestampNs
        || minTimestampNs > lastTimestampNs;
  }

  /**
   * Returns the part of the range that lies in one generation.
   *
   * @param generation one that the range reaches
   */
  GenerationFilter in(int generation) {
    boolean isFirst = generation == first.generation();
    boolean isLast = generation == last.generation();
    return new GenerationFilter(
        isFirst ? first.walOffset() : 0,
        isLast ? last.walOffset() : -1,
        firstTimestampNs,
        lastTimestampNs);
  }

  /** Whether a position lies in the range, whatever the timestamp. */
  boolean acceptsPosition(int generation, long walOffset) {
    return isFromFirst(generation, walOffset) && isToLast(generation, walOffset);
  }

  /** Whether a timestamp lies in the range, whatever the position. */
  boolean acceptsTimestamp(long timestampNs) {
    return timestampNs >= firstTimestampNs && timestampNs <= lastTimestampNs;
  }

  /** Returns the first position of the range. */
  WalPosition first() {
    return first;
  }

  /** Returns the last position of the range. */
  WalPosition last() {
    return last;
  }

  /** Returns the last timestamp of the range, ns. */
  long lastTimestampNs() {
    return lastTimestampNs;
  }

  boolean isFromFirst(int generation, long walOffset) {
    return WalPosition.compare(generation, walOffset, first.generation(), first.walOffset()) >= 0;
  }

  boolean isToLast(int generation, long walOffset) {
    return WalPosition.compare(generation, walOffset, last.generation(), last.walOffset()) <= 0;
  }
}
