package io.tidemark.tracker;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;

/**
 * Maintenance of stores that happens on the test's thread, at moments which a seed decides: at
 * once, later, or not before its result is waited for.
 */
final class SeededMaintenance {
  private final Random random;
  private final Queue<Runnable> sealing = new ArrayDeque<>();
  private final Queue<Runnable> merging = new ArrayDeque<>();

  SeededMaintenance(long seed) {
    random = new Random(seed);
  }

  /** Begins the maintenance of a store anew; what one before it left is forgotten. */
  Maintenance begin() {
    sealing.clear();
    merging.clear();
    return new Maintenance(sealing::add, merging::add);
  }

  /** Does a random part of what was asked for. */
  void doSome() {
    for (Queue<Runnable> queue = random.nextBoolean() ? sealing : merging;
        !queue.isEmpty() && random.nextBoolean();
        queue = random.nextBoolean() ? sealing : merging) {
      queue.remove().run();
    }
  }
}
