package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import java.util.Arrays;

/**
 * Block events in order of arrival, in pages that are only appended to.
 *
 * <p>No allocation per event once the pool has pages. Written by one thread; images of it may be
 * read by any.
 */
final class OpenEvents {
  private static final int INITIAL_PAGES = 16;

  private final EventPagePool pool;
  private EventPage[] pages = new EventPage[INITIAL_PAGES];
  private int fullPages;
  private EventPage current;
  private int used;
  private final EventZone fullZone = new EventZone();

  OpenEvents(EventPagePool pool) {
    this.pool = pool;
    this.current = pool.take();
    this.pages[0] = current;
  }

  void add(BlockEventType type, long blockId, long walOffset, long timestampNs) {
    if (used == EventCursor.PAGE_EVENTS) {
      turn();
    }
    current.blockIds[used] = blockId;
    current.walOffsets[used] = walOffset;
    current.timestampsNs[used] = timestampNs;
    current.types[used] = (byte) type.code();
    current.zone.add(walOffset, timestampNs);
    used++;
  }

  private void turn() {
    fullZone.add(current.zone);
    fullPages++;
    if (fullPages == pages.length) {
      pages = Arrays.copyOf(pages, Math.multiplyExact(fullPages, 2));
    }
    current = pool.take();
    pages[fullPages] = current;
    used = 0;
  }

  int size() {
    return fullPages * EventCursor.PAGE_EVENTS + used;
  }

  /** Returns the events so far; later ones do not show in it. Costs the same however many. */
  EventImage image() {
    EventZone ofCurrent = new EventZone();
    ofCurrent.add(current.zone);
    EventZone ofAll = new EventZone();
    ofAll.add(fullZone);
    ofAll.add(current.zone);
    return new EventImage(pages, size(), ofCurrent, ofAll);
  }

  /** Gives all pages back: neither this nor any image of it may be used any more. */
  void release() {
    for (int i = 0; i <= fullPages; i++) {
      pool.give(pages[i]);
    }
    pages = new EventPage[0];
  }
}
