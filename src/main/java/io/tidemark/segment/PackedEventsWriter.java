package io.tidemark.segment;

import java.io.IOException;
import java.util.Arrays;

/**
 * Writes changes in order of arrival as packed pages, and notes the zone of each; layout in {@link
 * PackedEvents}.
 *
 * <p>Full pages that lie packed already are copied byte for byte. Holds one page and the directory.
 * Used once, by one thread.
 */
final class PackedEventsWriter {
  private static final int INITIAL_PAGES = 64;

  private final SectionOutput out;
  private final EventPageWriter packer;

  // What came in pages that were not full, until a page of it is.
  private final EventPage collected = new EventPage();
  private int collectedCount;

  private int[] offsets = new int[INITIAL_PAGES];
  private int[] counts = new int[INITIAL_PAGES];
  private EventZone[] zones = new EventZone[INITIAL_PAGES];
  private int pages;

  /** Begins the section of pages. */
  PackedEventsWriter(SectionOutput out) {
    this.out = out;
    this.packer = new EventPageWriter(out);
  }

  /** Writes all changes of a source behind those before. */
  void add(EventCursor page) throws IOException {
    while (page.next()) {
      if (!collect(page)) {
        note(page);
        packer.write(
            page.blockIds(), page.walOffsets(), page.timestampsNs(), page.types(), page.count());
      }
    }
  }

  /** The same for pages that lie packed; the full ones are copied. */
  void add(PackedEvents.Cursor page) throws IOException {
    while (page.next()) {
      if (!collect(page)) {
        note(page);
        page.copyTo(out);
      }
    }
  }

  /** Takes a page in with what was collected, if it is not full; returns whether it did. */
  private boolean collect(EventCursor page) throws IOException {
    int count = page.count();
    if (collectedCount + count > EventCursor.PAGE_EVENTS) {
      writeCollected();
    }
    if (count == EventCursor.PAGE_EVENTS) {
      return false;
    }
    System.arraycopy(page.blockIds(), 0, collected.blockIds, collectedCount, count);
    System.arraycopy(page.walOffsets(), 0, collected.walOffsets, collectedCount, count);
    System.arraycopy(page.timestampsNs(), 0, collected.timestampsNs, collectedCount, count);
    System.arraycopy(page.types(), 0, collected.types, collectedCount, count);
    collected.zone.add(page);
    collectedCount += count;
    return true;
  }

  private void writeCollected() throws IOException {
    if (collectedCount > 0) {
      EventZone zone = new EventZone();
      zone.add(collected.zone);
      note(collectedCount, zone);
      packer.write(
          collected.blockIds,
          collected.walOffsets,
          collected.timestampsNs,
          collected.types,
          collectedCount);
      collected.zone.reset();
      collectedCount = 0;
    }
  }

  private void note(EventCursor page) {
    EventZone zone = new EventZone();
    zone.add(page);
    note(page.count(), zone);
  }

  private void note(int count, EventZone zone) {
    if (pages == offsets.length) {
      int capacity = Math.multiplyExact(pages, 2);
      offsets = Arrays.copyOf(offsets, capacity);
      counts = Arrays.copyOf(counts, capacity);
      zones = Arrays.copyOf(zones, capacity);
    }
    offsets[pages] = Math.toIntExact(out.length());
    counts[pages] = count;
    zones[pages] = zone;
    pages++;
  }

  /** Writes what is left and ends the section. */
  void finish() throws IOException {
    writeCollected();
    out.putLong(0);
  }

  /** Writes where each page lies and its zone. */
  void writePages() throws IOException {
    for (int page = 0; page < pages; page++) {
      out.putInt(offsets[page]);
      out.putInt(counts[page]);
      writeZone(zones[page]);
    }
  }

  /** Writes the zone of each group of pages. */
  void writeGroups() throws IOException {
    for (int first = 0; first < pages; first += PackedEvents.GROUP_PAGES) {
      EventZone group = new EventZone();
      for (int page = first; page < Math.min(pages, first + PackedEvents.GROUP_PAGES); page++) {
        group.add(zones[page]);
      }
      writeZone(group);
    }
  }

  private void writeZone(EventZone zone) throws IOException {
    out.putLong(zone.minOffset());
    out.putLong(zone.maxOffset());
    out.putLong(zone.minTimestampNs());
    out.putLong(zone.maxTimestampNs());
  }
}
