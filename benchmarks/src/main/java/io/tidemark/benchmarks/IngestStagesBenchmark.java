package io.tidemark.benchmarks;

import io.tidemark.block.BlockEventType;
import io.tidemark.ingest.BlockEventSink;
import io.tidemark.ingest.EventRing;
import io.tidemark.segment.OpenSegment;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * What an event costs in the ring, and in the open segment: the stages before and behind the
 * journal, which {@link JournalBenchmark} measures. {@link PipelineBenchmark} is all of them.
 *
 * <p>One operation is one event; {@code -prof gc} tells the bytes allocated for it. One thread does
 * everything, so nobody waits for a cache line of another core's.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class IngestStagesBenchmark {
  private static final int EVENTS = 4096;
  private static final int SEGMENT_EVENTS = 1 << 20;

  /** How ids are distributed. */
  @Param({"clustered", "random"})
  public String ids;

  private final long[] blockIds = new long[EVENTS];
  private final EventRing ring = new EventRing(2 * EVENTS);
  private final Taken taken = new Taken();
  private OpenSegment open = new OpenSegment(1, 1, 1);

  /** Draws the ids. */
  @Setup(Level.Trial)
  public void begin() {
    StoreWorkload workload = StoreWorkload.of(ids);
    for (int i = 0; i < EVENTS; i++) {
      blockIds[i] = workload.blockId(i);
    }
  }

  /** Offers events until half the ring is full, and takes them out again. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public long ring() {
    for (int i = 0; i < EVENTS; i++) {
      boolean isIn =
          ring.offerEvent(BlockEventType.UPDATE, blockIds[i], i, StoreWorkload.timestampNs(i));
      assert isIn : "ring is full: events=" + i;
    }
    while (!ring.isEmpty()) {
      ring.drain(taken, EVENTS);
    }
    return taken.sum;
  }

  /** Folds events into the open segment; a full one gives its memory to the next. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public int fold() {
    if (open.isFull(SEGMENT_EVENTS)) {
      OpenSegment full = open;
      open = full.next(1);
      full.release();
    }
    long position = open.lastPosition();
    for (int i = 0; i < EVENTS; i++) {
      position++;
      open.onEvent(
          position,
          1,
          BlockEventType.UPDATE,
          blockIds[i],
          position,
          StoreWorkload.timestampNs(position));
    }
    return open.eventCount();
  }

  /** Adds up what it is told of events. */
  private static final class Taken implements BlockEventSink {
    private long sum;

    @Override
    public void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {
      sum += type.code() + blockId + walOffset + timestampNs;
    }

    @Override
    public void onFlushAll(long walOffset, long timestampNs) {
      throw noEvent();
    }

    @Override
    public void completeThrough(long walOffset) {
      throw noEvent();
    }

    @Override
    public void continueFrom(long walOffset) {
      throw noEvent();
    }

    @Override
    public void gap(long first, long last, String reason) {
      throw noEvent();
    }

    @Override
    public void rolledBack(long firstOwn, long timestampNs) {
      throw noEvent();
    }

    private static IllegalStateException noEvent() {
      return new IllegalStateException("only events were offered");
    }
  }
}
