package io.tidemark.benchmarks.follow;

import io.tidemark.metrics.CountersFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * The program of a process that reads a store's counters, as fast as it can while it is told to.
 */
final class CounterLoop {
  /** A byte on stdin that lets it read. */
  static final int READ = 'r';

  /** A byte on stdin that lets it rest; the end of stdin ends it. */
  static final int REST = 's';

  private static final long REST_NS = 1_000_000;

  private final CountersFile counters;
  private volatile boolean isReading;
  private volatile boolean isOver;

  private CounterLoop(CountersFile counters) {
    this.counters = counters;
  }

  /** Takes the store; prints how often it read all counters. */
  public static void main(String[] args) throws IOException {
    CounterLoop loop = new CounterLoop(CountersFile.open(Path.of(args[0])));
    new Thread(loop::takeOrders, "orders").start();
    System.out.println(loop.read());
  }

  private long read() {
    long reads = 0;
    while (!isOver) {
      if (isReading) {
        reads += counters.sample().epoch() > 0 ? 1 : 0;
      } else {
        LockSupport.parkNanos(REST_NS);
      }
    }
    return reads;
  }

  private void takeOrders() {
    try {
      for (int order = System.in.read(); order >= 0; order = System.in.read()) {
        isReading = order == READ;
      }
    } catch (IOException e) {
      // The other side is gone.
    }
    isOver = true;
  }
}
