package io.tidemark.tracker;

import io.tidemark.segment.EventCursor;
import io.tidemark.segment.ZoneFilter;

/**
 * The part of a range that lies in one generation of the log: offsets and timestamps, both closed.
 *
 * <p>Immutable.
 */
final class GenerationFilter implements ZoneFilter {

  // Offsets have their highest bit turned, so that signed comparisons order them as unsigned.
  private final long firstTurned;
  private final long lastTurned;
  private final long firstNs;
  private final long lastNs;

  GenerationFilter(long firstOffset, long lastOffset, long firstNs, long lastNs) {
    this.firstTurned = firstOffset ^ Long.MIN_VALUE;
    this.lastTurned = lastOffset ^ Long.MIN_VALUE;
    this.firstNs = firstNs;
    this.lastNs = lastNs;
  }

  @Override
  public boolean meets(long minOffset, long maxOffset, long minTimestampNs, long maxTimestampNs) {
    return (maxOffset ^ Long.MIN_VALUE) >= firstTurned
        && (minOffset ^ Long.MIN_VALUE) <= lastTurned
        && maxTimestampNs >= firstNs
        && minTimestampNs <= lastNs;
  }

  /** Whether every change of a page lies in the range. */
  boolean acceptsAll(EventCursor page) {
    return accepts(page.minOffset(), page.minTimestampNs())
        && accepts(page.maxOffset(), page.maxTimestampNs());
  }

  /** Whether one change lies in the range. */
  boolean accepts(long walOffset, long timestampNs) {
    long turned = walOffset ^ Long.MIN_VALUE;
    return turned >= firstTurned
        && turned <= lastTurned
        && timestampNs >= firstNs
        && timestampNs <= lastNs;
  }
}
