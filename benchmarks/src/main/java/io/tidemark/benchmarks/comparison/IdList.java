package io.tidemark.benchmarks.comparison;

import java.util.Arrays;

/**
 * Ids as a scan of an index gives them, made an answer: ascending, each once.
 *
 * <p>For all engines but Tidemark, whose answers are sorted. Reused, so that no question pays for
 * its growth. Used by one thread.
 */
final class IdList {

  /*
   * Radix sort, a byte a pass from the lowest, without passes for bytes in which no ids differ: it
   * does not compare, and what it costs the fastest peers is in proportion to their scans.
   */
  private static final int RADIX = 1 << Byte.SIZE;

  private final int[] starts = new int[RADIX];
  private long[] ids = new long[1024];
  private long[] sorted = new long[1024];
  private int size;

  IdList clear() {
    size = 0;
    return this;
  }

  void add(long id) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, 2 * size);
      sorted = new long[2 * size];
    }
    ids[size++] = id;
  }

  /** Returns the ids that were added, none of them negative, ascending, each once. */
  long[] distinct() {
    sort();
    int count = 0;
    for (int i = 0; i < size; i++) {
      if (i == 0 || ids[i] != ids[i - 1]) {
        ids[count++] = ids[i];
      }
    }
    return Arrays.copyOf(ids, count);
  }

  private void sort() {
    long differing = 0;
    for (int i = 1; i < size; i++) {
      differing |= ids[i] ^ ids[0];
    }
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      if ((differing >>> shift & (RADIX - 1)) != 0) {
        sortBy(shift);
      }
    }
  }

  private void sortBy(int shift) {
    Arrays.fill(starts, 0);
    for (int i = 0; i < size; i++) {
      starts[digit(ids[i], shift)]++;
    }
    int start = 0;
    for (int digit = 0; digit < RADIX; digit++) {
      int count = starts[digit];
      starts[digit] = start;
      start += count;
    }
    for (int i = 0; i < size; i++) {
      sorted[starts[digit(ids[i], shift)]++] = ids[i];
    }
    long[] swapped = ids;
    ids = sorted;
    sorted = swapped;
  }

  private static int digit(long id, int shift) {
    return (int) (id >>> shift) & (RADIX - 1);
  }
}
