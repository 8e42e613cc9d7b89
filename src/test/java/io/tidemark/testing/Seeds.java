package io.tidemark.testing;

import java.util.Random;

/**
 * Runs a randomised check once for each of many seeds; a failure names its seed and how to run that
 * seed alone.
 */
public final class Seeds {

  /** System property with the only seed to run. */
  private static final String PROPERTY = "tidemark.seed";

  private Seeds() {}

  /** A check that draws everything it does from one generator. */
  @FunctionalInterface
  public interface Check {

    /** Checks once. */
    void run(Random random) throws Exception;
  }

  /** Runs the check with the seeds 1 to {@code count}, or with the one that is asked for. */
  public static void each(int count, Check check) {
    Long only = Long.getLong(PROPERTY);
    long first = only == null ? 1 : only;
    long last = only == null ? count : only;
    for (long seed = first; seed <= last; seed++) {
      try {
        check.run(new Random(seed));
      } catch (Exception | AssertionError e) {
        throw new AssertionError(
            "seed=" + seed + ", replay with -D" + PROPERTY + "=" + seed + ": " + e, e);
      }
    }
  }
}
