package io.tidemark.tools.agent;

import io.tidemark.errors.TidemarkException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.concurrent.EpochClock;
import org.jspecify.annotations.Nullable;

/** Runs the backups of an agent, one at a time. Thread-safe. */
final class BackupRunner implements AutoCloseable {
  private static final long CLOSE_WAIT_SECONDS = 30;

  /** What a backup is doing. */
  enum State {
    /** It is taken. */
    RUNNING,
    /** It is complete. */
    DONE,
    /** It failed: what was tracked since the last complete one is still owed. */
    FAILED
  }

  /**
   * How the last backup is.
   *
   * @param name of its directory; empty before it is known
   * @param isFull whether it copies everything
   * @param endedMs when it ended, ms since the epoch; 0 while it runs
   * @param remainingMs estimate; −1 as long as there is none
   * @param error why it failed; empty if it did not
   */
  record Status(
      State state,
      String name,
      boolean isFull,
      long startedMs,
      long endedMs,
      int callsDone,
      int calls,
      long rows,
      long remainingMs,
      String error) {}

  private final BackupJob job;
  private final BackupJob.Stores stores;
  private final EpochClock clock;
  private final Consumer<String> log;
  private volatile @Nullable Status last;
  private @Nullable Thread thread; // Guarded by this.
  private boolean isClosed; // Guarded by this.

  BackupRunner(BackupJob job, BackupJob.Stores stores, EpochClock clock, Consumer<String> log) {
    this.job = job;
    this.stores = stores;
    this.clock = clock;
    this.log = log;
  }

  /** Returns how the last backup is; null before the first. */
  @Nullable Status status() {
    return last;
  }

  /**
   * Begins a backup and returns at once.
   *
   * @throws IOException if one runs already, or the agent ends
   */
  synchronized void start() throws IOException {
    Status running = last;
    if (running != null && running.state() == State.RUNNING) {
      throw new IOException(
          "a backup runs already: name=" + running.name() + ", startedMs=" + running.startedMs());
    }
    if (isClosed) {
      throw new IOException("agent is ending: no backup is begun");
    }
    last = new Status(State.RUNNING, "", false, clock.time(), 0, 0, 0, 0, -1, "");
    Thread started = new Thread(this::run, "tidemark-backup");
    started.setDaemon(true);
    thread = started;
    started.start();
  }

  private void run() {
    try {
      job.run(stores, new Progress());
      end(State.DONE, "");
    } catch (IOException | TidemarkException e) {
      end(State.FAILED, String.valueOf(e.getMessage()));
    } catch (RuntimeException | Error e) {
      end(State.FAILED, "internal error: " + e);
    }
  }

  private Status now() {
    Status now = last;
    if (now == null) {
      throw new IllegalStateException("no backup was begun");
    }
    return now;
  }

  private void end(State state, String error) {
    Status was = now();
    last =
        new Status(
            state,
            was.name(),
            was.isFull(),
            was.startedMs(),
            clock.time(),
            was.callsDone(),
            was.calls(),
            was.rows(),
            0,
            error);
    log.accept(
        state == State.DONE
            ? "backup is complete: name=" + was.name() + ", rows=" + was.rows()
            : "backup failed: " + error);
  }

  /** Takes down what the backup tells. */
  private final class Progress implements BackupJob.Listener {
    @Override
    public void onPlan(String name, boolean isResumed, boolean isFull, int calls) {
      Status was = now();
      last = new Status(State.RUNNING, name, isFull, was.startedMs(), 0, 0, calls, 0, -1, "");
      log.accept(
          (isFull ? "full" : "incremental")
              + (isResumed ? " backup goes on: name=" : " backup began: name=")
              + name
              + ", calls="
              + calls);
    }

    @Override
    public void onProgress(int callsDone, long rows, long remainingMs) {
      Status was = now();
      last =
          new Status(
              State.RUNNING,
              was.name(),
              was.isFull(),
              was.startedMs(),
              0,
              callsDone,
              was.calls(),
              rows,
              remainingMs,
              "");
    }
  }

  /** Cancels a backup that runs and waits for its end. */
  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      isClosed = true;
      running = thread;
    }
    if (running == null) {
      return;
    }
    job.cancel();
    try {
      running.join(TimeUnit.SECONDS.toMillis(CLOSE_WAIT_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
