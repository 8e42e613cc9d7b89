package io.tidemark.journal;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Forces a log once, in a thread of its own. */
final class ForceThread {
  private static final int PATIENCE_S = 60;

  private final EventLog log;
  private final Thread thread = new Thread(this::run, "force");
  private volatile long durable;
  private volatile @Nullable Throwable failure;

  ForceThread(EventLog log) {
    this.log = log;
    thread.start();
  }

  private void run() {
    try {
      log.force();
      durable = log.durablePosition();
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  /** Waits until it waits for another thread. */
  ForceThread awaitWaiting() {
    while (thread.isAlive() && thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    return this;
  }

  /** Waits for its end and returns what the force failed with, null if it did not. */
  @Nullable Throwable end() throws InterruptedException {
    thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_S));
    assertFalse(thread.isAlive(), "still forcing");
    return failure;
  }

  /** Returns the durable position when the force returned. */
  long durable() {
    return durable;
  }
}
