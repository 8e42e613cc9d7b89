package io.tidemark.benchmarks.soak;

import io.tidemark.block.BlockEventType;

/**
 * What every event of a soak is, as a function of its WAL offset: so that any part of the history
 * can be told again without having been kept.
 *
 * <p>Offsets begin at 1. Producer k of P gives those with (offset − 1) mod P = k, in runs of 16
 * neighbouring blocks at random places.
 *
 * @param producers P
 * @param blocks ids lie in [0, blocks); a multiple of 16
 */
record SoakWorkload(int producers, long blocks) {
  private static final int RUN = 16;
  private static final long FIRST_NS = 1_700_000_000_000_000_000L;
  private static final long STEP_NS = 1_000;

  SoakWorkload {
    if (producers < 1 || blocks < RUN || blocks % RUN != 0) {
      throw new IllegalArgumentException(
          "workload out of range: producers=" + producers + ", blocks=" + blocks);
    }
  }

  /** Returns the offset of the n-th event of a producer, both from 0. */
  long walOffset(int producer, long n) {
    return n * producers + producer + 1;
  }

  long blockId(long walOffset) {
    long n = (walOffset - 1) / producers;
    long run = mixed(n / RUN * producers + (walOffset - 1) % producers);
    return Long.remainderUnsigned(run, blocks / RUN) * RUN + n % RUN;
  }

  /** Returns the type: of 64 events 7 flush, 4 create and 1 deletes. */
  BlockEventType type(long walOffset) {
    int kind = (int) mixed(~walOffset) & 63;
    return kind == 0
        ? BlockEventType.DELETE
        : kind < 5
            ? BlockEventType.CREATE
            : kind < 12 ? BlockEventType.FLUSH : BlockEventType.UPDATE;
  }

  /** Returns the timestamp, ns; it grows with the offset. */
  long timestampNs(long walOffset) {
    return FIRST_NS + walOffset * STEP_NS;
  }

  /** The finalizer of SplitMix64. */
  private static long mixed(long value) {
    long z = (value + 0x9E3779B97F4A7C15L ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
