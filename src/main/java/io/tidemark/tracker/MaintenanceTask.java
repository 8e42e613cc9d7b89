package io.tidemark.tracker;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Work on files that another thread does and whose result the tracker's thread takes over.
 *
 * <p>Whoever asks for a result that nobody has begun to make makes it itself, so waiting never
 * depends on what else the executor has to do.
 */
final class MaintenanceTask<T> {

  /** Work that the disk may fail. */
  @FunctionalInterface
  interface Work<T> {
    T get() throws IOException;
  }

  private final Work<T> work;
  private final AtomicBoolean isTaken = new AtomicBoolean();
  private final FutureTask<@Nullable T> task;

  private MaintenanceTask(Work<T> work) {
    this.work = work;
    this.task = new FutureTask<>(() -> isTaken.compareAndSet(false, true) ? work.get() : null);
  }

  /** Gives work to an executor. */
  static <T> MaintenanceTask<T> start(Executor executor, Work<T> work) {
    MaintenanceTask<T> started = new MaintenanceTask<>(work);
    executor.execute(started.task);
    return started;
  }

  /** Returns whether the work succeeded or failed. */
  boolean isDone() {
    return task.isDone();
  }

  /**
   * Returns the result; waits for it or does the work.
   *
   * @throws IOException if the disk failed the work
   */
  T result() throws IOException {
    task.run();
    try {
      return Objects.requireNonNull(await(), "work was abandoned");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException failure) {
        throw failure;
      }
      if (cause instanceof Error failure) {
        throw failure;
      }
      throw (IOException) cause;
    }
  }

  /**
   * Returns the result; if the disk failed the work, does it again, once: there may be space now.
   *
   * @throws IOException if the disk failed it again
   */
  T resultOrAgain() throws IOException {
    try {
      return result();
    } catch (IOException e) {
      return work.get();
    }
  }

  /** Waits for the end of the work, also when the thread is interrupted. */
  private @Nullable T await() throws ExecutionException {
    boolean isInterrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          isInterrupted = true;
        }
      }
    } finally {
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits for the end of the work or does it, whether it succeeds or not. */
  void settle() {
    task.run();
    awaitEnd();
  }

  /** Forgets the work: if it was begun waits for its end, whatever that is, else it is not done. */
  void abandon() {
    if (isTaken.compareAndSet(false, true)) {
      return;
    }
    awaitEnd();
  }

  private void awaitEnd() {
    try {
      await();
    } catch (ExecutionException e) {
      // Whoever takes the result over is told.
    }
  }
}
