package io.tidemark.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.StoreFailedException;
import io.tidemark.storage.StorageIO;
import io.tidemark.testing.EntryLog;
import io.tidemark.testing.WatchedForces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every journal has to do. */
abstract class EventLogsContract {
  private static final long STORE_ID = 99;
  private static final long NO_ROLL = Long.MAX_VALUE;

  private final RecordBuffer buffer = new RecordBuffer();
  private final Random random = new Random(1);
  private WatchedForces disk;

  /** Returns where the journal's files are; the same every time. */
  abstract StorageIO io();

  /** Returns the journal directory; it does not exist yet. */
  abstract Path journal();

  /** Returns the journal of a store, with its files in {@code files}. */
  abstract EventLogs logs(StorageIO files, long storeId);

  @BeforeEach
  void createDirectory() throws IOException {
    io().createDurably(journal());
    disk = new WatchedForces(io());
  }

  private EventLogs logs() {
    return logs(disk, STORE_ID);
  }

  /** Appends random records and returns one line for each of their entries. */
  private List<String> append(EventLog log, int records) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < records; i++) {
      buffer.clear();
      JournalFixture.fill(buffer, random);
      long before = log.lastPosition();
      assertEquals(before + buffer.count(), log.append(buffer));
      assertEquals(before + buffer.count(), log.lastPosition());
      EntryLog entries = new EntryLog();
      buffer.forEach(entries);
      lines.addAll(entries.lines());
    }
    return lines;
  }

  private static List<String> read(EventLogs logs, long firstPosition) throws IOException {
    List<String> lines = new ArrayList<>();
    long next = firstPosition;
    try (EventLogReader reader = logs.read(firstPosition)) {
      JournalRecord record = reader.next();
      while (record != null) {
        assertEquals(next, record.firstPosition());
        assertTrue(record.durableMark() < record.firstPosition());
        EntryLog entries = new EntryLog();
        record.forEach(entries);
        lines.addAll(entries.lines());
        next = record.lastPosition() + 1;
        record = reader.next();
      }
      assertNull(reader.next());
      assertEquals(0, reader.damagedRecords());
    }
    return lines;
  }

  @Test
  void shouldReadWhatWasAppended() throws IOException {
    List<String> appended;
    try (EventLog log = logs().begin(1, 501, NO_ROLL)) {
      assertEquals(500, log.lastPosition());
      assertEquals(500, log.durablePosition());
      appended = append(log, 50);
      assertEquals(appended, read(logs(), 501), "while it is written");
    }

    assertEquals(appended, read(logs(), 501));
    assertEquals(List.of(501L), logs().list());
    assertTrue(logs().length(501) > 0);
  }

  @Test
  void shouldReadAcrossFiles() throws IOException {
    List<String> appended;
    try (EventLog log = logs().begin(1, 1, 1000)) {
      appended = append(log, 100);
      assertTrue(log.durablePosition() > 0, "two files left behind are not both volatile");
    }

    assertEquals(appended, read(logs(), 1));
  }

  @Test
  void shouldRaiseTheDurablePositionByAForce() throws IOException {
    try (EventLog log = logs().begin(1, 1, NO_ROLL)) {
      append(log, 3);
      assertEquals(0, log.durablePosition());
      log.force();
      assertEquals(log.lastPosition(), log.durablePosition());
      append(log, 1);
      assertTrue(log.durablePosition() < log.lastPosition());
    }
  }

  /** Returns the files of the log that begins at position 1, oldest first. */
  private List<Path> files() throws IOException {
    Path directory = io().list(journal()).get(0);
    return io().list(directory).stream()
        .filter(file -> file.toString().endsWith(".log") || file.toString().endsWith(".cq4"))
        .toList();
  }

  @Test
  void shouldAppendAndRollWhileAForceRuns() throws Exception {
    HeldForce held = new HeldForce();
    List<String> appended;
    try (EventLog log = logs().begin(1, 1, 1000)) {
      appended = append(log, 1);
      long before = log.lastPosition();
      disk.watch(held);
      ForceThread force = new ForceThread(log);
      held.awaitBegun();

      while (files().size() < 2) {
        appended.addAll(append(log, 1));
      }

      assertEquals(0, log.durablePosition());
      held.letGo();
      assertNull(force.end());
      assertEquals(before, log.durablePosition(), "what was appended before the force, no more");
      Path first = files().get(0);
      Path second = files().get(1);
      assertEquals(List.of(first), held.forced());
      log.force();
      assertEquals(log.lastPosition(), log.durablePosition());
      assertEquals(
          List.of(first, second, first, Objects.requireNonNull(first.getParent())), held.forced());
      appended.addAll(append(log, 1));
      log.force();
      assertEquals(second, held.forced().get(4), "the first is closed");
      assertEquals(5, held.forced().size());
    }

    assertEquals(appended, read(logs(), 1));
  }

  @Test
  void shouldLeaveNoSecondFileBehindBeforeTheFirstIsDurable() throws Exception {
    try (EventLog log = logs().begin(1, 1, 1)) {
      append(log, 2);
      long inFirstTwoFiles = log.lastPosition();
      assertEquals(0, log.durablePosition(), "a roll alone forces nothing");

      append(log, 1);

      assertEquals(inFirstTwoFiles, log.durablePosition());
      assertEquals(3, files().size());
    }
  }

  @Test
  void shouldForceTogetherWhatWasAppendedWhileAForceRan() throws Exception {
    HeldForce held = new HeldForce();
    try (EventLog log = logs().begin(1, 1, NO_ROLL)) {
      append(log, 1);
      disk.watch(held);
      ForceThread first = new ForceThread(log);
      held.awaitBegun();
      append(log, 1);
      ForceThread second = new ForceThread(log).awaitWaiting();
      append(log, 1);
      ForceThread third = new ForceThread(log).awaitWaiting();

      held.letGo();

      assertNull(first.end());
      assertNull(second.end());
      assertNull(third.end());
      assertEquals(log.lastPosition(), second.durable());
      assertEquals(log.lastPosition(), third.durable());
      assertEquals(2, held.forced().size());
      log.force();
      assertEquals(2, held.forced().size(), "there is nothing to force");
    }
  }

  @Test
  void shouldTakeNothingMoreOnceAForceFailedInAnotherThread() throws Exception {
    HeldForce held = new HeldForce();
    try (EventLog log = logs().begin(1, 1, NO_ROLL)) {
      append(log, 1);
      log.force();
      long durable = log.durablePosition();
      append(log, 1);
      disk.watch(held);
      ForceThread failing = new ForceThread(log);
      held.awaitBegun();
      append(log, 1);
      ForceThread waiting = new ForceThread(log).awaitWaiting();

      held.fail();

      assertInstanceOf(StoreFailedException.class, failing.end());
      assertInstanceOf(StoreFailedException.class, waiting.end());
      buffer.clear();
      JournalFixture.fill(buffer, random);
      assertThrows(StoreFailedException.class, () -> log.append(buffer));
      assertThrows(StoreFailedException.class, log::force);
      assertEquals(durable, log.durablePosition());
      assertEquals(1, held.forced().size(), "a second force would lie");
    }
  }

  @Test
  void shouldCloseAfterTheForceThatRuns() throws Exception {
    HeldForce held = new HeldForce();
    EventLog log = logs().begin(1, 1, NO_ROLL);
    append(log, 1);
    disk.watch(held);
    ForceThread force = new ForceThread(log);
    held.awaitBegun();
    Thread closer = new Thread(() -> closeUnchecked(log));
    closer.start();
    while (closer.isAlive() && closer.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }

    held.letGo();

    assertNull(force.end());
    closer.join();
    assertEquals(log.lastPosition(), log.durablePosition());
    log.force();
  }

  private static void closeUnchecked(EventLog log) {
    try {
      log.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void shouldRefuseAForceAfterTheEnd() throws Exception {
    EventLog log = logs().begin(1, 1, NO_ROLL);
    append(log, 1);
    log.close();

    assertThrows(IllegalStateException.class, log::force);

    assertEquals(0, log.durablePosition());
  }

  @Test
  void shouldTellTheEpochAndTheDurablePosition() throws IOException {
    try (EventLog log = logs().begin(7, 1, NO_ROLL)) {
      append(log, 1);
      long durable = log.lastPosition();
      log.force();
      append(log, 1);

      try (EventLogReader reader = logs().read(1)) {
        JournalRecord record = reader.next();
        assertEquals(0, record == null ? -1 : record.durableMark());
        assertEquals(7, record == null ? -1 : record.epoch());
        record = reader.next();
        assertEquals(durable, record == null ? -1 : record.durableMark());
      }
    }
  }

  @Test
  void shouldListLogsByPosition() throws IOException {
    logs().begin(1, 1000, NO_ROLL).close();
    logs().begin(2, 2, NO_ROLL).close();
    logs().begin(3, 30, NO_ROLL).close();

    assertEquals(List.of(2L, 30L, 1000L), logs().list());
    assertEquals(List.of(), read(logs(), 30));
  }

  @Test
  void shouldRefuseToBeginALogThatIsThere() throws IOException {
    logs().begin(1, 5, NO_ROLL).close();

    assertThrows(IOException.class, () -> logs().begin(2, 5, NO_ROLL));
  }

  @Test
  void shouldRecycleALog() throws IOException {
    try (EventLog log = logs().begin(1, 1, 500)) {
      append(log, 20);
    }
    try (EventLog log = logs().begin(2, 1000, NO_ROLL)) {
      append(log, 1);

      logs().recycle(1);

      assertEquals(List.of(1000L), logs().list());
      append(log, 1);
    }
    assertEquals(1, io().list(journal()).size());
    logs().begin(3, 1, NO_ROLL).close();
    assertEquals(List.of(), read(logs(), 1));
  }

  @Test
  void shouldDeleteWhatIsLeftOfALog() throws IOException {
    logs().begin(1, 1, NO_ROLL).close();
    Path directory = io().list(journal()).get(0);
    io().rename(directory, directory.resolveSibling(directory.getFileName() + ".tmp"));

    assertEquals(List.of(), logs().list());
    logs().deleteLeftovers();

    assertEquals(List.of(), io().list(journal()));
  }

  @Test
  void shouldPassOverRecordsOfAnotherStore() throws IOException {
    try (EventLog log = logs().begin(1, 1, NO_ROLL)) {
      append(log, 4);
    }

    try (EventLogReader reader = logs(disk, STORE_ID + 1).read(1)) {
      assertNull(reader.next());
      assertEquals(4, reader.damagedRecords());
    }
  }
}
