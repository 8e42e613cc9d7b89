package io.tidemark.benchmarks.soak;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * How far each producer is, for those who need to know what was given and what is under way.
 *
 * <p>Producers keep together: none is more than some events ahead of the slowest. Thread-safe.
 */
final class Progress {
  private static final long MAX_LEAD = 4_096;
  private static final long PAUSE_NS = 50_000;

  private final SoakWorkload workload;
  private final AtomicLongArray started;
  private final AtomicLongArray given;
  private volatile boolean isEnding;

  Progress(SoakWorkload workload) {
    this.workload = workload;
    this.started = new AtomicLongArray(workload.producers());
    this.given = new AtomicLongArray(workload.producers());
  }

  /**
   * Says that a producer is about to give its n-th event, from 0; waits for slower ones.
   *
   * @return false if it shall end instead
   */
  boolean start(int producer, long n) {
    while (n - lowest(given) > MAX_LEAD) {
      LockSupport.parkNanos(PAUSE_NS);
      if (isEnding) {
        break;
      }
    }
    if (isEnding) {
      return false;
    }
    started.set(producer, n + 1);
    return true;
  }

  /** Says that a producer has given its n-th event: it is applied. */
  void give(int producer, long n) {
    given.set(producer, n + 1);
  }

  /** Lets producers end. */
  void end() {
    isEnding = true;
  }

  /** Returns the offset through which every event is applied. */
  long completeThrough() {
    long offset = Long.MAX_VALUE;
    for (int producer = 0; producer < given.length(); producer++) {
      offset = Math.min(offset, workload.walOffset(producer, given.get(producer)));
    }
    return offset - 1;
  }

  /** Returns an offset beyond which no event has been given yet. */
  long startedThrough() {
    long offset = 0;
    for (int producer = 0; producer < started.length(); producer++) {
      offset = Math.max(offset, workload.walOffset(producer, started.get(producer)));
    }
    return offset;
  }

  /** Returns how many events are applied. */
  long events() {
    long events = 0;
    for (int producer = 0; producer < given.length(); producer++) {
      events += given.get(producer);
    }
    return events;
  }

  private static long lowest(AtomicLongArray counts) {
    long lowest = Long.MAX_VALUE;
    for (int i = 0; i < counts.length(); i++) {
      lowest = Math.min(lowest, counts.get(i));
    }
    return lowest;
  }
}
