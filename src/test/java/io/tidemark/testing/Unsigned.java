package io.tidemark.testing;

import java.util.List;
import java.util.Random;

/** Unsigned 64-bit numbers at which signed or narrow arithmetic goes wrong. */
public final class Unsigned {

  /** In ascending unsigned order. */
  public static final List<Long> EDGES =
      List.of(
          0L,
          1L,
          (1L << 31) - 1,
          1L << 31,
          (1L << 31) + 1,
          (1L << 32) - 1,
          1L << 32,
          (1L << 32) + 1,
          Long.MAX_VALUE,
          Long.MIN_VALUE,
          Long.MIN_VALUE + 1,
          -2L,
          -1L);

  private Unsigned() {}

  /** Returns an edge, a number near one, or a small number. */
  public static long any(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> EDGES.get(random.nextInt(EDGES.size()));
      case 1 -> EDGES.get(random.nextInt(EDGES.size())) + random.nextInt(200);
      default -> random.nextInt(100);
    };
  }
}
