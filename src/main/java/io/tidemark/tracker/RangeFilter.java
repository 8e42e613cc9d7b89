package io.tidemark.tracker;

import io.tidemark.block.WalPosition;

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

  /** Whether one change lies in the range. */
  boolean accepts(int generation, long walOffset, long timestampNs) {
    return isFromFirst(generation, walOffset)
        && isToLast(generation, walOffset)
        && timestampNs >= firstTimestampNs
        && timestampNs <= lastTimestampNs;
  }

  /** Whether all changes inside these bounds lie in the range. */
  boolean acceptsAll(
      int generation, long firstOffset, long lastOffset, long minTimestampNs, long maxTimestampNs) {
    return isFromFirst(generation, firstOffset)
        && isToLast(generation, lastOffset)
        && minTimestampNs >= firstTimestampNs
        && maxTimestampNs <= lastTimestampNs;
  }

  /** Whether no change inside these bounds lies in the range. */
  boolean acceptsNone(
      int generation, long firstOffset, long lastOffset, long minTimestampNs, long maxTimestampNs) {
    return !isFromFirst(generation, lastOffset)
        || !isToLast(generation, firstOffset)
        || maxTimestampNs < firstTimestampNs
        || minTimestampNs > lastTimestampNs;
  }

  private boolean isFromFirst(int generation, long walOffset) {
    return WalPosition.compare(generation, walOffset, first.generation(), first.walOffset()) >= 0;
  }

  private boolean isToLast(int generation, long walOffset) {
    return WalPosition.compare(generation, walOffset, last.generation(), last.walOffset()) <= 0;
  }
}
