package io.tidemark.benchmarks.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Whether what a process takes goes on growing after it has warmed up.
 *
 * <p>The first half of the samples is warm-up. Of the rest, the lowest of the second half may lie
 * above that of the first half by a share and a constant. The lowest, because a heap that grows and
 * shrinks, merges and files that are about to be deleted move all others; what leaks moves it too.
 * Used by one thread.
 */
final class GrowthCheck {
  private static final int LEAST_SAMPLES = 8;
  private static final long MIB = 1 << 20;

  /** A resource and its band. */
  private record Band(String name, ToLongFunction<Resources> of, double share, long constant) {}

  private static final List<Band> BANDS =
      List.of(
          new Band("heapBytes", Resources::heapBytes, 0.2, 16 * MIB),
          new Band("besideHeapBytes", Resources::besideHeapBytes, 0.1, 64 * MIB),
          new Band("handles", Resources::handles, 0.1, 16),
          new Band("mappedBytes", Resources::mappedBytes, 0.25, 256 * MIB),
          new Band("diskBytes", Resources::diskBytes, 0.25, 256 * MIB));

  private final List<Resources> samples = new ArrayList<>();

  void add(Resources sample) {
    samples.add(sample);
  }

  /** Returns what grew, for people; empty if nothing did. */
  List<String> grown() {
    if (samples.size() < LEAST_SAMPLES) {
      return List.of("too few samples: count=" + samples.size() + ", least=" + LEAST_SAMPLES);
    }
    int warm = samples.size() / 2;
    int middle = (warm + samples.size()) / 2;
    List<String> grown = new ArrayList<>();
    for (Band band : BANDS) {
      long before = lowest(band, warm, middle);
      long after = lowest(band, middle, samples.size());
      if (after > before * (1 + band.share()) + band.constant()) {
        grown.add(
            "resource grew after warm-up: name="
                + band.name()
                + ", before="
                + before
                + ", after="
                + after);
      }
    }
    return grown;
  }

  private long lowest(Band band, int first, int end) {
    return samples.subList(first, end).stream().mapToLong(band.of()).min().orElseThrow();
  }
}
