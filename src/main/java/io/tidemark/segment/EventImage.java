package io.tidemark.segment;

/**
 * The events that were in an open segment at one moment, in order of arrival.
 *
 * <p>Immutable; any number of threads may read.
 */
final class EventImage {

  /*
   * The pages are those of the open segment, which goes on writing behind what is seen here. Full
   * pages do not change; the last one is seen as far as it was filled, with its zone of then.
   */

  private static final int PAGE_SHIFT = Integer.numberOfTrailingZeros(EventCursor.PAGE_EVENTS);
  private static final int PAGE_MASK = EventCursor.PAGE_EVENTS - 1;

  private final EventPage[] pages;
  private final int size;
  private final EventZone lastZone;
  private final EventZone zone;

  EventImage(EventPage[] pages, int size, EventZone lastZone, EventZone zone) {
    this.pages = pages;
    this.size = size;
    this.lastZone = lastZone;
    this.zone = zone;
  }

  int size() {
    return size;
  }

  /** Returns how many pages the events take. */
  int pageCount() {
    return (size + PAGE_MASK) >>> PAGE_SHIFT;
  }

  /** Returns the pages, and maybe more behind them. */
  EventPage[] pages() {
    return pages;
  }

  /** Returns the bounds of all events; meaningless if there is none. */
  EventZone zone() {
    return zone;
  }

  long blockId(int event) {
    return pages[event >>> PAGE_SHIFT].blockIds[event & PAGE_MASK];
  }

  long walOffset(int event) {
    return pages[event >>> PAGE_SHIFT].walOffsets[event & PAGE_MASK];
  }

  long timestampNs(int event) {
    return pages[event >>> PAGE_SHIFT].timestampsNs[event & PAGE_MASK];
  }

  byte typeCode(int event) {
    return pages[event >>> PAGE_SHIFT].types[event & PAGE_MASK];
  }

  /** Copies the ids of all events, from an index of the array on. */
  void copyBlockIds(long[] into, int from) {
    for (int first = 0; first < size; first += EventCursor.PAGE_EVENTS) {
      int count = Math.min(EventCursor.PAGE_EVENTS, size - first);
      System.arraycopy(pages[first >>> PAGE_SHIFT].blockIds, 0, into, from + first, count);
    }
  }

  /** Returns a cursor over the pages that a filter wants. */
  EventCursor cursor(ZoneFilter filter) {
    return new Cursor(filter);
  }

  private final class Cursor implements EventCursor {
    private final ZoneFilter filter;
    private int index = -1;
    private EventZone pageZone = lastZone;

    Cursor(ZoneFilter filter) {
      this.filter = filter;
    }

    @Override
    public boolean next() {
      while ((index + 1) << PAGE_SHIFT < size) {
        index++;
        boolean isLast = (index + 1) << PAGE_SHIFT >= size;
        pageZone = isLast ? lastZone : pages[index].zone;
        if (filter.meets(minOffset(), maxOffset(), minTimestampNs(), maxTimestampNs())) {
          return true;
        }
      }
      return false;
    }

    @Override
    public int count() {
      return Math.min(PAGE_EVENTS, size - (index << PAGE_SHIFT));
    }

    @Override
    public long minOffset() {
      return pageZone.minOffset();
    }

    @Override
    public long maxOffset() {
      return pageZone.maxOffset();
    }

    @Override
    public long minTimestampNs() {
      return pageZone.minTimestampNs();
    }

    @Override
    public long maxTimestampNs() {
      return pageZone.maxTimestampNs();
    }

    @Override
    public long[] blockIds() {
      return pages[index].blockIds;
    }

    @Override
    public long[] walOffsets() {
      return pages[index].walOffsets;
    }

    @Override
    public long[] timestampsNs() {
      return pages[index].timestampsNs;
    }

    @Override
    public byte[] types() {
      return pages[index].types;
    }
  }
}
