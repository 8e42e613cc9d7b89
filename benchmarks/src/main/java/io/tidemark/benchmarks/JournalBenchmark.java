package io.tidemark.benchmarks;

import io.tidemark.block.BlockEventType;
import io.tidemark.journal.ChronicleEventLogs;
import io.tidemark.journal.EventLog;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.storage.FileStorageIO;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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
 * What the journal costs an event: put into a record, also appended without a force, passed on
 * again.
 *
 * <p>One operation is one event; {@code -prof gc} tells the bytes allocated for it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class JournalBenchmark {
  private static final int EVENTS = 4096;
  private static final long WAL_STEP = 137;
  private static final long STORE_ID = 1;
  private static final long ROLL_LENGTH = 64 << 20;

  /** How ids are distributed. */
  @Param({"clustered", "random"})
  public String ids;

  private final long[] blockIds = new long[EVENTS];
  private final RecordBuffer record = new RecordBuffer();
  private final RecordBuffer written = new RecordBuffer();
  private final EventSum sum = new EventSum();
  private Path directory;
  private EventLog log;

  /** Appends one record, so that there is something to read. */
  @Setup(Level.Trial)
  public void begin() throws IOException {
    StoreWorkload workload = StoreWorkload.of(ids);
    for (int i = 0; i < EVENTS; i++) {
      blockIds[i] = workload.blockId(i);
    }
    directory = Files.createTempDirectory("journal");
    log =
        new ChronicleEventLogs(FileStorageIO.INSTANCE, directory, STORE_ID)
            .begin(1, 1, ROLL_LENGTH);
    fill(written);
    long before = log.length();
    log.append(written);
    System.out.printf(
        Locale.ROOT, "%.2f bytes an event%n", (log.length() - before) / (double) EVENTS);
  }

  /** Deletes what was appended. */
  @TearDown(Level.Trial)
  public void end() throws IOException {
    log.close();
    FileStorageIO.INSTANCE.deleteTree(directory);
  }

  private void fill(RecordBuffer target) {
    target.clear();
    for (int i = 0; i < EVENTS; i++) {
      target.event(
          BlockEventType.UPDATE, blockIds[i], (i + 1) * WAL_STEP, StoreWorkload.timestampNs(i));
    }
  }

  /** Puts events into a record. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public int encode() {
    fill(record);
    return record.count();
  }

  /** The same, and appends it: checksum, copy, the queue's own work, space, and rolls. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public long encodeAndAppend() throws IOException {
    fill(record);
    long last = log.append(record);
    log.recycle(last, 2 * ROLL_LENGTH);
    return last;
  }

  /** Passes the events of an appended record on. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public long decode() {
    written.forEach(sum);
    return sum.value();
  }
}
