package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import java.io.IOException;

/** Walks the rows of one payload. */
final class SegmentRows implements RowCursor {
  private final IdDirectory.Cursor ids;
  private final PackedColumns rows;
  private final PackedColumns events;
  private final int generation;
  private final boolean hasEventLists;
  private final long lastId;
  private final BlockRow row = new BlockRow();
  private int listedStart;
  private int listedEnd;

  /** Walks all rows. */
  SegmentRows(SegmentPayload payload) {
    this(payload, 0, -1);
  }

  /** Walks the rows of a closed range of ids. */
  SegmentRows(SegmentPayload payload, long firstId, long lastId) {
    this.ids = payload.directory().cursor();
    this.rows = payload.rows();
    this.events = payload.events();
    this.generation = payload.generation();
    this.hasEventLists = payload.hasEventLists();
    this.lastId = lastId;
    ids.seek(firstId);
  }

  @Override
  public boolean next() {
    if (!ids.next() || Long.compareUnsigned(ids.blockId(), lastId) > 0) {
      return false;
    }
    RowColumns.read(rows, ids.row(), ids.blockId(), generation, row);
    if (hasEventLists) {
      listedStart = listed(ids.row());
      listedEnd = listed(ids.row() + 1);
      row.setEventCount(row.hasChange() ? listedEnd - listedStart + 1L : 0);
    }
    return true;
  }

  private int listed(int index) {
    return index == rows.rows() ? events.rows() : (int) rows.get(RowColumns.LISTED, index);
  }

  @Override
  public BlockRow row() {
    return row;
  }

  /** Returns the number of the row's listed events. */
  int listedCount() {
    return listedEnd - listedStart;
  }

  /** Returns the WAL offset of a change: of a listed one, or behind them of the last. */
  long eventOffset(int index) {
    return index == listedCount()
        ? row.lastOffset()
        : events.get(SegmentDescriptor.EVENT_OFFSET, listedStart + index);
  }

  /** Returns the timestamp of a change, ns. */
  long eventTimestampNs(int index) {
    return index == listedCount()
        ? row.lastTimestampNs()
        : events.get(SegmentDescriptor.EVENT_TIMESTAMP, listedStart + index) ^ Long.MIN_VALUE;
  }

  /** Returns the type of a change. */
  BlockEventType eventType(int index) {
    return index == listedCount()
        ? row.lastType()
        : BlockEventType.ofCode(
            (int) events.get(SegmentDescriptor.EVENT_TYPE, listedStart + index));
  }

  @Override
  public void forEachEvent(EventHandler handler) throws IOException {
    for (int i = 0; i <= listedCount(); i++) {
      handler.onEvent(eventType(i), eventOffset(i), eventTimestampNs(i));
    }
  }
}
