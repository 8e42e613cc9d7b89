package io.tidemark.tracker;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that do for one store what need not be done at once.
 *
 * @param sealing seals segments and publishes checkpoints, one after another
 * @param merging merges segments and folds them into the base, one after another
 */
record Maintenance(Executor sealing, Executor merging) implements AutoCloseable {

  private static final long IDLE_SECONDS = 10;

  /** Gives a store its threads. */
  @FunctionalInterface
  interface Factory {

    /** Returns what runs the maintenance of a store; the store closes it. */
    Maintenance of(StoreIdentity store);
  }

  /** Returns two threads of the store's own, which exist only while there is something to do. */
  static Maintenance threads(StoreIdentity store) {
    return new Maintenance(
        thread("tidemark-seal-" + store.shard()), thread("tidemark-merge-" + store.shard()));
  }

  private static Executor thread(String name) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, name);
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  /** Ends the threads; what they were given is done or was abandoned before. */
  @Override
  public void close() {
    end(sealing);
    end(merging);
  }

  private static void end(Executor executor) {
    if (executor instanceof ThreadPoolExecutor thread) {
      thread.shutdown();
    }
  }
}
