package io.tidemark.segment;

import java.nio.ByteBuffer;

/**
 * One packed column of longs, read where it lies; layout in {@link PackedColumns}.
 *
 * <p>Reused for one column after another. Not thread-safe.
 */
final class PackedColumn {
  private final ByteBuffer in;
  private int width;
  private long base;
  private long divisor;
  private int start;

  /** Takes a little-endian buffer with 8 bytes behind the last value. */
  PackedColumn(ByteBuffer in) {
    this.in = in;
  }

  /** Reads the header at an offset; returns where it ends. */
  int readHeader(int offset) {
    int at = offset;
    int control = Byte.toUnsignedInt(in.get(at));
    at++;
    base = 0;
    divisor = 1;
    width = 0;
    if (control != PackedColumns.ALL_ZERO) {
      width = control & ~PackedColumns.DIVIDED;
      base = in.getLong(at);
      at += Long.BYTES;
      if ((control & PackedColumns.DIVIDED) != 0) {
        divisor = in.getLong(at);
        at += Long.BYTES;
      }
    }
    return at;
  }

  /** Says where the values begin; returns where they end. */
  int place(int offset, int count) {
    start = offset;
    return offset + length(count, width);
  }

  /** Returns how many bytes values take. */
  static int length(int count, int width) {
    return (count * width + Byte.SIZE - 1) / Byte.SIZE;
  }

  /** Returns one value. */
  long get(int index) {
    if (width == 0) {
      return base;
    }
    if (width == Long.SIZE) {
      return base + in.getLong(start + index * Long.BYTES) * divisor;
    }
    int bit = index * width;
    long value = in.getLong(start + (bit >>> 3)) >>> (bit & 7);
    return base + (value & (1L << width) - 1) * divisor;
  }

  /** Reads the first values, one behind the other. */
  void read(int count, long[] into) {
    if (width == Long.SIZE || width == 0) {
      for (int i = 0; i < count; i++) {
        into[i] = get(i);
      }
      return;
    }
    long mask = (1L << width) - 1;
    int bit = 0;
    for (int i = 0; i < count; i++) {
      long value = in.getLong(start + (bit >>> 3)) >>> (bit & 7);
      into[i] = base + (value & mask) * divisor;
      bit += width;
    }
  }
}
