package io.tidemark.tracker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;

/** A pipeline into a store in memory, and what keeps its writer from working. */
final class PipelineFixture {

  /** Longer than a test may take. */
  static final long LONG_MS = 600_000;

  static final int SMALL_RING = 64;

  /** No force comes by itself. */
  static final PipelineOptions ASYNC =
      PipelineOptions.defaults().withRingCapacity(SMALL_RING).withDurability(Durability.ASYNC);

  final EngineFixture store;
  final BitmapEngine engine;

  PipelineFixture() throws IOException {
    store = new EngineFixture();
    engine = store.open();
  }

  EventPipeline start(PipelineOptions options, DurabilityListener... listeners) throws IOException {
    return EventPipeline.start(engine, options, List.of(listeners));
  }

  /** Holds an engine, so that a pipeline's writer cannot work, until it is told. */
  static final class Hold {
    private final CountDownLatch release = new CountDownLatch(1);
    private final FutureTask<Boolean> task;

    Hold(BitmapEngine engine) throws InterruptedException {
      CountDownLatch held = new CountDownLatch(1);
      task =
          new FutureTask<>(
              () ->
                  engine.call(
                      tracker -> {
                        held.countDown();
                        return await(release);
                      }));
      new Thread(task).start();
      held.await();
    }

    private static boolean await(CountDownLatch latch) {
      try {
        latch.await();
        return true;
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }

    void end() throws Exception {
      release.countDown();
      task.get();
    }
  }

  /** Something a thread does over and over. */
  @FunctionalInterface
  interface Work {
    void run(int thread) throws Exception;
  }

  /** Does something in several threads at once and waits for all. */
  static void inThreads(int threads, Work work) throws Exception {
    List<FutureTask<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int thread = i;
      FutureTask<Boolean> task =
          new FutureTask<>(
              () -> {
                work.run(thread);
                return true;
              });
      tasks.add(task);
      new Thread(task).start();
    }
    for (FutureTask<Boolean> task : tasks) {
      task.get();
    }
  }
}
