package io.tidemark.benchmarks.comparison;

import org.jspecify.annotations.NonNull;

/**
 * A key of an index that holds all versions: where or when a block changed, and which.
 *
 * @param at WAL offset, or timestamp in ns
 */
record Change(long at, long blockId) implements Comparable<Change> {
  @Override
  public int compareTo(@NonNull Change other) {
    int order = Long.compare(at, other.at);
    return order != 0 ? order : Long.compare(blockId, other.blockId);
  }

  /** Returns a key that no change before {@code at} and every other change is above. */
  static Change first(long at) {
    return new Change(at, 0);
  }

  /** Returns a key that every change through {@code at} is at or below. */
  static Change last(long at) {
    return new Change(at, Long.MAX_VALUE);
  }
}
