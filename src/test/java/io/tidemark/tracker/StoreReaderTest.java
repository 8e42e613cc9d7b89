package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.NotAStoreException;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.testing.FileTrees;
import io.tidemark.testing.MemoryTempDir;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store read without a lock, of a dead writer and beside a busy one. */
@Timeout(120)
class StoreReaderTest {
  private static final long READ_NS = TimeUnit.SECONDS.toNanos(6);

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  /** Counts versions. */
  private record Counter(AtomicLong written) implements BusyWriter.Observer {
    @Override
    public void onAppending(long version) {
      // Counted when it is there.
    }

    @Override
    public void onApplied(long version) {
      written.set(version + 1);
    }
  }

  private void verifyBesideAWriter(TrackerOptions options) throws Exception {
    Path root = directory.resolve("store");
    ChangeTracker.open(root, BusyWriter.SHARD, options).close();
    AtomicLong written = new AtomicLong();
    AtomicBoolean isDone = new AtomicBoolean();
    Random random = new Random(1);
    int views = 0;
    ExecutorService writer = Executors.newSingleThreadExecutor();
    try {
      BusyWriter.Observer observer = new Counter(written);
      Future<Long> versions =
          writer.submit(() -> BusyWriter.write(root, options, observer, isDone::get));
      long started = System.nanoTime();
      while (System.nanoTime() - started < READ_NS && !versions.isDone()) {
        long before = written.get();
        StoreReader reader = StoreReader.open(root);
        // The last record may be journaled and not yet counted.
        long after = written.get() + 1;
        long through = BusyWriter.verify(reader, random);
        assertTrue(
            through + 1 >= before && through + 1 <= after,
            "read " + through + ", written " + before + " to " + after);
        views++;
      }
      isDone.set(true);
      System.out.println(
          "StoreReaderTest: views=" + views + ", versions=" + versions.get() + ", " + options);
    } finally {
      isDone.set(true);
      writer.shutdown();
      assertTrue(writer.awaitTermination(60, TimeUnit.SECONDS));
    }
  }

  @Test
  void shouldSeeOneMomentOfABusyWriter() throws Exception {
    verifyBesideAWriter(
        TrackerOptions.builder()
            .unlimited()
            .maxOpenEvents(100)
            .segmentsPerCheckpoint(2)
            .journalRollBytes(1 << 14)
            .journalKeepBytes(1L << 40)
            .build());
  }

  @Test
  void shouldSeeOneMomentOfAWriterThatKeepsNoJournal() throws Exception {
    verifyBesideAWriter(BusyWriter.RECYCLING_OPTIONS);
  }

  @Test
  void shouldChangeNothing() throws IOException {
    Path root = directory.resolve("store");
    RecordBuffer record = new RecordBuffer();
    ChangeTracker tracker = ChangeTracker.open(root, BusyWriter.SHARD, TrackerOptions.defaults());
    for (long version = 0; version < 10; version++) {
      BusyWriter.fill(record, version);
      tracker.append(record);
      if (version == 5) {
        tracker.checkpoint();
      }
    }
    tracker.abandon();
    Map<Path, FileTime> before = times(root);

    assertEquals(9, BusyWriter.verify(StoreReader.open(root), new Random(1)));

    assertEquals(before, times(root));
  }

  private static Map<Path, FileTime> times(Path root) throws IOException {
    Map<Path, FileTime> result = new HashMap<>();
    for (Path file : FileTrees.files(root)) {
      result.put(file, Files.getLastModifiedTime(file));
    }
    return result;
  }

  @Test
  void shouldPassOnTheRecordsOfAnInterval() throws IOException {
    Path root = directory.resolve("store");
    RecordBuffer record = new RecordBuffer();
    try (ChangeTracker tracker =
        ChangeTracker.open(root, BusyWriter.SHARD, TrackerOptions.defaults())) {
      for (long version = 0; version < 10; version++) {
        BusyWriter.fill(record, version);
        tracker.append(record);
      }
    }
    long[] seen = {0, 0};

    StoreReader.open(root)
        .forEachRecord(
            6,
            13,
            found -> {
              seen[0]++;
              seen[1] = found.lastPosition();
            });

    assertEquals(3, seen[0]);
    assertEquals(16, seen[1]);
  }

  @Test
  void shouldRefuseADirectoryWithoutAStore() {
    assertEquals(
        "not a store: no STORE file: directory=" + directory,
        assertThrows(NotAStoreException.class, () -> StoreReader.open(directory)).getMessage());
  }
}
