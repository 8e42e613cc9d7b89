package io.tidemark.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.StoreFailedException;
import io.tidemark.storage.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Positions, files and durability of a journal while it is written. */
class ChronicleEventLogTest {
  private static final long STORE_ID = 5;
  private static final long EPOCH = 2;
  private static final long FIRST = 501;
  private static final long NO_ROLL = Long.MAX_VALUE;

  @TempDir Path root;

  private final RecordBuffer buffer = new RecordBuffer();

  private EventLog create(long rollLength) throws IOException {
    return JournalFixture.begin(root, STORE_ID, EPOCH, FIRST, rollLength);
  }

  private Path directory() {
    return root.resolve(FileEventLogs.directoryName(FIRST));
  }

  private List<Path> files() throws IOException {
    return Directories.list(directory()).stream()
        .filter(path -> path.toString().endsWith(ChronicleEventLogs.FILE_SUFFIX))
        .toList();
  }

  private long append(EventLog journal, int entries) throws IOException {
    buffer.clear();
    for (int i = 0; i < entries; i++) {
      buffer.flushAll(i, i);
    }
    return journal.append(buffer);
  }

  /** One line for each record on disk: its positions, the durable mark and the epoch. */
  private List<String> records() throws IOException {
    List<String> lines = new ArrayList<>();
    try (EventLogReader scanner = JournalFixture.scanner(directory(), STORE_ID)) {
      for (JournalRecord record = scanner.next(); record != null; record = scanner.next()) {
        lines.add(
            record.firstPosition()
                + "-"
                + record.lastPosition()
                + " durable="
                + record.durableMark()
                + " epoch="
                + record.epoch());
      }
    }
    return lines;
  }

  @Test
  void shouldNameADirectoryByItsFirstPosition() {
    assertEquals("00000000000000000501", FileEventLogs.directoryName(FIRST));
    assertEquals("09223372036854775807", FileEventLogs.directoryName(Long.MAX_VALUE));
  }

  @Test
  void shouldGiveDensePositions() throws IOException {
    try (EventLog journal = create(NO_ROLL)) {
      assertEquals(FIRST - 1, journal.lastPosition());
      assertEquals(501, append(journal, 1));
      assertEquals(504, append(journal, 3));
      assertEquals(514, append(journal, 10));
      assertEquals(514, journal.lastPosition());
    }

    assertEquals(
        List.of(
            "501-501 durable=500 epoch=2",
            "502-504 durable=500 epoch=2",
            "505-514 durable=500 epoch=2"),
        records());
  }

  @Test
  void shouldLeaveTheRecordForTheCallerToFold() throws IOException {
    try (EventLog journal = create(NO_ROLL)) {
      append(journal, 3);

      assertEquals(3, buffer.count());
    }
  }

  @Test
  void shouldRaiseTheDurablePositionByAForceOnly() throws IOException {
    try (EventLog journal = create(NO_ROLL)) {
      assertEquals(500, journal.durablePosition());
      append(journal, 2);
      assertEquals(500, journal.durablePosition());
      journal.force();
      assertEquals(502, journal.durablePosition());
      append(journal, 1);
      assertEquals(502, journal.durablePosition());
      append(journal, 1);
      journal.force();
      journal.force();
      assertEquals(504, journal.durablePosition());
    }

    assertEquals(
        List.of(
            "501-502 durable=500 epoch=2",
            "503-503 durable=502 epoch=2",
            "504-504 durable=502 epoch=2"),
        records());
  }

  @Test
  void shouldMakeTheOldFileDurableBeforeItBeginsANewOne() throws IOException {
    try (EventLog journal = create(1)) {
      append(journal, 1);
      assertEquals(500, journal.durablePosition());
      assertEquals(1, files().size());

      append(journal, 1);

      assertEquals(501, journal.durablePosition());
      assertEquals(2, files().size());
    }
    assertEquals(List.of("501-501 durable=500 epoch=2", "502-502 durable=501 epoch=2"), records());
  }

  @Test
  void shouldRollWhenAFileHasGrownToTheRollLength() throws IOException {
    try (EventLog journal = create(3 * (64 + 17))) {
      for (int i = 0; i < 30; i++) {
        append(journal, 1);
      }

      assertEquals(10, files().size());
    }
    assertEquals(30, records().size());
  }

  @Test
  void shouldRefuseAnEmptyRecordAndGoOn() throws IOException {
    try (EventLog journal = create(NO_ROLL)) {
      append(journal, 1);
      buffer.clear();

      assertThrows(IllegalStateException.class, () -> journal.append(buffer));

      assertEquals(502, append(journal, 1));
    }
  }

  @Test
  void shouldRefuseADirectoryThatWasWrittenBefore() throws IOException {
    try (EventLog journal = create(NO_ROLL)) {
      append(journal, 1);
    }

    IOException e = assertThrows(IOException.class, () -> create(NO_ROLL));

    assertEquals("journal was written before: directory=" + directory(), e.getMessage());
    assertEquals(List.of("501-501 durable=500 epoch=2"), records());
  }

  @Test
  void shouldFailTheStoreWhenTheFirstFileCannotBeBegun() throws IOException {
    Files.createSymbolicLink(directory(), root.resolve("absent"));

    StoreFailedException e = assertThrows(StoreFailedException.class, () -> create(NO_ROLL));

    assertEquals(
        "journal cannot be begun: position=501,"
            + " cause=java.nio.file.FileAlreadyExistsException: "
            + directory()
            + ", directory="
            + directory(),
        e.getMessage());
  }

  @Test
  void shouldRefuseEverythingAfterAFailedForce() throws IOException {
    EventLog journal = create(NO_ROLL);
    append(journal, 1);
    journal.force();
    append(journal, 1);
    journal.close(); // the next force fails: its channel is closed

    StoreFailedException first = assertThrows(StoreFailedException.class, journal::force);
    StoreFailedException second = assertThrows(StoreFailedException.class, journal::force);
    StoreFailedException third = assertThrows(StoreFailedException.class, () -> append(journal, 1));

    assertEquals(
        "journal force failed: durable=501, appended=502,"
            + " cause=java.nio.channels.ClosedChannelException, directory="
            + directory(),
        first.getMessage());
    String before = "journal failed before: durable=501, directory=" + directory();
    assertEquals(before, second.getMessage());
    assertEquals(before, third.getMessage());
    assertEquals(501, journal.durablePosition());
  }

  @Test
  void shouldRefuseEverythingAfterAFailedAppend() throws IOException {
    EventLog journal = create(NO_ROLL);
    append(journal, 1);
    journal.close(); // the next append fails: its appender is closed

    StoreFailedException first = assertThrows(StoreFailedException.class, () -> append(journal, 1));
    StoreFailedException second = assertThrows(StoreFailedException.class, journal::force);

    String message = String.valueOf(first.getMessage());
    assertTrue(message.startsWith("journal append failed: position=502, cause="), message);
    assertTrue(message.endsWith(", directory=" + directory()), message);
    assertEquals(
        "journal failed before: durable=500, directory=" + directory(), second.getMessage());
    assertEquals(501, journal.lastPosition());
  }

  @Test
  void shouldRefuseEverythingWhenTheNextFileCannotBeBegun() throws IOException {
    EventLog journal = create(1);
    append(journal, 1);
    journal.force();
    journal.close(); // the roll fails: its appender is closed

    assertThrows(StoreFailedException.class, () -> append(journal, 1));
    StoreFailedException second =
        assertThrows(StoreFailedException.class, () -> append(journal, 1));

    assertEquals(
        "journal failed before: durable=501, directory=" + directory(), second.getMessage());
    assertEquals(501, journal.lastPosition());
  }
}
