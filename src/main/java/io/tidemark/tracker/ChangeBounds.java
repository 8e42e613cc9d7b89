package io.tidemark.tracker;

import io.tidemark.block.WalPosition;

/**
 * Where and when the changes of an interval of the journal lie.
 *
 * @param first lowest position of a change
 * @param last highest position of a change
 * @param minTimestampNs lowest timestamp of a change, ns
 * @param maxTimestampNs highest timestamp of a change, ns
 */
public record ChangeBounds(
    WalPosition first, WalPosition last, long minTimestampNs, long maxTimestampNs) {

  /** Returns the bounds of both. */
  public ChangeBounds with(ChangeBounds other) {
    return new ChangeBounds(
        first.compareTo(other.first) <= 0 ? first : other.first,
        last.compareTo(other.last) >= 0 ? last : other.last,
        Math.min(minTimestampNs, other.minTimestampNs),
        Math.max(maxTimestampNs, other.maxTimestampNs));
  }
}
