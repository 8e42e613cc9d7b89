package io.tidemark.tdengine;

import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/** Reads some of a log again and again, in a thread of its own, whatever the server is doing. */
final class BesideReader {
  private static final int RECORDS_MAX = 12;
  private static final long PAUSE_NS = 1_000;

  private final IntConsumer reading;
  private final Random random;
  private final Thread thread = new Thread(this::read, "reader");
  private volatile boolean isOver;

  /** Begins to read; every call is given how many records to read at most. */
  BesideReader(IntConsumer reading, long seed) {
    this.reading = reading;
    this.random = new Random(seed);
    thread.start();
  }

  private void read() {
    while (!isOver) {
      reading.accept(1 + random.nextInt(RECORDS_MAX));
      LockSupport.parkNanos(PAUSE_NS);
    }
  }

  /** Waits for the last reading. */
  void end() throws InterruptedException {
    isOver = true;
    thread.join();
  }
}
