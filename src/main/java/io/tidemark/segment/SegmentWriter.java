package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes the payload of a segment or base file, one section after another.
 *
 * <p>Memory does not depend on the number of rows. Used once, by one thread.
 */
final class SegmentWriter {
  private final SegmentContent content;
  private final SectionOutput out;
  private int minGeneration = -1;
  private int maxGeneration;
  private long minOffset = -1;
  private long maxOffset;
  private long minTimestampNs = Long.MAX_VALUE;
  private long maxTimestampNs = Long.MIN_VALUE;
  private int rows;
  private long changed;
  private long listed;

  private SegmentWriter(SegmentContent content, OutputStream out) {
    this.content = content;
    this.out = new SectionOutput(out, SegmentDescriptor.SECTIONS);
  }

  /** Writes a whole payload. */
  static void write(SegmentContent content, OutputStream out) throws IOException {
    SegmentWriter writer = new SegmentWriter(content, out);
    writer.writeBitmaps();
    writer.writeRows();
    writer.writeEvents();
    writer.out.begin();
    content.writeControl(writer.out);
    writer.out.end(SegmentDescriptor.CONTROL);
    writer.writeTrailer();
  }

  private void writeBitmaps() throws IOException {
    PortableBitmapWriter touched =
        new PortableBitmapWriter(out, () -> content.ids(SegmentDescriptor.TOUCHED));
    touched.write(SegmentDescriptor.TOUCHED);
    touched.writeDirectory(SegmentDescriptor.CONTAINERS);
    rows = touched.count();
    for (int section = SegmentDescriptor.CHANGED; section <= SegmentDescriptor.FLUSHED; section++) {
      int bitmap = section;
      if (!content.hasBitmaps()) {
        out.begin();
        out.end(bitmap);
      } else if (count(content.ids(bitmap)) == rows) {
        out.alias(bitmap, SegmentDescriptor.TOUCHED);
      } else {
        new PortableBitmapWriter(out, () -> content.ids(bitmap)).write(bitmap);
      }
    }
  }

  private static long count(ContainerSource ids) {
    long count = 0;
    while (ids.next()) {
      count += ids.count();
    }
    return count;
  }

  private void writeRows() throws IOException {
    PackedColumnsWriter columns =
        new PackedColumnsWriter(out, RowColumns.COLUMNS, SegmentDescriptor.ROWS_PER_PAGE);
    int generation = content.generation();
    boolean hasEventLists = content.hasEventLists();
    RowCursor cursor = content.rows();
    out.begin();
    while (cursor.next()) {
      BlockRow row = cursor.row();
      RowColumns.write(row, generation, listed, columns);
      columns.endRow();
      if (row.hasChange()) {
        changed++;
        listed += hasEventLists ? row.eventCount() - 1 : 0;
        bound(row);
      }
    }
    columns.finish();
    out.end(SegmentDescriptor.ROWS);
    out.begin();
    columns.writePageOffsets();
    out.end(SegmentDescriptor.ROW_PAGES);
  }

  private void bound(BlockRow row) {
    if (WalPosition.compare(row.firstGeneration(), row.firstOffset(), minGeneration, minOffset)
        < 0) {
      minGeneration = row.firstGeneration();
      minOffset = row.firstOffset();
    }
    if (WalPosition.compare(row.lastGeneration(), row.lastOffset(), maxGeneration, maxOffset) > 0) {
      maxGeneration = row.lastGeneration();
      maxOffset = row.lastOffset();
    }
    minTimestampNs = Math.min(minTimestampNs, row.minTimestampNs());
    maxTimestampNs = Math.max(maxTimestampNs, row.maxTimestampNs());
  }

  private void writeEvents() throws IOException {
    PackedColumnsWriter columns =
        new PackedColumnsWriter(
            out, SegmentDescriptor.EVENT_COLUMNS, SegmentDescriptor.EVENTS_PER_PAGE);
    out.begin();
    if (listed > 0) {
      EventLists lists = new EventLists(columns);
      RowCursor cursor = content.rows();
      while (cursor.next()) {
        if (cursor.row().hasChange()) {
          lists.begin(cursor.row().eventCount());
          cursor.forEachEvent(lists);
        }
      }
    }
    columns.finish();
    out.end(SegmentDescriptor.EVENTS);
    out.begin();
    columns.writePageOffsets();
    out.end(SegmentDescriptor.EVENT_PAGES);
  }

  /** Writes all events of a block but the last, which its row holds. */
  private static final class EventLists implements RowCursor.EventHandler {
    private final PackedColumnsWriter columns;
    private long left;

    EventLists(PackedColumnsWriter columns) {
      this.columns = columns;
    }

    void begin(long count) {
      assert left == 0 : "events are missing: left=" + left;
      left = count;
    }

    @Override
    public void onEvent(BlockEventType type, long walOffset, long timestampNs) throws IOException {
      left--;
      if (left > 0) {
        columns.set(SegmentDescriptor.EVENT_OFFSET, walOffset);
        columns.set(SegmentDescriptor.EVENT_TIMESTAMP, timestampNs ^ Long.MIN_VALUE);
        columns.set(SegmentDescriptor.EVENT_TYPE, type.code());
        columns.endRow();
      }
    }
  }

  private void writeTrailer() throws IOException {
    boolean hasChange = changed > 0;
    WalPosition flushAll = content.flushAll();
    int flags = flushAll != null ? SegmentDescriptor.FLAG_FLUSH_ALL : 0;
    flags |= content.hasEventLists() ? SegmentDescriptor.FLAG_EVENT_LISTS : 0;
    out.begin();
    out.putInt(content.generation());
    out.putInt(flags);
    out.putLong(flushAll == null ? 0 : flushAll.walOffset());
    out.putInt(flushAll == null ? 0 : flushAll.generation());
    out.putInt(0);
    out.putInt(hasChange ? minGeneration : 0);
    out.putInt(maxGeneration);
    out.putLong(hasChange ? minOffset : 0);
    out.putLong(maxOffset);
    out.putLong(hasChange ? minTimestampNs : 0);
    out.putLong(hasChange ? maxTimestampNs : 0);
    out.putLong(rows);
    out.putLong(changed);
    out.putLong(content.eventCount());
    out.putLong(listed);
    out.putLong(content.nextBlockId());
    out.directory();
    out.putInt(out.crc());
    out.putInt(0);
    out.flush();
  }
}
