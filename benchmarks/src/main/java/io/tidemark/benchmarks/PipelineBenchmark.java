package io.tidemark.benchmarks;

import io.tidemark.storage.FileStorageIO;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.Durability;
import io.tidemark.tracker.EventPipeline;
import io.tidemark.tracker.PipelineOptions;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What an event costs from the ring to the fold: given, drained, journaled, applied.
 *
 * <p>One operation is one event. {@code -prof gc} counts what sealing threads allocate too, because
 * a steady state has seals; what the pipeline's writer alone spent is printed after each iteration.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class PipelineBenchmark {
  private static final int EVENTS = 4096;
  private static final String WRITER = "tidemark-writer-";

  /** How ids are distributed. */
  @Param({"clustered", "random"})
  public String ids;

  private final long[] blockIds = new long[EVENTS];
  private Path directory;
  private BitmapEngine engine;
  private EventPipeline pipeline;
  private long given;
  private long givenBefore;
  private ThreadCosts before = new ThreadCosts(0, 0);

  /** Opens a store. */
  @Setup(Level.Trial)
  public void begin() throws IOException {
    StoreWorkload workload = StoreWorkload.of(ids);
    for (int i = 0; i < EVENTS; i++) {
      blockIds[i] = workload.blockId(i);
    }
    directory = Files.createTempDirectory("pipeline");
    engine = BitmapEngine.open(directory.resolve("store"), "jmh", TrackerOptions.defaults());
    pipeline =
        EventPipeline.start(
            engine, PipelineOptions.defaults().withDurability(Durability.ASYNC), List.of());
  }

  /** Closes and deletes it. */
  @TearDown(Level.Trial)
  public void end() throws IOException {
    pipeline.close();
    engine.close();
    FileStorageIO.INSTANCE.deleteTree(directory);
  }

  /** Begins to count what the writer spends. */
  @Setup(Level.Iteration)
  public void count() throws InterruptedException {
    pipeline.flush();
    givenBefore = given;
    before = ThreadCosts.of(WRITER);
  }

  /** Prints it. */
  @TearDown(Level.Iteration)
  public void print() throws InterruptedException {
    pipeline.flush();
    System.out.print(
        "(writer: " + ThreadCosts.of(WRITER).since(before).perEvent(given - givenBefore) + ") ");
  }

  /** Gives events; the ring holds the thread back as far as the writer needs it. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public long acceptAndApply() {
    for (int i = 0; i < EVENTS; i++) {
      pipeline.onBlockUpdate(blockIds[i], given, given);
      given++;
    }
    return given;
  }
}
