package io.tidemark.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Lets threads do one small thing each to the same object at the same time, over and over, each
 * time to a new object, and checks what came of it.
 *
 * <p>Each thread goes through a batch of objects at its own pace, with random pauses of some
 * nanoseconds, so that the steps of two threads meet in ever other ways.
 */
public final class Races {
  private static final int BATCH = 128;
  private static final int MAX_PAUSE = 64;

  private Races() {}

  /** What one thread does to an object. */
  @FunctionalInterface
  public interface Actor<S> {

    /** Acts once. */
    void act(S state) throws Exception;
  }

  /**
   * Runs so many races.
   *
   * @param make makes what is raced for
   * @param check looks at each when all actors are done with it; throws if something is wrong
   */
  @SafeVarargs
  public static <S> void run(int rounds, Supplier<S> make, Actor<S> check, Actor<S>... actors)
      throws Exception {
    List<S> states = new ArrayList<>(BATCH);
    CyclicBarrier start = new CyclicBarrier(actors.length + 1);
    CyclicBarrier end = new CyclicBarrier(actors.length + 1);
    int batches = (rounds + BATCH - 1) / BATCH;
    List<FutureTask<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < actors.length; i++) {
      Actor<S> actor = actors[i];
      Random random = new Random(i);
      FutureTask<Boolean> task =
          new FutureTask<>(() -> act(actor, states, batches, start, end, random));
      tasks.add(task);
      Thread thread = new Thread(task, "racer-" + i);
      thread.setDaemon(true);
      thread.start();
    }
    for (int batch = 0; batch < batches; batch++) {
      states.clear();
      for (int i = 0; i < BATCH; i++) {
        states.add(make.get());
      }
      meet(start, tasks);
      meet(end, tasks);
      for (S state : states) {
        check.act(state);
      }
    }
    for (FutureTask<Boolean> task : tasks) {
      task.get();
    }
  }

  private static <S> boolean act(
      Actor<S> actor,
      List<S> states,
      int batches,
      CyclicBarrier start,
      CyclicBarrier end,
      Random random)
      throws Exception {
    try {
      for (int batch = 0; batch < batches; batch++) {
        start.await();
        for (int i = 0; i < BATCH; i++) {
          for (int pause = random.nextInt(MAX_PAUSE); pause > 0; pause--) {
            Thread.onSpinWait();
          }
          actor.act(states.get(i));
        }
        end.await();
      }
      return true;
    } catch (Exception | Error e) {
      start.reset();
      end.reset();
      throw e;
    }
  }

  /** Waits for all; if one of them failed, throws what it failed with. */
  private static void meet(CyclicBarrier barrier, List<FutureTask<Boolean>> tasks)
      throws Exception {
    try {
      barrier.await();
    } catch (BrokenBarrierException e) {
      Exception failure = e;
      for (FutureTask<Boolean> task : tasks) {
        try {
          task.get();
        } catch (ExecutionException cause) {
          if (!(cause.getCause() instanceof BrokenBarrierException)) {
            failure = cause;
          }
        }
      }
      throw failure;
    }
  }
}
