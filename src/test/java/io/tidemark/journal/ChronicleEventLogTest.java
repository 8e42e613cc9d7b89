package io.tidemark.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.StoreFailedException;
import io.tidemark.storage.Directories;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.testing.RecordedFileSystem;
import io.tidemark.testing.WatchedForces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
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
  void shouldLetGoOfItsFileIfItCannotBegin() {
    WatchedForces io = new WatchedForces(FileStorageIO.INSTANCE);
    io.watch(
        path -> {
          throw new IOException("no disk: " + path.getFileName());
        });

    IOException e =
        assertThrows(
            IOException.class,
            () -> new ChronicleEventLogs(io, root, STORE_ID).begin(EPOCH, FIRST, NO_ROLL));

    assertTrue(e.toString().contains("journal cannot be begun: position=501"), e::toString);
    assertEquals(0, io.openForWriting());
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
  void shouldTellInEachRecordWhatWasDurableBeforeIt() throws IOException {
    try (EventLog journal = create(1)) {
      append(journal, 1);
      append(journal, 1);
      assertEquals(500, journal.durablePosition());
      assertEquals(2, files().size());

      append(journal, 1);

      assertEquals(502, journal.durablePosition());
      assertEquals(3, files().size());
    }
    assertEquals(
        List.of(
            "501-501 durable=500 epoch=2",
            "502-502 durable=500 epoch=2",
            "503-503 durable=502 epoch=2"),
        records());
  }

  /** A disk whose forces fail for a while. */
  private static final class FailingForces implements RecordedFileSystem.Observer {
    private boolean isFailing;

    @Override
    public void onForce(Path path) throws IOException {
      if (isFailing) {
        throw new IOException("force failed: file=" + path);
      }
    }

    @Override
    public void onDelete(Path path) {}

    @Override
    public void onChange() {}
  }

  @Test
  void shouldRefuseEverythingOnceAForceFailed() throws IOException {
    FailingForces disk = new FailingForces();
    Path failing = new RecordedFileSystem(disk).path(root);
    try (EventLog journal = JournalFixture.begin(failing, STORE_ID, EPOCH, FIRST, NO_ROLL)) {
      append(journal, 1);
      journal.force();
      append(journal, 1);

      disk.isFailing = true;
      assertThrows(StoreFailedException.class, journal::force);
      disk.isFailing = false;

      assertThrows(StoreFailedException.class, journal::force, "the kernel may have dropped pages");
      assertThrows(StoreFailedException.class, () -> append(journal, 1));
      assertEquals(501, journal.durablePosition());
    }
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
  void shouldTellWhenTheFirstFileCannotBeBegun() throws IOException {
    Files.createSymbolicLink(directory(), root.resolve("absent"));

    assertThrows(FileAlreadyExistsException.class, () -> create(NO_ROLL));
  }

  @Test
  void shouldAllocateTheSpaceOfARecordBeforeItIsWritten() throws IOException {
    try (EventLog journal = create(NO_ROLL)) {
      append(journal, 1);
      Path file = files().get(0);
      long used =
          JournalFixture.dataLength(
              List.of(new JournalFixture.Place(file, magicOffset(file), 0, FIRST)), file);

      assertTrue(Files.size(file) > used);
      assertTrue(allocated(file) >= used + (1 << 19), "allocated=" + allocated(file));
    }
  }

  private static int magicOffset(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).indexOf("TMJOURNL");
  }

  /** Returns the bytes of a file that take space. */
  private static long allocated(Path file) throws IOException {
    Process du = new ProcessBuilder("du", "--block-size=1", file.toString()).start();
    String line = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return Long.parseLong(line.substring(0, line.indexOf(9)));
  }

  @Test
  void shouldDeleteFilesThatHoldNothingAboveAPosition() throws IOException {
    try (EventLog journal = create(1)) {
      append(journal, 2);
      append(journal, 2);
      append(journal, 2);
      assertEquals(3, files().size());
      journal.force();
      long length = journal.length();

      journal.recycle(503, 0);
      assertEquals(2, files().size(), "the second holds 504");
      journal.recycle(506, Long.MAX_VALUE);
      assertEquals(2, files().size(), "kept");
      journal.recycle(506, 0);

      assertEquals(1, files().size(), "the newest stays");
      assertEquals(length / 3, journal.length());
      assertEquals(508, append(journal, 2));
    }

    assertEquals(List.of("505-506 durable=504 epoch=2", "507-508 durable=506 epoch=2"), records());
  }
}
