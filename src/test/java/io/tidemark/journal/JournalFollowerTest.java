package io.tidemark.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.StorageIO;
import io.tidemark.testing.EntryLog;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading a journal while it is appended to, rolled, begun again and recycled. */
class JournalFollowerTest {
  private static final long STORE_ID = 77;
  private static final Path MEMORY = Path.of("/disk/journal");
  private static final long ROLL_LENGTH = 1_000;
  private static final int MAX_EVENTS = 40;
  private static final int STEPS = 300;
  private static final int SEEDS = Rounds.of("tidemark.follower.seeds", 60, 15);

  @TempDir Path directory;

  private final RecordBuffer buffer = new RecordBuffer();
  private EventLogs logs = new MemoryEventLogs(new MemoryStorageIO(), MEMORY, STORE_ID);
  private @Nullable EventLog log;
  private long epoch;
  private long firstOwn = 1;

  /** Position of the last entry there is; its event has the same WAL offset. */
  private long applied;

  /** First position that was never allowed to be recycled. */
  private long lowest;

  private void use(StorageIO io, Path journal) throws IOException {
    io.createDurably(journal);
    logs =
        io instanceof FileStorageIO
            ? new ChronicleEventLogs(io, journal, STORE_ID)
            : new MemoryEventLogs(io, journal, STORE_ID);
  }

  private void useMemory() throws IOException {
    use(new MemoryStorageIO(), MEMORY);
  }

  private EventLog open() throws IOException {
    EventLog current = log;
    if (current == null) {
      epoch++;
      current = logs.begin(epoch, applied + 1, ROLL_LENGTH);
      log = current;
    }
    return current;
  }

  private void append(int events) throws IOException {
    EventLog current = open();
    for (int i = 1; i <= events; i++) {
      buffer.event(BlockEventType.UPDATE, i, applied + i, 0);
    }
    applied = current.append(buffer);
    buffer.clear();
  }

  @AfterEach
  void closeLog() throws IOException {
    EventLog current = log;
    if (current != null) {
      current.close();
    }
    log = null;
    firstOwn = applied + 1;
  }

  /** Reads on through what is applied; returns how many positions were missing. */
  private long readOn(JournalFollower follower) throws IOException {
    long missing = 0;
    while (follower.next() <= applied) {
      JournalRecord found = follower.read(applied);
      if (found == null) {
        missing += applied - follower.next() + 1;
        follower.passThrough(applied);
        break;
      }
      long first = Math.max(follower.next(), found.firstPosition());
      missing += first - follower.next();
      assertTrue(found.lastPosition() <= applied, "not applied");
      EntryLog entries = new EntryLog();
      found.forEach(first, found.lastPosition(), entries);
      for (String line : entries.lines()) {
        assertTrue(
            line.startsWith(first + " gen=1 ") && line.contains(" wal=" + first + " "), line);
        first++;
      }
      assertEquals(found.lastPosition() + 1, first);
      follower.passThrough(found.lastPosition());
    }
    return missing;
  }

  @Test
  void shouldReadEachRecordWhenItIsAppended() throws IOException {
    useMemory();
    try (JournalFollower follower = new JournalFollower(logs, firstOwn, 1)) {
      assertNull(follower.read(0));
      for (int i = 0; i < 100; i++) {
        append(MAX_EVENTS);

        assertEquals(0, readOn(follower));

        assertEquals(applied + 1, follower.next());
        assertNull(follower.read(applied));
      }
    }
  }

  @Test
  void shouldBeginInTheMiddleOfARecord() throws IOException {
    useMemory();
    append(10);
    append(10);
    try (JournalFollower follower = new JournalFollower(logs, firstOwn, 5)) {
      JournalRecord found = follower.read(applied);

      assertNotNull(found);
      assertEquals(1, found.firstPosition());
      follower.passThrough(10);
      assertEquals(11, assertNotNullRecord(follower.read(applied)).firstPosition());
    }
  }

  private static JournalRecord assertNotNullRecord(@Nullable JournalRecord record) {
    assertNotNull(record);
    return record;
  }

  @Test
  void shouldReturnTheSameRecordUntilItIsPassed() throws IOException {
    useMemory();
    append(10);
    try (JournalFollower follower = new JournalFollower(logs, firstOwn, 1)) {
      follower.read(applied);
      follower.passThrough(4);

      assertEquals(1, assertNotNullRecord(follower.read(applied)).firstPosition());
    }
  }

  @Test
  void shouldFindWhatIsLeftWhenTheFileItReadsIsRecycled() throws IOException {
    useMemory();
    append(MAX_EVENTS);
    try (JournalFollower follower = new JournalFollower(logs, firstOwn, 1)) {
      readOn(follower);
      for (int i = 0; i < 50; i++) {
        append(MAX_EVENTS);
      }
      open().force();
      open().recycle(applied, 0);

      long missing = readOn(follower);

      assertTrue(missing > 0 && missing % MAX_EVENTS == 0, "missing=" + missing);
      append(1);
      assertEquals(0, readOn(follower));
    }
  }

  /** What an older log holds from there on was given up when the newer one was begun. */
  @Test
  void shouldLeaveALogWhereTheNextOneBegins() throws IOException {
    useMemory();
    append(10);
    long end = applied;
    append(10);
    applied = end;
    closeLog();
    try (JournalFollower follower = new JournalFollower(logs, firstOwn, 1)) {
      assertEquals(0, readOn(follower));
      append(3);

      assertEquals(0, readOn(follower));

      assertEquals(end + 4, follower.next());
    }
  }

  @Test
  void shouldReadAChronicleQueueThatRolls() throws IOException {
    use(FileStorageIO.INSTANCE, directory.resolve("journal"));
    try (JournalFollower follower = new JournalFollower(logs, firstOwn, 1)) {
      for (int i = 0; i < 8; i++) {
        append(MAX_EVENTS);
        assertEquals(0, readOn(follower));
      }
    }
    try (JournalFollower late = new JournalFollower(logs, firstOwn, applied - 3)) {
      assertEquals(0, readOn(late));
    }
  }

  /** Several followers, at random places of a journal of which everything happens at random. */
  @Test
  void shouldMissOnlyWhatWasRecycled() throws IOException {
    Seeds.each(SEEDS, this::appendRecycleAndFollow);
  }

  private void appendRecycleAndFollow(Random random) throws IOException {
    useMemory();
    applied = 0;
    firstOwn = 1;
    lowest = 1;
    List<JournalFollower> followers = new ArrayList<>();
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(10)) {
        case 0 -> {
          closeLog();
          followers.clear();
        }
        case 1 -> recycle(random);
        case 2, 3, 4, 5 -> append(1 + random.nextInt(MAX_EVENTS));
        case 6 ->
            followers.add(new JournalFollower(logs, firstOwn, 1 + random.nextLong(applied + 1)));
        default -> {
          if (!followers.isEmpty()) {
            JournalFollower follower = followers.get(random.nextInt(followers.size()));
            long recycled = Math.max(0, Math.min(lowest, applied + 1) - follower.next());
            assertTrue(readOn(follower) <= recycled, "step=" + step);
            assertEquals(applied + 1, follower.next());
          }
        }
      }
    }
    closeLog();
  }

  private void recycle(Random random) throws IOException {
    EventLog current = log;
    if (current == null) {
      return;
    }
    current.force();
    long through = applied - random.nextLong(applied + 1);
    current.recycle(through, 0);
    List<Long> begins = logs.list();
    for (int i = 0; i + 1 < begins.size() && begins.get(i + 1) <= through + 1; i++) {
      logs.recycle(begins.get(i));
    }
    lowest = Math.max(lowest, through + 1);
  }
}
