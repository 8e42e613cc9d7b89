package io.tidemark.segment;

import io.tidemark.block.BlockEventType;

/**
 * Walks the changed blocks of one segment in unsigned order of ids, with where and when each
 * changed.
 *
 * <p>Stands before the first block when it is made. Not thread-safe.
 */
public final class ChangeCursor {
  private final IdDirectory.Cursor ids;
  private final PackedColumns rows;
  private final int generation;
  private int row = -1;
  private long kinds;

  ChangeCursor(SegmentPayload payload) {
    this.ids = payload.directory().cursor();
    this.rows = payload.rows();
    this.generation = payload.generation();
  }

  /** Moves to the next block; returns false at the end. */
  public boolean next() {
    while (ids.next()) {
      row = ids.row();
      kinds = rows.get(RowColumns.KINDS, row);
      if (RowColumns.hasChange(kinds)) {
        return true;
      }
    }
    return false;
  }

  /** Returns the block's id. */
  public long blockId() {
    return ids.blockId();
  }

  /** Returns the generation of its first change. */
  public int firstGeneration() {
    return lastGeneration() + (int) rows.get(RowColumns.FIRST_GENERATION, row);
  }

  /** Returns the WAL offset of its first change. */
  public long firstOffset() {
    return lastOffset() - rows.get(RowColumns.SPAN, row);
  }

  /** Returns the generation of its last change. */
  public int lastGeneration() {
    return generation + (int) rows.get(RowColumns.LAST_GENERATION, row);
  }

  /** Returns the WAL offset of its last change. */
  public long lastOffset() {
    return rows.get(RowColumns.LAST, row);
  }

  /** Returns the timestamp of its last change, ns. */
  public long lastTimestampNs() {
    return rows.get(RowColumns.TIMESTAMP, row) ^ Long.MIN_VALUE;
  }

  /** Returns the lowest timestamp of its changes, ns. */
  public long minTimestampNs() {
    return lastTimestampNs() - rows.get(RowColumns.BELOW, row);
  }

  /** Returns the highest timestamp of its changes, ns. */
  public long maxTimestampNs() {
    return lastTimestampNs() + rows.get(RowColumns.ABOVE, row);
  }

  /** Returns whether it was created in the segment. */
  public boolean isCreated() {
    return RowColumns.hasCreate(kinds);
  }

  /** Returns whether it was deleted in the segment. */
  public boolean isDeleted() {
    return RowColumns.hasDelete(kinds);
  }

  /** Returns the generation of its last CREATE; meaningless if it was not created. */
  public int createdGeneration() {
    return lastGeneration() + (int) rows.get(RowColumns.CREATE_GENERATION, row);
  }

  /** Returns the WAL offset of its last CREATE; meaningless if it was not created. */
  public long createdOffset() {
    return firstOffset() + rows.get(RowColumns.CREATE, row);
  }

  /** Returns the generation of its last DELETE; meaningless if it was not deleted. */
  public int deletedGeneration() {
    return lastGeneration() + (int) rows.get(RowColumns.DELETE_GENERATION, row);
  }

  /** Returns the WAL offset of its last DELETE; meaningless if it was not deleted. */
  public long deletedOffset() {
    return lastOffset() - rows.get(RowColumns.DELETE, row);
  }

  /** Returns the type of its last change. */
  public BlockEventType lastType() {
    return RowColumns.lastType(kinds);
  }
}
