package io.tidemark.benchmarks;

/**
 * Which blocks change, one event after another: every block once in each round, in runs of
 * neighbouring ids that come in random order.
 *
 * <p>The same arguments give the same events. WAL offsets and timestamps grow with every event.
 *
 * @param blocks how many different blocks change; a multiple of {@code runLength}
 * @param runLength neighbouring ids that change one after another; 1 for random ids
 * @param range ids lie in [0, range); at least {@code blocks}
 */
record StoreWorkload(long blocks, int runLength, long range) {

  /*
   * The order of runs is a permutation of [0, range / runLength): a Feistel network over the next
   * power of four, walked until it lands inside. Nothing is stored for it, whatever the range.
   */
  private static final int ROUNDS = 4;

  private static final long BLOCKS = 1L << 24;
  private static final int RUN_LENGTH = 16;
  private static final long RANGE = 1_000_000_000;
  private static final long BEGINNING_NS = 1_700_000_000_000_000_000L;
  private static final long STEP_NS = 1_000;

  StoreWorkload {
    if (runLength < 1 || blocks < runLength || blocks % runLength != 0 || range < blocks) {
      throw new IllegalArgumentException(
          "workload out of range: blocks="
              + blocks
              + ", runLength="
              + runLength
              + ", range="
              + range);
    }
  }

  /**
   * Returns what a parameter {@code ids} of a JMH benchmark asks for, of 2^24 blocks.
   *
   * @param ids "clustered", in runs of 16, or "random", over 10^9
   */
  static StoreWorkload of(String ids) {
    return ids.equals("clustered") ? clustered(BLOCKS, RUN_LENGTH) : random(BLOCKS, RANGE);
  }

  /** Runs of ids, dense over all of them. */
  static StoreWorkload clustered(long blocks, int runLength) {
    long whole = Math.max(blocks / runLength, 1) * runLength;
    return new StoreWorkload(whole, runLength, whole);
  }

  /** Single ids, spread over a range. */
  static StoreWorkload random(long blocks, long range) {
    return new StoreWorkload(blocks, 1, Math.max(blocks, range));
  }

  /** Returns the block of an event. */
  long blockId(long event) {
    long index = event % blocks;
    return permuted(index / runLength, range / runLength) * runLength + index % runLength;
  }

  /** Returns the WAL offset of an event; the first is 1. */
  static long walOffset(long event) {
    return event + 1;
  }

  /** Returns the timestamp of an event, ns. */
  static long timestampNs(long event) {
    return BEGINNING_NS + event * STEP_NS;
  }

  /** Returns where a permutation of [0, size) puts an index. */
  static long permuted(long index, long size) {
    int halfBits = Math.max((Long.SIZE - Long.numberOfLeadingZeros(size - 1) + 1) / 2, 1);
    long mask = (1L << halfBits) - 1;
    long value = index;
    do {
      long left = value >>> halfBits;
      long right = value & mask;
      for (int round = 0; round < ROUNDS; round++) {
        long next = left ^ (mixed(right + round * 0x9E3779B97F4A7C15L) & mask);
        left = right;
        right = next;
      }
      value = left << halfBits | right;
    } while (value >= size);
    return value;
  }

  /** The finalizer of SplitMix64. */
  private static long mixed(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
