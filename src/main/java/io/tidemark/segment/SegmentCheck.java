package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.errors.CorruptFileException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Folds the changes of a segment again and compares its rows and bounds with them.
 *
 * <p>Memory does not grow with the segment. Used once, by one thread.
 */
public final class SegmentCheck {

  /*
   * Changes lie in order of arrival, rows in order of ids. So the changes are walked once for each
   * stretch of rows.
   */

  /** Rows that are folded at a time: some 40 MiB. */
  private static final int ROWS_PER_WALK = 1 << 17;

  private final ChangeSegment segment;
  private final SegmentPayload payload;
  private final PackedEvents events;
  private final IdDirectory directory;
  private final BlockRow[] folded;

  private SegmentCheck(ChangeSegment segment) {
    this.segment = segment;
    this.payload = segment.payload();
    this.events = payload.events();
    this.directory = payload.directory();
    this.folded = new BlockRow[Math.min(payload.rowCount(), ROWS_PER_WALK)];
    Arrays.setAll(folded, i -> new BlockRow());
  }

  /**
   * Returns the first thing that rows and changes say differently, in words; null if they agree.
   *
   * @param segment one whose changes are known by themselves
   */
  public static @Nullable String difference(ChangeSegment segment) {
    try {
      SegmentCheck check = new SegmentCheck(segment);
      String found = check.bounds();
      return found != null ? found : check.rows();
    } catch (CorruptFileException e) {
      return e.getMessage();
    }
  }

  /** Compares the bounds of pages, groups and the segment with those of the changes. */
  private @Nullable String bounds() {
    EventZone all = new EventZone();
    EventZone group = new EventZone();
    long count = 0;
    int page = 0;
    EventCursor cursor = events.cursor(ZoneFilter.ALL);
    while (cursor.next()) {
      EventZone zone = zoneOf(cursor);
      EventZone stored = new EventZone();
      stored.add(cursor);
      if (!zone.sameAs(stored)) {
        return "bounds of a page are not those of its changes: page=" + page;
      }
      group.add(zone);
      all.add(zone);
      count += cursor.count();
      page++;
      boolean isLastOfGroup = page % PackedEvents.GROUP_PAGES == 0 || page == events.pageCount();
      if (isLastOfGroup) {
        int index = (page - 1) / PackedEvents.GROUP_PAGES;
        if (!group.sameAs(events.groupZone(index))) {
          return "bounds of a group are not those of its pages: group=" + index;
        }
        group.reset();
      }
    }
    if (page != events.pageCount()) {
      return "bounds of a group hide pages: expected=" + events.pageCount() + ", actual=" + page;
    }
    if (count != segment.eventCount()) {
      return "wrong number of changes: expected=" + segment.eventCount() + ", actual=" + count;
    }
    boolean isSame =
        count == 0
            || (all.minOffset() == segment.minWalOffset()
                && all.maxOffset() == segment.maxWalOffset()
                && all.minTimestampNs() == segment.minTimestampNs()
                && all.maxTimestampNs() == segment.maxTimestampNs());
    return isSame ? null : "bounds of the segment are not those of its changes";
  }

  private static EventZone zoneOf(EventCursor page) {
    EventZone zone = new EventZone();
    long[] offsets = page.walOffsets();
    long[] timestampsNs = page.timestampsNs();
    for (int i = 0; i < page.count(); i++) {
      zone.add(offsets[i], timestampsNs[i]);
    }
    return zone;
  }

  private @Nullable String rows() {
    SegmentRows stored = new SegmentRows(payload);
    IdDirectory.Cursor ids = directory.cursor();
    int changed = 0;
    long firstId = 0;
    for (int first = 0; first < payload.rowCount(); first += folded.length) {
      int count = Math.min(folded.length, payload.rowCount() - first);
      for (int i = 0; i < count; i++) {
        ids.next();
      }
      boolean isLast = first + count == payload.rowCount();
      long lastId = isLast ? -1 : ids.blockId();
      String stray = fold(first, firstId, lastId);
      firstId = lastId + 1;
      if (stray != null) {
        return stray;
      }
      for (int i = 0; i < count && stored.next(); i++) {
        BlockRow row = stored.row();
        changed += row.hasChange() ? 1 : 0;
        if (!folded[i].hasSameChanges(row)) {
          return "row and changes differ: block=" + Long.toUnsignedString(row.blockId());
        }
      }
    }
    return changed == segment.changedCount()
        ? null
        : "wrong number of blocks: expected=" + segment.changedCount() + ", actual=" + changed;
  }

  /** Folds the changes of a closed range of ids; returns what is wrong with them, if anything. */
  private @Nullable String fold(int firstRow, long firstId, long lastId) {
    for (BlockRow row : folded) {
      row.reset(0);
    }
    EventCursor page = events.cursor(ZoneFilter.ALL);
    while (page.next()) {
      long[] ids = page.blockIds();
      for (int i = 0; i < page.count(); i++) {
        if (Long.compareUnsigned(ids[i], firstId) < 0 || Long.compareUnsigned(ids[i], lastId) > 0) {
          continue;
        }
        int row = directory.find(ids[i]);
        if (row < 0) {
          return "change of a block without a row: block=" + Long.toUnsignedString(ids[i]);
        }
        folded[row - firstRow].fold(
            BlockEventType.ofCode(page.types()[i]),
            segment.generation(),
            page.walOffsets()[i],
            page.timestampsNs()[i]);
      }
    }
    return null;
  }
}
