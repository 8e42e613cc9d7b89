package io.tidemark.benchmarks.comparison;

/** A 64-bit digest of a sequence of numbers. Used by one thread. */
final class IdDigest {
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private long digest;

  void add(long number) {
    digest = (digest ^ number) * MULTIPLIER;
    digest ^= digest >>> 32;
  }

  @Override
  public String toString() {
    return Long.toHexString(digest);
  }
}
