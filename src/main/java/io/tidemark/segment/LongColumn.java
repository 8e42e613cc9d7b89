package io.tidemark.segment;

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

  int size() {
    return size;
  }

  /** Returns the values as far as {@link #size}; more are meaningless. */
  long[] values() {
    return values;
  }
}
