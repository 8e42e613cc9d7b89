package io.tidemark.segment;

/** Walks the rows of one payload. */
final class SegmentRows implements RowCursor {
  private final IdDirectory.Cursor ids;
  private final PackedColumns rows;
  private final int generation;
  private final long lastId;
  private final BlockRow row = new BlockRow();

  /** Walks all rows. */
  SegmentRows(SegmentPayload payload) {
    this(payload, 0, -1);
  }

  /** Walks the rows of a closed range of ids. */
  SegmentRows(SegmentPayload payload, long firstId, long lastId) {
    this.ids = payload.directory().cursor();
    this.rows = payload.rows();
    this.generation = payload.generation();
    this.lastId = lastId;
    ids.seek(firstId);
  }

  @Override
  public boolean next() {
    if (!ids.next() || Long.compareUnsigned(ids.blockId(), lastId) > 0) {
      return false;
    }
    RowColumns.read(rows, ids.row(), ids.blockId(), generation, row);
    return true;
  }

  @Override
  public BlockRow row() {
    return row;
  }
}
