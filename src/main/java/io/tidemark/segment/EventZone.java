package io.tidemark.segment;

/**
 * Bounds of some events: lowest and highest WAL offset, lowest and highest timestamp.
 *
 * <p>Events that come late only widen it. Mutable; not thread-safe.
 */
final class EventZone {

  // Offsets have their highest bit turned, so that signed comparisons order them as unsigned.
  private long minTurned = Long.MAX_VALUE;
  private long maxTurned = Long.MIN_VALUE;
  private long minTimestampNs = Long.MAX_VALUE;
  private long maxTimestampNs = Long.MIN_VALUE;

  /** Becomes the zone of no event. */
  void reset() {
    minTurned = Long.MAX_VALUE;
    maxTurned = Long.MIN_VALUE;
    minTimestampNs = Long.MAX_VALUE;
    maxTimestampNs = Long.MIN_VALUE;
  }

  /** Takes in an event. */
  void add(long walOffset, long timestampNs) {
    long turned = walOffset ^ Long.MIN_VALUE;
    minTurned = Math.min(minTurned, turned);
    maxTurned = Math.max(maxTurned, turned);
    minTimestampNs = Math.min(minTimestampNs, timestampNs);
    maxTimestampNs = Math.max(maxTimestampNs, timestampNs);
  }

  /** Takes in the events of another zone. */
  void add(EventZone other) {
    minTurned = Math.min(minTurned, other.minTurned);
    maxTurned = Math.max(maxTurned, other.maxTurned);
    minTimestampNs = Math.min(minTimestampNs, other.minTimestampNs);
    maxTimestampNs = Math.max(maxTimestampNs, other.maxTimestampNs);
  }

  /** Takes in the events of a page by its bounds. */
  void add(EventCursor page) {
    add(page.minOffset(), page.minTimestampNs());
    add(page.maxOffset(), page.maxTimestampNs());
  }

  /** Returns whether both have the same bounds. */
  boolean sameAs(EventZone other) {
    return minTurned == other.minTurned
        && maxTurned == other.maxTurned
        && minTimestampNs == other.minTimestampNs
        && maxTimestampNs == other.maxTimestampNs;
  }

  long minOffset() {
    return minTurned ^ Long.MIN_VALUE;
  }

  long maxOffset() {
    return maxTurned ^ Long.MIN_VALUE;
  }

  long minTimestampNs() {
    return minTimestampNs;
  }

  long maxTimestampNs() {
    return maxTimestampNs;
  }
}
