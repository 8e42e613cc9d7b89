package io.tidemark.tracker;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that call the listeners of one store: started as they are needed, up to a number, and
 * there until it is closed.
 *
 * <p>Thread-safe. To give them work allocates nothing once all are there.
 */
final class CallbackThreads {

  /** Lanes of all listeners together; each waits at most once. */
  static final int MAX_LANES = 1 << 14;

  /** Lanes of closed listeners may wait too. */
  private static final int MAX_WAITING = 2 * MAX_LANES;

  private final ThreadPoolExecutor executor;

  /** Creates the threads but starts none. */
  CallbackThreads(int count, ThreadFactory factory) {
    this.executor =
        new ThreadPoolExecutor(
            count, count, 0, TimeUnit.MILLISECONDS, new ArrayBlockingQueue<>(MAX_WAITING), factory);
  }

  /** Starts the first thread; afterwards there is always one. */
  void start() {
    executor.prestartCoreThread();
  }

  /** Returns how many threads were started. */
  int started() {
    return executor.getPoolSize();
  }

  /** Has a lane run; does nothing after {@link #stop}. */
  void execute(ListenerLane lane) {
    try {
      executor.execute(lane);
    } catch (RejectedExecutionException e) {
      assert executor.isShutdown() : "more lanes than there can be: " + executor;
    } catch (OutOfMemoryError e) {
      // No thread could be started: one of those that are there takes it.
      boolean isTaken = executor.getQueue().offer(lane);
      assert isTaken : "more lanes than there can be: " + executor;
    }
  }

  /** Begins nothing any more. */
  void stop() {
    executor.shutdown();
  }

  /** Returns whether no call was under way any more when the time was over. */
  boolean await(long timeoutMs) throws InterruptedException {
    return executor.awaitTermination(timeoutMs, TimeUnit.MILLISECONDS);
  }

  /** Interrupts the calls that are under way. */
  void interrupt() {
    executor.shutdownNow();
  }
}
