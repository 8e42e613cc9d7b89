package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.storage.MappedBitmap;
import java.nio.ByteBuffer;

/**
 * Walks the changed blocks of one segment in unsigned order of ids, with where and when each
 * changed.
 *
 * <p>Stands before the first block when it is made. Not thread-safe.
 */
public final class ChangeCursor {
  private final MappedBitmap.Cursor ids;
  private final MappedBitmap created;
  private final MappedBitmap deleted;
  private final ByteBuffer columns;
  private final ByteBuffer starts;
  private final ByteBuffer events;
  private final int changedCount;
  private final int eventCount;
  private int index = -1;
  private long blockId;

  ChangeCursor(
      MappedBitmap.Cursor ids,
      MappedBitmap created,
      MappedBitmap deleted,
      ByteBuffer columns,
      ByteBuffer starts,
      ByteBuffer events,
      int changedCount,
      int eventCount) {
    this.ids = ids;
    this.created = created;
    this.deleted = deleted;
    this.columns = columns;
    this.starts = starts;
    this.events = events;
    this.changedCount = changedCount;
    this.eventCount = eventCount;
  }

  /** Moves to the next block; returns false at the end. */
  public boolean next() {
    if (!ids.hasNext()) {
      return false;
    }
    blockId = ids.next();
    index++;
    return true;
  }

  /** Returns the block's id. */
  public long blockId() {
    return blockId;
  }

  /** Returns the WAL offset of its first change. */
  public long firstOffset() {
    return column(0);
  }

  /** Returns the WAL offset of its last change. */
  public long lastOffset() {
    return column(1);
  }

  /** Returns the timestamp of its last change, ns. */
  public long lastTimestampNs() {
    return column(2);
  }

  /** Returns the lowest timestamp of its changes, ns. */
  public long minTimestampNs() {
    return column(3);
  }

  /** Returns the highest timestamp of its changes, ns. */
  public long maxTimestampNs() {
    return column(4);
  }

  private long column(int column) {
    return columns.getLong((column * changedCount + index) * Long.BYTES);
  }

  /** Returns whether it was created in the segment. */
  public boolean isCreated() {
    return created.contains(blockId);
  }

  /** Returns whether it was deleted in the segment. */
  public boolean isDeleted() {
    return deleted.contains(blockId);
  }

  /** Returns the type of its last change. */
  public BlockEventType lastType() {
    return eventType(eventEnd() - 1);
  }

  /** Returns the index of the block's first event. */
  public int eventStart() {
    return starts.getInt(index * Integer.BYTES);
  }

  /** Returns the index behind the block's last event. */
  public int eventEnd() {
    return starts.getInt((index + 1) * Integer.BYTES);
  }

  /** Returns the WAL offset of an event. */
  public long eventOffset(int event) {
    return events.getLong(event * Long.BYTES);
  }

  /** Returns the timestamp of an event, ns. */
  public long eventTimestampNs(int event) {
    return events.getLong((eventCount + event) * Long.BYTES);
  }

  /** Returns the type of an event. */
  public BlockEventType eventType(int event) {
    return BlockEventType.ofCode(events.get(2 * eventCount * Long.BYTES + event));
  }
}
