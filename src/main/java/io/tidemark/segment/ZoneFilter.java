package io.tidemark.segment;

/** Decides by the bounds of some changes whether one of them may be wanted. */
@FunctionalInterface
public interface ZoneFilter {

  /** Wants every change. */
  ZoneFilter ALL = (minOffset, maxOffset, minTimestampNs, maxTimestampNs) -> true;

  /**
   * Returns false only if no change inside the bounds is wanted.
   *
   * @param minOffset lowest WAL offset, unsigned
   * @param maxOffset highest WAL offset, unsigned
   * @param minTimestampNs lowest timestamp, ns
   * @param maxTimestampNs highest timestamp, ns
   */
  boolean meets(long minOffset, long maxOffset, long minTimestampNs, long maxTimestampNs);
}
