package io.tidemark.tracker;

import io.tidemark.block.WalPosition;
import io.tidemark.segment.ChangeSegment;
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

  /** Whether no change between two positions and two timestamps lies in the range. */
  boolean acceptsNone(
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
