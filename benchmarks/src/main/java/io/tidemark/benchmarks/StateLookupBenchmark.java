package io.tidemark.benchmarks;

import io.tidemark.block.BlockState;
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

/** The state of one block after another, in random order. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class StateLookupBenchmark {
  private static final int LOOKUPS = 1 << 20;

  @Param({"clustered", "random"})
  public String ids;

  @Param("10000000")
  public long blocks;

  private final long[] lookups = new long[LOOKUPS];
  private LoadedStore store;
  private int next;

  @Setup
  public void load() throws IOException {
    store = new LoadedStore(ids, blocks);
    long known = store.workload().blocks();
    for (int i = 0; i < LOOKUPS; i++) {
      lookups[i] = store.workload().blockId(StoreWorkload.permuted(i % known, known));
    }
  }

  @TearDown
  public void close() throws IOException {
    store.close();
  }

  @Benchmark
  public BlockState state() throws IOException {
    next = (next + 1) & (LOOKUPS - 1);
    return store.tracker().state(lookups[next]);
  }
}
