package io.tidemark.segment;

import java.nio.ByteBuffer;

/**
 * Finds the row of a block by one binary search over containers and one rank inside a container.
 *
 * <p>Immutable; any number of threads may ask.
 */
final class IdDirectory {

  /*
   *  For each container of the bitmap, in order:
   *   high 48 bits of its ids, low 16 bits: its form   u64
   *   offset in the section of the bitmap              u32
   *   ids in the containers before                     u32
   */

  private static final int ENTRY_LENGTH = 2 * Long.BYTES;

  private final ByteBuffer entries;
  private final ByteBuffer bitmap;
  private final int containers;
  private final int rows;

  /** Takes little-endian buffers that hold exactly one section each. */
  IdDirectory(ByteBuffer entries, ByteBuffer bitmap, int rows) {
    this.entries = entries;
    this.bitmap = bitmap;
    this.containers = entries.capacity() / ENTRY_LENGTH;
    this.rows = rows;
  }

  /** Returns the row of a block, -1 if it has none. */
  int find(long blockId) {
    long key = blockId & ContainerSource.KEY_MASK;
    int container = containerAtLeast(key);
    if (container == containers || key(container) != key) {
      return -1;
    }
    int before = rowsBefore(container);
    int rank =
        Containers.rank(
            bitmap, offset(container), form(container), count(container), (char) blockId);
    return rank < 0 ? -1 : before + rank;
  }

  /** Returns the first container whose ids are not below a key. */
  private int containerAtLeast(long key) {
    int low = 0;
    int high = containers;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(key(middle), key) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private long key(int container) {
    return entries.getLong(container * ENTRY_LENGTH) & ContainerSource.KEY_MASK;
  }

  private int form(int container) {
    return entries.getChar(container * ENTRY_LENGTH);
  }

  private int offset(int container) {
    return entries.getInt(container * ENTRY_LENGTH + Long.BYTES);
  }

  private int rowsBefore(int container) {
    return container == containers
        ? rows
        : entries.getInt(container * ENTRY_LENGTH + Long.BYTES + Integer.BYTES);
  }

  private int count(int container) {
    return rowsBefore(container + 1) - rowsBefore(container);
  }

  /**
   * Returns the ids of a closed range, container by container.
   *
   * @param firstId first id of a container
   * @param lastId last id of a container
   */
  ContainerSource containers(long firstId, long lastId) {
    return new Stretch(containerAtLeast(firstId), lastId);
  }

  /** Containers one behind the other. */
  private final class Stretch implements ContainerSource {
    private final long lastId;
    private char[] lows = new char[0];
    private int container;

    Stretch(int first, long lastId) {
      this.container = first - 1;
      this.lastId = lastId;
    }

    @Override
    public boolean next() {
      container++;
      return container < containers && Long.compareUnsigned(key(), lastId) <= 0;
    }

    @Override
    public long key() {
      return IdDirectory.this.key(container);
    }

    @Override
    public int count() {
      return IdDirectory.this.count(container);
    }

    @Override
    public char[] lows() {
      int count = count();
      if (lows.length < count) {
        lows = new char[Math.min(2 * count, SIZE)];
      }
      Containers.read(bitmap, offset(container), form(container), count, lows);
      return lows;
    }
  }

  /** Returns a cursor over the ids with their rows. */
  Cursor cursor() {
    return new Cursor();
  }

  /** Walks the ids in unsigned order; not thread-safe. */
  final class Cursor {
    private char[] lows = new char[0];
    private int container = -1;
    private long key;
    private int index = -1;
    private int count;
    private int row = -1;

    private Cursor() {}

    /** Moves to the next id; returns false at the end. */
    boolean next() {
      index++;
      if (index == count) {
        if (container + 1 >= containers) {
          index--;
          return false;
        }
        open(container + 1);
        index = 0;
      }
      row++;
      return true;
    }

    /** Moves before the first id that is not below one. */
    void seek(long blockId) {
      int first = containerAtLeast(blockId & ContainerSource.KEY_MASK);
      container = first - 1;
      index = -1;
      count = 0;
      row = rowsBefore(first) - 1;
      if (first < containers && key(first) == (blockId & ContainerSource.KEY_MASK)) {
        open(first);
        while (index + 1 < count && lows[index + 1] < (char) blockId) {
          index++;
          row++;
        }
      }
    }

    private void open(int next) {
      container = next;
      key = key(next);
      count = IdDirectory.this.count(next);
      if (lows.length < count) {
        lows = new char[Math.min(Math.max(2 * lows.length, count), ContainerSource.SIZE)];
      }
      Containers.read(bitmap, offset(next), form(next), count, lows);
    }

    /** Returns the id. */
    long blockId() {
      return key | lows[index];
    }

    /** Returns its row. */
    int row() {
      return row;
    }
  }
}
