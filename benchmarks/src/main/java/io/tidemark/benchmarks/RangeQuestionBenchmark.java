package io.tidemark.benchmarks;

import io.tidemark.tracker.ChangeRange;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.ChangedIds;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Which blocks changed in a range, one range after another over the whole history. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RangeQuestionBenchmark {
  private static final int PLACES = 61;

  @Param({"clustered", "random"})
  public String ids;

  @Param("10000000")
  public long blocks;

  /** Events in the range; each is another block. */
  @Param({"1000", "100000"})
  public long answers;

  private LoadedStore store;
  private long place;

  @Setup
  public void load() throws IOException {
    store = new LoadedStore(ids, blocks);
  }

  @TearDown
  public void close() throws IOException {
    store.close();
  }

  @Benchmark
  public ChangedIds idsByWal() {
    return store.tracker().view().changedIds(nextOffsets());
  }

  @Benchmark
  public ChangedIds idsByTime() {
    long first = nextFirst();
    return store
        .tracker()
        .view()
        .changedIds(
            ChangeRange.timestamps(
                StoreWorkload.timestampNs(first), StoreWorkload.timestampNs(first + answers - 1)));
  }

  /** With kind, first and last position and time of each block. */
  @Benchmark
  public ChangeSet detailsByWal() {
    return store.tracker().view().changes(nextOffsets());
  }

  private ChangeRange nextOffsets() {
    long first = nextFirst();
    return ChangeRange.offsets(
        StoreWorkload.walOffset(first), StoreWorkload.walOffset(first + answers - 1));
  }

  private long nextFirst() {
    place = (place + 1) % PLACES;
    return (blocks - answers) / PLACES * place;
  }
}
