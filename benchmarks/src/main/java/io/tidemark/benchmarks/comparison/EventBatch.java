package io.tidemark.benchmarks.comparison;

import java.nio.ByteBuffer;

/**
 * Some events that are applied together, in columns.
 *
 * <p>Filled again and again; used by one thread.
 */
final class EventBatch {
  /** Events of a full batch. */
  static final int CAPACITY = 512;

  /** Bytes of an event in {@link #writeTo}: id, WAL offset, timestamp, whether it deletes. */
  static final int EVENT_LENGTH = 3 * Long.BYTES + 1;

  private final long[] ids = new long[CAPACITY];
  private final long[] offsets = new long[CAPACITY];
  private final long[] timesNs = new long[CAPACITY];
  private final boolean[] deletes = new boolean[CAPACITY];
  private int size;

  void clear() {
    size = 0;
  }

  void add(long blockId, long walOffset, long timestampNs, boolean isDelete) {
    ids[size] = blockId;
    offsets[size] = walOffset;
    timesNs[size] = timestampNs;
    deletes[size] = isDelete;
    size++;
  }

  int size() {
    return size;
  }

  long blockId(int index) {
    return ids[index];
  }

  long walOffset(int index) {
    return offsets[index];
  }

  long timestampNs(int index) {
    return timesNs[index];
  }

  /** Returns whether the event deletes the block; else it creates it, or creates it again. */
  boolean isDelete(int index) {
    return deletes[index];
  }

  /** Returns the highest WAL offset; the batch is not empty. */
  long lastOffset() {
    return offsets[size - 1];
  }

  /** Appends the events to a buffer that has room for them. */
  void writeTo(ByteBuffer buffer) {
    for (int i = 0; i < size; i++) {
      buffer.putLong(ids[i]).putLong(offsets[i]).putLong(timesNs[i]);
      buffer.put((byte) (deletes[i] ? 1 : 0));
    }
  }

  /** Takes events that {@link #writeTo} wrote, as many as the batch holds and the buffer has. */
  void readFrom(ByteBuffer buffer, int count) {
    clear();
    for (int i = 0; i < count; i++) {
      add(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.get() != 0);
    }
  }
}
