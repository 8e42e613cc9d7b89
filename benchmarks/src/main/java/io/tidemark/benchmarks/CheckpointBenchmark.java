package io.tidemark.benchmarks;

import io.tidemark.tracker.BackupRun;
import io.tidemark.tracker.Chains;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What is done once in a while, each after so many blocks changed: a seal, a snapshot that is
 * published with its checkpoint, a backup that is prepared, a commit. All of them force.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 10)
@Measurement(iterations = 20)
@Fork(1)
public class CheckpointBenchmark {
  @Param({"clustered", "random"})
  public String ids;

  @Param("1000000")
  public long blocks;

  @Param({"10000", "1000000"})
  public long changed;

  private LoadedStore store;
  private @Nullable BackupRun prepared;

  @Setup
  public void load() throws IOException {
    store = new LoadedStore(ids, blocks);
  }

  @TearDown
  public void close() throws IOException {
    store.close();
  }

  /** Has a store with changes that are in no segment yet. */
  @State(Scope.Thread)
  public static class Changes {
    @Setup(Level.Invocation)
    public void change(CheckpointBenchmark benchmark) throws IOException {
      benchmark.change();
    }
  }

  /** Has a backup of all changes that only has to be committed. */
  @State(Scope.Thread)
  public static class PreparedRun {
    @Setup(Level.Invocation)
    public void prepare(CheckpointBenchmark benchmark) throws IOException {
      benchmark.change();
      benchmark.prepared = benchmark.store.tracker().backups().prepare(Chains.DEFAULT);
    }
  }

  /** Leaves nothing prepared. */
  @State(Scope.Thread)
  public static class AbortedRun {
    @TearDown(Level.Invocation)
    public void abort(CheckpointBenchmark benchmark) throws IOException {
      benchmark.store.tracker().backups().abort(Objects.requireNonNull(benchmark.prepared));
    }
  }

  private void change() throws IOException {
    store.load(changed);
    Meter.awaitIdle();
  }

  @Benchmark
  public void seal(Changes changes) throws IOException {
    store.tracker().seal();
  }

  @Benchmark
  public void checkpoint(Changes changes) throws IOException {
    store.tracker().checkpoint();
  }

  @Benchmark
  public void prepare(Changes changes, AbortedRun run) throws IOException {
    prepared = store.tracker().backups().prepare(Chains.DEFAULT);
  }

  @Benchmark
  public void commit(PreparedRun run) throws IOException {
    store.tracker().backups().commit(Objects.requireNonNull(prepared));
  }
}
