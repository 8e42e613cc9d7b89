package io.tidemark.state;

import java.util.Arrays;

/** Intervals of group ids that do not meet, in order; asked for ids that mostly ascend. */
final class GroupIntervals {
  private long[] firsts = new long[1];
  private long[] lasts = new long[1];
  private int size;
  private int current;

  /** Adds an interval behind all that were added before; both ends belong to it. */
  void add(long first, long last) {
    if (size == firsts.length) {
      firsts = Arrays.copyOf(firsts, 2 * size);
      lasts = Arrays.copyOf(lasts, 2 * size);
    }
    firsts[size] = first;
    lasts[size++] = last;
  }

  int size() {
    return size;
  }

  long first(int interval) {
    return firsts[interval];
  }

  long last(int interval) {
    return lasts[interval];
  }

  boolean contains(long group) {
    if (group < firsts[current]) {
      current = 0;
    }
    while (current < size - 1 && group > lasts[current]) {
      current++;
    }
    return group >= firsts[current] && group <= lasts[current];
  }
}
