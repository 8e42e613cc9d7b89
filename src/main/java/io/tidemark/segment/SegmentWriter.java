package io.tidemark.segment;

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
    RowCursor cursor = content.rows();
    out.begin();
    while (cursor.next()) {
      BlockRow row = cursor.row();
      RowColumns.write(row, generation, columns);
      columns.endRow();
      if (row.hasChange()) {
        changed++;
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
    out.begin();
    PackedEventsWriter events = new PackedEventsWriter(out);
    if (content.hasEvents()) {
      content.writeEvents(events);
    }
    events.finish();
    out.end(SegmentDescriptor.EVENTS);
    out.begin();
    events.writePages();
    out.end(SegmentDescriptor.EVENT_PAGES);
    out.begin();
    events.writeGroups();
    out.end(SegmentDescriptor.EVENT_GROUPS);
  }

  private void writeTrailer() throws IOException {
    boolean hasChange = changed > 0;
    WalPosition flushAll = content.flushAll();
    int flags = flushAll != null ? SegmentDescriptor.FLAG_FLUSH_ALL : 0;
    flags |= content.hasEvents() ? SegmentDescriptor.FLAG_EVENTS : 0;
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
    out.putLong(content.nextBlockId());
    out.directory();
    out.putInt(out.crc());
    out.putInt(0);
    out.flush();
  }
}
