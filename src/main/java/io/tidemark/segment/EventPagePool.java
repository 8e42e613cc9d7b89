package io.tidemark.segment;

import java.util.ArrayDeque;

/**
 * Pages that nobody uses any more, for the next segments.
 *
 * <p>It holds what was given back: two open segments at most. Used by the tracker's thread.
 */
final class EventPagePool {
  private final ArrayDeque<EventPage> free = new ArrayDeque<>();

  /** Returns an empty page. */
  EventPage take() {
    EventPage page = free.poll();
    return page == null ? new EventPage() : page;
  }

  /** Takes a page back that nobody reads any more. */
  void give(EventPage page) {
    page.zone.reset();
    free.push(page);
  }
}
