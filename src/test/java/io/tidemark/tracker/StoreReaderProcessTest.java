package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.MovedOnException;
import io.tidemark.testing.ChildJvm;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several readers of a store that another process writes at full speed: each sees one moment of it,
 * or is told that the store moved on, and keeps what it saw.
 */
@Timeout(300)
class StoreReaderProcessTest {
  private static final int READERS = 3;
  private static final int VIEWS = Rounds.of("tidemark.reader.views", 300, 60);
  private static final long MAX_READ_NS = TimeUnit.SECONDS.toNanos(10);
  private static final int POSITIONS_READ = 400;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private final AtomicInteger views = new AtomicInteger();
  private final AtomicInteger movedOn = new AtomicInteger();
  private final AtomicInteger records = new AtomicInteger();
  private final AtomicBoolean isDone = new AtomicBoolean();

  private void verifyBesideAProcess(TrackerOptions options) throws Exception {
    Path root = directory.resolve("store");
    ChangeTracker.open(root, BusyWriter.SHARD, options).close();
    WriterLedger ledger = new WriterLedger(directory.resolve("ledger"));
    ExecutorService readers = Executors.newFixedThreadPool(READERS);
    try (ChildJvm writer =
        ChildJvm.start(
            BusyWriter.class,
            root.toString(),
            directory.resolve("ledger").toString(),
            Integer.toString(options.maxOpenEvents()),
            Integer.toString(options.segmentsPerCheckpoint()),
            Long.toString(options.journalRollBytes()),
            Long.toString(options.journalKeepBytes()))) {
      while (ledger.applied() == 0) {
        assertTrue(ProcessHandle.of(writer.pid()).isPresent(), "writer ended by itself");
        Thread.onSpinWait();
      }
      List<Future<Void>> ends = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        Random random = new Random(i);
        ends.add(readers.submit(() -> read(root, ledger, random)));
      }
      for (Future<Void> end : ends) {
        end.get();
      }
      assertTrue(ProcessHandle.of(writer.pid()).isPresent(), "writer ended by itself");
    } finally {
      isDone.set(true);
      readers.shutdown();
      assertTrue(readers.awaitTermination(60, TimeUnit.SECONDS));
    }

    System.out.println(
        "StoreReaderProcessTest: readers="
            + READERS
            + ", views="
            + views
            + ", moved on="
            + movedOn
            + ", records="
            + records
            + ", versions="
            + ledger.applied()
            + ", "
            + options);
  }

  private Void read(Path root, WriterLedger ledger, Random random) throws IOException {
    StoreReader first = StoreReader.open(root);
    long firstThrough = BusyWriter.verify(first, random);
    long startedNs = System.nanoTime();
    try {
      while (views.get() < VIEWS && !isDone.get() && System.nanoTime() - startedNs < MAX_READ_NS) {
        long before = ledger.applied();
        StoreReader reader;
        try {
          reader = StoreReader.open(root);
          verifyRecords(reader);
        } catch (MovedOnException e) {
          movedOn.incrementAndGet();
          continue;
        }
        long after = ledger.submitted();
        long versions = BusyWriter.verify(reader, random) + 1;
        assertTrue(
            versions >= before && versions <= after,
            "read " + versions + ", written " + before + " to " + after);
        views.incrementAndGet();
      }
    } finally {
      isDone.set(true);
    }
    // Whatever the writer has deleted since.
    assertEquals(firstThrough, BusyWriter.verify(first, random));
    return null;
  }

  /** Checks that the journal's newest records follow one another, as far as they are kept. */
  private void verifyRecords(StoreReader reader) throws IOException {
    long[] last = {-1};
    reader.forEachRecord(
        Math.max(1, reader.lastPosition() - POSITIONS_READ),
        reader.lastPosition(),
        record -> {
          assertEquals(BusyWriter.ENTRIES, record.lastPosition() - record.firstPosition() + 1);
          if (last[0] >= 0) {
            assertEquals(last[0] + 1, record.firstPosition());
          }
          last[0] = record.lastPosition();
          records.incrementAndGet();
        });
  }

  @Test
  void shouldSeeOneMomentOfAWriterInAnotherProcess() throws Exception {
    verifyBesideAProcess(
        TrackerOptions.builder()
            .unlimited()
            .maxOpenEvents(100)
            .segmentsPerCheckpoint(2)
            .journalRollBytes(1 << 14)
            .journalKeepBytes(1 << 26)
            .build());
  }

  @Test
  void shouldSeeOneMomentOfAWriterThatRecyclesAtOnce() throws Exception {
    verifyBesideAProcess(BusyWriter.RECYCLING_OPTIONS);
  }
}
