package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.NotAStoreException;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.testing.FileTrees;
import io.tidemark.testing.MemoryTempDir;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
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
  private static final String SHARD = "read log";
  private static final long READ_NS = TimeUnit.SECONDS.toNanos(6);
  private static final int BLOCKS = 50;

  /** Entries of a record: one event for each, and its cover. */
  private static final int ENTRIES = 4;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private static BlockEventType type(long version, int i) {
    return BlockEventType.ofCode((int) ((version * 7 + i * 3L) % 4));
  }

  private static long block(long version, int i) {
    return (version * 31 + i * 17L) % BLOCKS;
  }

  /** Adds the events of a version and its cover; the version's journal positions follow from it. */
  private static void fill(RecordBuffer record, long version) {
    for (int i = 0; i < ENTRIES - 1; i++) {
      record.event(type(version, i), block(version, i), version, version);
    }
    record.cover(version, version, new byte[0]);
  }

  /** Returns the last change of each block up to a version, and its history. */
  private static Map<Long, BlockMaxima> histories(long after, long through) {
    Map<Long, BlockMaxima> result = new TreeMap<>();
    for (long version = after + 1; version <= through; version++) {
      for (int i = 0; i < ENTRIES - 1; i++) {
        result
            .computeIfAbsent(block(version, i), unused -> new BlockMaxima())
            .fold(type(version, i), 1, version);
      }
    }
    return result;
  }

  private static Map<Long, WalPosition> lastChanges(long after, long through) {
    Map<Long, WalPosition> result = new TreeMap<>();
    histories(after, through)
        .forEach(
            (block, maxima) -> {
              if (!maxima.lastChange().equals(WalPosition.BEFORE_ALL)) {
                result.put(block, maxima.lastChange());
              }
            });
    return result;
  }

  private static Map<Long, WalPosition> lastChanges(ChangeSet answer) {
    Map<Long, WalPosition> result = new TreeMap<>();
    answer.changes().forEach(change -> result.put(change.blockId(), change.last()));
    return result;
  }

  /** Checks that a reader shows the store as it was behind one of its records. */
  private static long verify(StoreReader reader, Random random) {
    assertEquals(List.of(), reader.report().lost());
    assertEquals(0, reader.lastPosition() % ENTRIES);
    long through = reader.lastPosition() / ENTRIES - 1;
    StoreView view = reader.view();
    if (through < 0) {
      assertEquals(Verdict.NOT_READY, view.changedEver().verdict());
      return through;
    }
    assertEquals(Verdict.EXACT, view.changedEver().verdict());
    assertEquals(new WalPosition(1, through), view.completeThrough());
    assertEquals(lastChanges(-1, through), lastChanges(view.changedEver()));
    long base = random.nextLong(through + 1);
    ChangeSet after = view.changedAfter(new WalPosition(1, base));
    assertEquals(Verdict.EXACT, after.verdict());
    assertEquals(lastChanges(base, through), lastChanges(after));
    histories(-1, through)
        .forEach((block, maxima) -> assertEquals(maxima.state(), reader.states().state(block)));
    return through;
  }

  /** Writes versions in many short lives until it is told to stop; returns how many. */
  private long write(Path root, TrackerOptions options, AtomicLong written, AtomicBoolean isDone)
      throws IOException {
    Random random = new Random(2);
    RecordBuffer record = new RecordBuffer();
    long version = 0;
    while (!isDone.get()) {
      ChangeTracker tracker = ChangeTracker.open(root, SHARD, options);
      assertEquals(version * ENTRIES, tracker.position());
      for (int steps = random.nextInt(200); steps > 0 && !isDone.get(); steps--) {
        fill(record, version);
        tracker.append(record);
        version++;
        written.set(version);
        switch (random.nextInt(40)) {
          case 0 -> tracker.seal();
          case 1 -> tracker.checkpoint();
          default -> {}
        }
      }
      if (random.nextBoolean()) {
        tracker.close();
      } else {
        tracker.abandon();
      }
    }
    return version;
  }

  private void verifyBesideAWriter(TrackerOptions options) throws Exception {
    Path root = directory.resolve("store");
    ChangeTracker.open(root, SHARD, options).close();
    AtomicLong written = new AtomicLong();
    AtomicBoolean isDone = new AtomicBoolean();
    Random random = new Random(1);
    int views = 0;
    ExecutorService writer = Executors.newSingleThreadExecutor();
    try {
      Future<Long> versions = writer.submit(() -> write(root, options, written, isDone));
      long started = System.nanoTime();
      while (System.nanoTime() - started < READ_NS && !versions.isDone()) {
        long before = written.get();
        StoreReader reader = StoreReader.open(root);
        // The last record may be journaled and not yet counted.
        long after = written.get() + 1;
        long through = verify(reader, random);
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
    verifyBesideAWriter(new TrackerOptions(100, 2, 1 << 14, 1L << 40));
  }

  @Test
  void shouldSeeOneMomentOfAWriterThatKeepsNoJournal() throws Exception {
    verifyBesideAWriter(new TrackerOptions(20, 1, 1 << 14, 0));
  }

  @Test
  void shouldChangeNothing() throws IOException {
    Path root = directory.resolve("store");
    RecordBuffer record = new RecordBuffer();
    ChangeTracker tracker = ChangeTracker.open(root, SHARD, TrackerOptions.defaults());
    for (long version = 0; version < 10; version++) {
      fill(record, version);
      tracker.append(record);
      if (version == 5) {
        tracker.checkpoint();
      }
    }
    tracker.abandon();
    Map<Path, FileTime> before = times(root);

    assertEquals(9, verify(StoreReader.open(root), new Random(1)));

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
    try (ChangeTracker tracker = ChangeTracker.open(root, SHARD, TrackerOptions.defaults())) {
      for (long version = 0; version < 10; version++) {
        fill(record, version);
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
