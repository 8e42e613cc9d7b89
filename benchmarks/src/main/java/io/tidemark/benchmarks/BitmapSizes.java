package io.tidemark.benchmarks;

import io.tidemark.storage.BitmapBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.SplittableRandom;

/** How long the store's bitmaps are, by the distribution of ids, against one bit for every id. */
final class BitmapSizes {
  private static final long SEED = 42;

  private BitmapSizes() {}

  /** Measures all distributions over ids in [0, universe). */
  static void measure(ResultTable table, long universe) throws IOException {
    for (double share : new double[] {0.001, 0.006, 0.05, 0.5}) {
      measure(table, universe, share, 1);
    }
    for (int runLength : new int[] {16, 256}) {
      for (double share : new double[] {0.05, 0.5}) {
        measure(table, universe, share, runLength);
      }
    }
  }

  /** Measures runs of one length with gaps of random length between them. */
  private static void measure(ResultTable table, long universe, double share, int runLength)
      throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    BitmapBuilder builder = new BitmapBuilder();
    // A run begins behind another one with this probability, at each id.
    double begins = share / (runLength * (1 - share) + share);
    double logNone = Math.log1p(-begins);
    long id = gap(random, logNone);
    while (id < universe) {
      for (int i = 0; i < runLength && id < universe; i++, id++) {
        builder.add(id);
      }
      id += gap(random, logNone);
    }
    long[] length = {0};
    try (OutputStream counter =
        new OutputStream() {
          @Override
          public void write(int b) {
            length[0]++;
          }

          @Override
          public void write(byte[] bytes, int offset, int count) {
            length[0] += count;
          }
        }) {
      builder.toBitmap().write(counter);
    }
    String figure =
        runLength == 1
            ? String.format(Locale.ROOT, "bitmap of %.1f %% random", share * 100)
            : String.format(Locale.ROOT, "bitmap of %.0f %% in runs of %d", share * 100, runLength);
    table.add(figure + " bytes an id", (double) length[0] / builder.count(), "B");
    table.add(figure + " of a plain bitset", 100.0 * length[0] / (universe / 8.0), "%");
  }

  private static long gap(SplittableRandom random, double logNone) {
    return (long) (Math.log(1 - random.nextDouble()) / logNone);
  }
}
