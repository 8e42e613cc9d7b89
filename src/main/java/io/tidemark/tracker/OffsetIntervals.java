package io.tidemark.tracker;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A set of WAL offsets as closed intervals that do not touch, in unsigned order.
 *
 * <p>Not thread-safe.
 */
final class OffsetIntervals {
  private final TreeMap<Long, Long> lastByFirst = new TreeMap<>(Long::compareUnsigned);

  /** Receives closed intervals of WAL offsets, in ascending order. */
  @FunctionalInterface
  interface IntervalHandler {
    void onInterval(long first, long last);
  }

  /** Returns a copy that changes on its own. */
  OffsetIntervals copy() {
    OffsetIntervals copy = new OffsetIntervals();
    copy.lastByFirst.putAll(lastByFirst);
    return copy;
  }

  /** Adds an interval; what it meets becomes one with it. */
  void add(long first, long last) {
    long from = first;
    long to = last;
    Map.Entry<Long, Long> left = lastByFirst.floorEntry(first);
    if (left != null && (first == 0 || compare(left.getValue(), first - 1) >= 0)) {
      from = left.getKey();
      to = max(left.getValue(), to);
    }
    Map.Entry<Long, Long> right = lastByFirst.ceilingEntry(from);
    while (right != null && (to == -1 || compare(right.getKey(), to + 1) <= 0)) {
      to = max(right.getValue(), to);
      lastByFirst.remove(right.getKey());
      right = lastByFirst.ceilingEntry(from);
    }
    lastByFirst.put(from, to);
  }

  /** Takes an interval out, whatever of it is there. */
  void remove(long first, long last) {
    Map.Entry<Long, Long> left = lastByFirst.lowerEntry(first);
    if (left != null && compare(left.getValue(), first) >= 0) {
      lastByFirst.put(left.getKey(), first - 1);
      if (compare(left.getValue(), last) > 0) {
        lastByFirst.put(last + 1, left.getValue());
      }
    }
    Map.Entry<Long, Long> right = lastByFirst.ceilingEntry(first);
    while (right != null && compare(right.getKey(), last) <= 0) {
      lastByFirst.remove(right.getKey());
      if (compare(right.getValue(), last) > 0) {
        lastByFirst.put(last + 1, right.getValue());
      }
      right = lastByFirst.ceilingEntry(first);
    }
  }

  /** Returns the highest offset; null if there is none. */
  @Nullable Long highest() {
    return lastByFirst.isEmpty() ? null : lastByFirst.lastEntry().getValue();
  }

  /** Passes on all intervals. */
  void forEach(IntervalHandler handler) {
    lastByFirst.forEach(handler::onInterval);
  }

  /** Passes on what is not in the set of the offsets from a first to a last one. */
  void forEachMissing(long first, long last, IntervalHandler handler) {
    if (compare(first, last) > 0) {
      return;
    }
    long next = first;
    for (Map.Entry<Long, Long> interval : lastByFirst.entrySet()) {
      if (compare(interval.getValue(), next) < 0) {
        continue;
      }
      if (compare(interval.getKey(), last) > 0) {
        break;
      }
      if (compare(interval.getKey(), next) > 0) {
        handler.onInterval(next, interval.getKey() - 1);
      }
      if (compare(interval.getValue(), last) >= 0) {
        return;
      }
      next = interval.getValue() + 1;
    }
    handler.onInterval(next, last);
  }

  private static long max(long a, long b) {
    return compare(a, b) >= 0 ? a : b;
  }

  private static int compare(long a, long b) {
    return Long.compareUnsigned(a, b);
  }
}
