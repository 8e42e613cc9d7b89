package io.tidemark.segment;

import java.util.ArrayDeque;

/**
 * Pages that nobody uses any more, for the next segments.
 *
 * <p>It holds what was given back: two open segments at most, less if it is told so. Used by the
 * tracker's thread.
 */
final class EventPagePool {
  private final ArrayDeque<EventPage> free = new ArrayDeque<>();
  private int pagesMax = Integer.MAX_VALUE;

  /** Lets go of what is more than so many pages, now and later. */
  void keepAtMost(int pages) {
    pagesMax = pages;
    while (free.size() > pagesMax) {
      free.pop();
    }
  }

  /** Returns an empty page. */
  EventPage take() {
    EventPage page = free.poll();
    return page == null ? new EventPage() : page;
  }

  /** Takes a page back that nobody reads any more. */
  void give(EventPage page) {
    if (free.size() < pagesMax) {
      page.zone.reset();
      free.push(page);
    }
  }
}
