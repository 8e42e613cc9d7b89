package io.tidemark.segment;

/**
 * Room in memory for {@link EventCursor#PAGE_EVENTS} events, and the zone of those that are in it.
 *
 * <p>Written by one thread. Others may read the events that they learned of from it, while it
 * writes more behind them.
 */
final class EventPage {
  final long[] blockIds = new long[EventCursor.PAGE_EVENTS];
  final long[] walOffsets = new long[EventCursor.PAGE_EVENTS];
  final long[] timestampsNs = new long[EventCursor.PAGE_EVENTS];
  final byte[] types = new byte[EventCursor.PAGE_EVENTS];

  /** Changes until the page is full: until then only the writing thread may look. */
  final EventZone zone = new EventZone();
}
