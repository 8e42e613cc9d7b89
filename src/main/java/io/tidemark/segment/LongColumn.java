package io.tidemark.segment;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A growable column of longs; not thread-safe. */
final class LongColumn {
  private static final int INITIAL_CAPACITY = 64;

  private long[] values = new long[INITIAL_CAPACITY];
  private int size;

  void add(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, Math.multiplyExact(size, 2));
    }
    values[size] = value;
    size++;
  }

  long get(int index) {
    return values[index];
  }

  int size() {
    return size;
  }

  /** Returns the lowest value as unsigned, 0 if there is none. */
  long minUnsigned() {
    long result = size == 0 ? 0 : -1L;
    for (int i = 0; i < size; i++) {
      result = Long.compareUnsigned(values[i], result) < 0 ? values[i] : result;
    }
    return result;
  }

  /** Returns the highest value as unsigned, 0 if there is none. */
  long maxUnsigned() {
    long result = 0;
    for (int i = 0; i < size; i++) {
      result = Long.compareUnsigned(values[i], result) > 0 ? values[i] : result;
    }
    return result;
  }

  /** Returns the lowest value, 0 if there is none. */
  long min() {
    return Arrays.stream(values, 0, size).min().orElse(0);
  }

  /** Returns the highest value, 0 if there is none. */
  long max() {
    return Arrays.stream(values, 0, size).max().orElse(0);
  }

  /** Returns columns one behind the other as little-endian longs. */
  static byte[] longs(LongColumn... columns) {
    int total = Arrays.stream(columns).mapToInt(LongColumn::size).sum();
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(total, Long.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    for (LongColumn column : columns) {
      for (int i = 0; i < column.size; i++) {
        out.putLong(column.values[i]);
      }
    }
    return out.array();
  }

  /** Returns the values as little-endian ints. */
  byte[] ints() {
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(size, Integer.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < size; i++) {
      out.putInt(Math.toIntExact(values[i]));
    }
    return out.array();
  }
}
