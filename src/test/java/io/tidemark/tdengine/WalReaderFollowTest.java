package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reader beside a server that writes, rolls, recycles and goes back. */
class WalReaderFollowTest {
  private static final int NOOP_LENGTH = 64;
  private static final int LARGE_BODY = 5 << 20;

  @TempDir Path parent;

  private Path directory = Path.of("");

  @BeforeEach
  void createDirectory() throws IOException {
    directory = Files.createDirectory(parent.resolve("wal"));
  }

  @AfterEach
  void deleteLargeFiles() throws IOException {
    for (final WalSegment segment : WalSegment.list(directory)) {
      Files.delete(segment.file());
    }
  }

  @Test
  void shouldFollowAWriterAcrossSegments() throws IOException {
    try (WalReader reader = WalReader.open(directory)) {
      assertEquals(List.of("end"), WalSteps.of(reader));
      assertEquals(WalReader.NO_SEGMENT, reader.firstSegmentVersion());

      try (WalWriter writer = WalWriter.create(directory, 1, 0)) {
        assertEquals(List.of("segment 0", "end"), WalSteps.of(reader));
        writer.noop();
        writer.noop();
        assertEquals(List.of(noop(0, 0), noop(1, 1), "end"), WalSteps.of(reader));
        writer.noop();
        writer.roll();
        assertEquals(List.of(noop(2, 2), "segment 3", "end"), WalSteps.of(reader));
        assertEquals(List.of("end"), WalSteps.of(reader));
        writer.noop();
        assertEquals(List.of(noop(3, 0), "end"), WalSteps.of(reader));
      }
      assertEquals(0, reader.firstSegmentVersion());
    }
  }

  @Test
  void shouldReadOnBehindSegmentsRecycledUnderIt() throws IOException {
    writeSegments(0, 3, 6, 9);
    try (WalReader reader = WalReader.open(directory)) {
      reader.next();
      reader.next();
      Files.delete(WalSegment.logFile(directory, 0));
      Files.delete(WalSegment.logFile(directory, 3));

      assertEquals(
          List.of(
              noop(1, 1),
              noop(2, 2),
              "segment 6",
              noop(6, 0),
              noop(7, 1),
              noop(8, 2),
              "segment 9",
              noop(9, 0),
              noop(10, 1),
              noop(11, 2),
              "end"),
          WalSteps.of(reader));
    }
  }

  @Test
  void shouldSeekToAPosition() throws IOException {
    writeSegments(0, 3, 6);
    try (WalReader reader = WalReader.open(directory)) {
      reader.seek(3, 2 * NOOP_LENGTH);
      assertEquals(List.of("segment 3", noop(5, 2)), WalSteps.of(reader).subList(0, 2));

      reader.seekToSegmentOf(5);
      assertEquals(List.of("segment 3", noop(3, 0)), WalSteps.of(reader).subList(0, 2));

      reader.seekToSegmentOf(100);
      assertEquals("segment 6", WalSteps.of(reader).get(0));

      reader.seek(6, 3 * NOOP_LENGTH);
      assertEquals(List.of("segment 6", "end"), WalSteps.of(reader));

      assertThrows(IllegalArgumentException.class, () -> reader.seek(-1, 0));
    }
  }

  @Test
  void shouldSeekPastARecycledSegment() throws IOException {
    writeSegments(3, 6);
    try (WalReader reader = WalReader.open(directory)) {
      reader.seek(0, NOOP_LENGTH);
      assertEquals(List.of("segment 3", noop(3, 0)), WalSteps.of(reader).subList(0, 2));

      reader.seekToSegmentOf(1);
      assertEquals("segment 3", WalSteps.of(reader).get(0));
    }
  }

  @Test
  void shouldBeginAgainWhenThePositionIsNoLongerThere() throws IOException {
    writeSegments(0, 3);
    try (WalReader reader = WalReader.open(directory)) {
      reader.seek(3, 100 * NOOP_LENGTH);
      assertEquals(List.of("segment 3", noop(3, 0)), WalSteps.of(reader).subList(0, 2));

      reader.seek(9, NOOP_LENGTH);
      assertEquals(List.of("segment 3", noop(3, 0)), WalSteps.of(reader).subList(0, 2));
    }
  }

  @Test
  void shouldReadASegmentAgainThatWasCutBackAndWrittenOn() throws IOException {
    writeSegments(0);
    try (WalReader reader = WalReader.open(directory)) {
      WalSteps.of(reader);
      truncate(0, NOOP_LENGTH);
      append(0, 1, 2, 4);

      assertEquals(
          List.of(
              "segment 0",
              noop(0, 0),
              WalSteps.record(1, 2, NOOP_LENGTH),
              WalSteps.record(2, 2, 2 * NOOP_LENGTH),
              WalSteps.record(3, 2, 3 * NOOP_LENGTH),
              WalSteps.record(4, 2, 4 * NOOP_LENGTH),
              "end"),
          WalSteps.of(reader));
    }
  }

  @Test
  void shouldReadASegmentAgainThatWasCutBack() throws IOException {
    writeSegments(0);
    try (WalReader reader = WalReader.open(directory)) {
      WalSteps.of(reader);
      truncate(0, NOOP_LENGTH);

      assertEquals(List.of("segment 0", noop(0, 0), "end"), WalSteps.of(reader));
    }
  }

  @Test
  void shouldReadASegmentAgainThatWasReplaced() throws IOException {
    writeSegments(0);
    try (WalReader reader = WalReader.open(directory)) {
      WalSteps.of(reader);
      final Path copy = parent.resolve("copy");
      Files.copy(WalSegment.logFile(directory, 0), copy);
      Files.move(copy, WalSegment.logFile(directory, 0), StandardCopyOption.REPLACE_EXISTING);

      assertEquals(
          List.of("segment 0", noop(0, 0), noop(1, 1), noop(2, 2), "end"), WalSteps.of(reader));
    }
  }

  @Test
  void shouldGoBackToAnOlderSegmentWhenTheServerDid() throws IOException {
    writeSegments(0, 3);
    try (WalReader reader = WalReader.open(directory)) {
      WalSteps.of(reader);
      Files.delete(WalSegment.logFile(directory, 3));
      truncate(0, NOOP_LENGTH);

      assertEquals(List.of("segment 0", noop(0, 0), "end"), WalSteps.of(reader));
    }
  }

  @Test
  void shouldReadARepairedTail() throws IOException {
    writeSegments(0);
    truncate(0, 3 * NOOP_LENGTH - 10);
    try (WalReader reader = WalReader.open(directory)) {
      assertEquals(
          List.of("segment 0", noop(0, 0), noop(1, 1), WalSteps.tail(128, 54)),
          WalSteps.of(reader));
      truncate(0, 2 * NOOP_LENGTH);
      append(0, 2, 2, 2);

      assertEquals(
          List.of(WalSteps.record(2, 2, 128), WalSteps.record(3, 2, 192), "end"),
          WalSteps.of(reader));
    }
  }

  @Test
  void shouldReadRecordsLongerThanItsBuffer() throws IOException {
    try (WalWriter writer = WalWriter.create(directory, 1, 0)) {
      writer.append(MessageType.VND_SUBMIT, new byte[LARGE_BODY]);
      writer.noop();
      writer.append(MessageType.VND_SUBMIT, new byte[2 * LARGE_BODY]);
      writer.noop();
    }
    final int large = 56 + 8 + LARGE_BODY;

    try (WalReader reader = WalReader.open(directory)) {
      assertEquals(
          List.of(
              "segment 0",
              noop(0, 0),
              WalSteps.record(1, 1, large),
              WalSteps.record(2, 1, large + NOOP_LENGTH),
              WalSteps.record(3, 1, 3L * large),
              "end"),
          WalSteps.of(reader));
    }
  }

  @Test
  void shouldResynchroniseBehindALargeDamagedRecord() throws IOException {
    try (WalWriter writer = WalWriter.create(directory, 1, 0)) {
      writer.append(MessageType.VND_SUBMIT, new byte[LARGE_BODY]);
      writer.noop();
    }
    final Path log = WalSegment.logFile(directory, 0);
    final byte[] bytes = Files.readAllBytes(log);
    bytes[LARGE_BODY / 2] ^= 1;
    Files.write(log, bytes);
    final int large = 56 + 8 + LARGE_BODY;

    try (WalReader reader = WalReader.open(directory)) {
      assertEquals(
          List.of("segment 0", WalSteps.damaged(0, large), WalSteps.record(1, 1, large), "end"),
          WalSteps.of(reader));
    }
  }

  @Test
  void shouldSeeALargeRecordAppearInPieces() throws IOException {
    try (WalWriter writer = WalWriter.create(directory, 1, 0)) {
      writer.append(MessageType.VND_SUBMIT, new byte[LARGE_BODY]);
    }
    final Path log = WalSegment.logFile(directory, 0);
    final byte[] bytes = Files.readAllBytes(log);
    Files.write(log, new byte[0]);
    final List<String> steps = new ArrayList<>();

    try (WalReader reader = WalReader.open(directory);
        FileChannel file = FileChannel.open(log, StandardOpenOption.APPEND)) {
      int written = 0;
      while (written < bytes.length) {
        final int piece = Math.min(700_001, bytes.length - written);
        file.write(ByteBuffer.wrap(bytes, written, piece));
        written += piece;
        steps.addAll(WalSteps.of(reader));
      }
    }

    steps.removeIf(step -> step.startsWith("tail"));
    assertEquals(List.of("segment 0", WalSteps.record(0, 1, 0), "end"), steps);
  }

  @Test
  void shouldNeverCallARecordDamagedThatIsBeingWritten() throws Exception {
    final int records = Rounds.of("tidemark.follow.records", 20_000, 4_000);
    final AtomicReference<IOException> failure = new AtomicReference<>();
    try (WalWriter writer = WalWriter.create(directory, 1, 0);
        WalReader reader = WalReader.open(directory)) {
      final Thread server =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < records; i++) {
                    writer.noop();
                  }
                } catch (IOException e) {
                  failure.set(e);
                }
              });
      server.start();

      long next = 0;
      while (next < records && failure.get() == null) {
        switch (reader.next()) {
          case RECORD -> assertEquals(next++, reader.record().version());
          case SEGMENT -> next = 0; // a write that took long looked like one in place
          case DAMAGED ->
              throw new AssertionError("damaged: version=" + next + ", " + reader.damageReason());
          default -> Thread.onSpinWait();
        }
      }
      server.join();
    }
    assertNull(failure.get());
  }

  @Test
  void shouldRefuseAMissingDirectory() {
    assertThrows(NoSuchFileException.class, () -> WalReader.open(directory.resolve("nothing")));
  }

  private static String noop(long version, int place) {
    return WalSteps.record(version, 1, (long) place * NOOP_LENGTH);
  }

  /** Writes segments of three records each. */
  private void writeSegments(long... firstVersions) throws IOException {
    for (final long firstVersion : firstVersions) {
      append(firstVersion, firstVersion, 1, 3);
    }
  }

  private void append(long segment, long version, long term, int count) throws IOException {
    try (WalWriter writer = WalWriter.create(directory, 1, segment)) {
      writer.nextVersion(version).term(term);
      for (int i = 0; i < count; i++) {
        writer.noop();
      }
    }
  }

  private void truncate(long segment, long length) throws IOException {
    try (FileChannel file =
        FileChannel.open(WalSegment.logFile(directory, segment), StandardOpenOption.WRITE)) {
      file.truncate(length);
    }
  }
}
