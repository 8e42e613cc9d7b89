package io.tidemark.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.journal.JournalFixture.Place;
import io.tidemark.journal.JournalFixture.Written;
import io.tidemark.testing.EntryLog;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.rollcycles.LegacyRollCycles;
import net.openhft.chronicle.wire.DocumentContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading queue files that are whole, still being written, or damaged in any way. */
class JournalScannerTest {
  private static final int RECORDS = 250;
  private static final int PAGE = 4096;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir Path journal;

  private JournalFixture fixture(int records) throws IOException {
    return new JournalFixture(journal, new Random(42), records);
  }

  /** Returns what was written without the records that begin at these positions. */
  private static List<Written> without(List<Written> written, List<Long> lost) {
    return written.stream().filter(record -> !lost.contains(record.firstPosition())).toList();
  }

  @Test
  void shouldReadBackEverythingOverSeveralFiles() throws IOException {
    JournalFixture fixture = fixture(RECORDS);
    assertTrue(fixture.files().size() >= 4, "files " + fixture.files());

    assertEquals(fixture.written, JournalFixture.scan(fixture.directory));
  }

  @Test
  void shouldCountNoDamageInAnIntactJournal() throws IOException {
    JournalFixture fixture = fixture(RECORDS);

    try (EventLogReader scanner =
        JournalFixture.scanner(fixture.directory, JournalFixture.STORE_ID)) {
      JournalFixture.scan(scanner);

      assertEquals(0, scanner.damagedRecords());
      assertNull(scanner.next(), "stays at the end");
    }
  }

  @Test
  void shouldFindNothingWhereThereIsNoJournal() throws IOException {
    assertEquals(List.of(), JournalFixture.scan(journal.resolve("absent")));
    Files.createFile(journal.resolve("empty.cq4"));
    Files.write(journal.resolve("short.cq4"), new byte[] {1, 2, 3});

    assertEquals(List.of(), JournalFixture.scan(journal));
  }

  @Test
  void shouldReadTheLongestRecordsAcrossItsWindow() throws IOException {
    List<Written> written = new ArrayList<>();
    RecordBuffer buffer = new RecordBuffer();
    try (EventLog target =
        JournalFixture.begin(journal, JournalFixture.STORE_ID, 1, 1, Long.MAX_VALUE)) {
      for (int i = 0; i < 24; i++) {
        while (buffer.hasRoom()) {
          buffer.tombstone(i, new byte[JournalEntries.MAX_TEXT_LENGTH - i]);
        }
        long last = target.append(buffer);
        EntryLog log = new EntryLog();
        buffer.forEach(log);
        written.add(new Written(last - buffer.count() + 1, log.lines()));
        buffer.clear();
      }
    }

    List<Written> found = JournalFixture.scan(journal.resolve(FileEventLogs.directoryName(1)));

    assertTrue(written.equals(found), "24 records of 1 MB each are read back");
  }

  @Test
  void shouldReadWhatTheQueuesOwnTailerReads() throws IOException {
    JournalFixture fixture = fixture(RECORDS);
    List<Written> tailed = new ArrayList<>();

    try (ChronicleQueue queue =
            ChronicleQueue.singleBuilder(fixture.directory)
                .rollCycle(LegacyRollCycles.HOURLY)
                .timeProvider(() -> Duration.ofDays(365).toMillis())
                .readOnly(true)
                .build();
        ExcerptTailer tailer = queue.createTailer()) {
      while (true) {
        try (DocumentContext context = tailer.readingDocument()) {
          if (!context.isPresent()) {
            break;
          }
          Bytes<?> excerpt = context.wire().bytes();
          if (excerpt.readRemaining() > Integer.BYTES) {
            byte[] bytes = excerpt.toByteArray();
            int length = JournalRecord.intactLength(wrap(bytes), 0);
            assertTrue(length > 0 && bytes.length - length < 4, "length " + length);
            JournalRecord record = new JournalRecord().wrap(wrap(bytes));
            EntryLog log = new EntryLog();
            record.forEach(log);
            tailed.add(new Written(record.firstPosition(), log.lines()));
          }
        }
      }
    }

    assertEquals(tailed, JournalFixture.scan(fixture.directory));
    assertEquals(fixture.written, tailed);
  }

  private static ByteBuffer wrap(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void shouldReadEverythingThatWasAppendedBeforeItWasOpened() throws Exception {
    long firstPosition = 1;
    Path directory = journal.resolve(FileEventLogs.directoryName(firstPosition));
    AtomicLong published = new AtomicLong();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread writer =
        new Thread(
            () -> {
              RecordBuffer buffer = new RecordBuffer();
              try (EventLog target =
                  JournalFixture.begin(
                      journal, JournalFixture.STORE_ID, 1, firstPosition, 300_000)) {
                while (target.lastPosition() < 300_000) {
                  for (int i = 1 + (int) (target.lastPosition() % 37); i > 0; i--) {
                    long position = target.lastPosition() + buffer.count() + 1;
                    buffer.flushAll(position * 31, ~position);
                  }
                  published.set(target.append(buffer));
                  buffer.clear();
                }
              } catch (IOException | RuntimeException | Error e) {
                failure.set(e);
              }
            });
    writer.start();

    int scans = 0;
    boolean isLast = false;
    while (!isLast) {
      isLast = !writer.isAlive();
      long expected = published.get();
      long before = 0;
      try (EventLogReader scanner = JournalFixture.scanner(directory, JournalFixture.STORE_ID)) {
        for (JournalRecord record = scanner.next(); record != null; record = scanner.next()) {
          assertEquals(before + 1, record.firstPosition(), "appended before: " + expected);
          EntryLog log = new EntryLog();
          record.forEach(log);
          for (int i = 0; i < record.count(); i++) {
            long position = record.firstPosition() + i;
            assertEquals(
                position + " gen=1 FLUSH_ALL wal=" + position * 31 + " ts=" + ~position,
                log.lines().get(i));
          }
          before = record.lastPosition();
        }
      }
      assertTrue(before >= expected, "last " + before + ", appended before: " + expected);
      scans++;
    }
    writer.join();

    assertNull(failure.get());
    assertTrue(scans > 1, "scans " + scans);
  }

  @Test
  void shouldLookAgainForARecordThatWasBeingWrittenWhenItsWindowWasRead() throws IOException {
    JournalFixture fixture = fixture(RECORDS);
    List<Place> places = fixture.places();
    Place first = places.get(0);
    Place second = places.get(1);
    byte[] whole = read(second.file(), second.offset(), second.length());
    overwrite(places, second.file(), second.offset(), new byte[second.length()]);

    try (EventLogReader scanner =
        JournalFixture.scanner(fixture.directory, JournalFixture.STORE_ID)) {
      JournalRecord record = Objects.requireNonNull(scanner.next());
      assertEquals(first.firstPosition(), record.firstPosition());
      overwrite(places, second.file(), second.offset(), whole);

      assertEquals(
          fixture.written.subList(1, fixture.written.size()), JournalFixture.scan(scanner));
      assertEquals(0, scanner.damagedRecords());
    }
  }

  /** Overwrites bytes of a file and returns the first positions of the records that changed. */
  private static List<Long> overwrite(List<Place> places, Path file, int offset, byte[] bytes)
      throws IOException {
    byte[] before = new byte[bytes.length];
    try (RandomAccessFile target = new RandomAccessFile(file.toFile(), "rw")) {
      target.seek(offset);
      target.readFully(before);
      target.seek(offset);
      target.write(bytes);
    }
    List<Long> touched = new ArrayList<>();
    for (Place place : places) {
      int first = Math.max(offset, place.offset());
      int end = Math.min(offset + bytes.length, place.offset() + place.length());
      if (place.file().equals(file)
          && first < end
          && !Arrays.equals(
              before, first - offset, end - offset, bytes, first - offset, end - offset)) {
        touched.add(place.firstPosition());
      }
    }
    return touched;
  }

  private static byte[] read(Path file, int offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    try (RandomAccessFile source = new RandomAccessFile(file.toFile(), "r")) {
      source.seek(offset);
      source.readFully(bytes);
    }
    return bytes;
  }

  private static Place any(List<Place> places, Random random) {
    return places.get(random.nextInt(places.size()));
  }

  /** What a check does to a file: an offset and the bytes to write there. */
  @FunctionalInterface
  private interface Damage {
    Overwritten of(Random random, Path file, int dataLength) throws IOException;
  }

  private static final class Overwritten {
    final int offset;
    final byte[] bytes;

    Overwritten(int offset, byte[] bytes) {
      this.offset = offset;
      this.bytes = bytes;
    }
  }

  /** Damages the journal in many ways, one at a time, and mends it again. */
  private void shouldLoseOnlyTouchedRecords(int seeds, Damage damage) throws IOException {
    JournalFixture fixture = fixture(RECORDS).shorten();
    List<Place> places = fixture.places();
    assertTimeoutPreemptively(
        LIMIT,
        () ->
            Seeds.each(
                Rounds.share(seeds),
                random -> {
                  Path file = any(places, random).file();
                  Overwritten by = damage.of(random, file, JournalFixture.dataLength(places, file));
                  byte[] intact = read(file, by.offset, by.bytes.length);

                  List<Long> touched = overwrite(places, file, by.offset, by.bytes);

                  assertEquals(
                      without(fixture.written, touched), JournalFixture.scan(fixture.directory));
                  overwrite(places, file, by.offset, intact);
                }));
    assertEquals(fixture.written, JournalFixture.scan(fixture.directory), "mended");
  }

  @Test
  void shouldLoseOnlyTheRecordOfAFlippedBit() throws IOException {
    shouldLoseOnlyTouchedRecords(
        400,
        (random, file, dataLength) -> {
          int offset = random.nextInt(dataLength);
          byte[] bytes = read(file, offset, 1);
          bytes[0] ^= (byte) (1 << random.nextInt(Byte.SIZE));
          return new Overwritten(offset, bytes);
        });
  }

  @Test
  void shouldLoseOnlyTheRecordsOfZeroedPages() throws IOException {
    shouldLoseOnlyTouchedRecords(
        200,
        (random, file, dataLength) -> {
          int offset = random.nextInt(dataLength / PAGE + 1) * PAGE;
          return new Overwritten(offset, new byte[(1 + random.nextInt(3)) * PAGE]);
        });
  }

  @Test
  void shouldLoseOnlyTheRecordsUnderGarbage() throws IOException {
    shouldLoseOnlyTouchedRecords(
        300,
        (random, file, dataLength) -> {
          byte[] bytes = new byte[1 + random.nextInt(5000)];
          random.nextBytes(bytes);
          return new Overwritten(random.nextInt(dataLength), bytes);
        });
  }

  @Test
  void shouldLoseNoRecordBehindOneWhoseLengthIsWrong() throws IOException {
    JournalFixture fixture = fixture(RECORDS).shorten();
    List<Place> places = fixture.places();

    Seeds.each(
        Rounds.share(100),
        random -> {
          Place place = any(places, random);
          byte[] intact = read(place.file(), place.offset() + 8, Integer.BYTES);
          int length =
              List.of(-1, 0, 64, 65, 1000, 1 << 20, (1 << 20) + 1, Integer.MAX_VALUE)
                  .get(random.nextInt(8));
          byte[] wrong =
              ByteBuffer.allocate(Integer.BYTES)
                  .order(ByteOrder.LITTLE_ENDIAN)
                  .putInt(length)
                  .array();

          overwrite(places, place.file(), place.offset() + 8, wrong);

          assertEquals(
              without(fixture.written, List.of(place.firstPosition())),
              JournalFixture.scan(fixture.directory));
          overwrite(places, place.file(), place.offset() + 8, intact);
        });
  }

  @Test
  void shouldReadWhatIsWholeBeforeATruncation() throws IOException {
    JournalFixture fixture = fixture(RECORDS).shorten();
    List<Place> places = fixture.places();
    Place last = places.get(places.size() - 1);
    byte[] whole = Files.readAllBytes(last.file());

    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          for (int length = last.offset() + last.length(); length >= 0; ) {
            Files.write(last.file(), Arrays.copyOf(whole, length));
            int cut = length;
            List<Long> lost =
                places.stream()
                    .filter(place -> place.file().equals(last.file()))
                    .filter(place -> place.offset() + place.length() > cut)
                    .map(Place::firstPosition)
                    .toList();

            assertEquals(
                without(fixture.written, lost),
                JournalFixture.scan(fixture.directory),
                "length " + length);
            // Every byte of the last record, then by steps of a prime.
            length -= length > last.offset() - 8 ? 1 : 997;
          }
        });
  }

  @Test
  void shouldReadAroundAMissingFile() throws IOException {
    JournalFixture fixture = fixture(RECORDS).shorten();
    List<Place> places = fixture.places();
    Path missing = fixture.files().get(1);
    Files.delete(missing);
    List<Long> lost =
        places.stream()
            .filter(place -> place.file().equals(missing))
            .map(Place::firstPosition)
            .toList();

    List<Written> found = JournalFixture.scan(fixture.directory);

    assertTrue(!lost.isEmpty());
    assertEquals(without(fixture.written, lost), found);
  }

  @Test
  void shouldPassOverRecordsOfAnotherStore() throws IOException {
    JournalFixture fixture = fixture(RECORDS).shorten();

    try (EventLogReader scanner =
        JournalFixture.scanner(fixture.directory, JournalFixture.STORE_ID + 1)) {
      assertEquals(List.of(), JournalFixture.scan(scanner));
      assertEquals(RECORDS, scanner.damagedRecords());
    }
  }

  @Test
  void shouldPassOverARecordThatCameBefore() throws IOException {
    JournalFixture fixture = fixture(RECORDS).shorten();
    List<Place> places = fixture.places();
    Place early = places.get(3);
    Place last = places.get(places.size() - 1);
    byte[] stale = read(early.file(), early.offset(), early.length());

    overwrite(places, last.file(), (last.offset() + last.length() + 64) & -4, stale);

    try (EventLogReader scanner =
        JournalFixture.scanner(fixture.directory, JournalFixture.STORE_ID)) {
      assertEquals(fixture.written, JournalFixture.scan(scanner));
      assertEquals(1, scanner.damagedRecords());
    }
  }

  @Test
  void shouldCountADamagedRecordOnce() throws IOException {
    JournalFixture fixture = fixture(RECORDS).shorten();
    List<Place> places = fixture.places();
    Place place = places.get(7);

    overwrite(places, place.file(), place.offset() + place.length() - 1, new byte[] {77});

    try (EventLogReader scanner =
        JournalFixture.scanner(fixture.directory, JournalFixture.STORE_ID)) {
      assertEquals(
          without(fixture.written, List.of(place.firstPosition())), JournalFixture.scan(scanner));
      assertEquals(1, scanner.damagedRecords());
    }
  }

  @Test
  void shouldCountATornRecordAtTheEndOnce() throws IOException {
    JournalFixture fixture = fixture(RECORDS).shorten();
    List<Place> places = fixture.places();
    Place last = places.get(places.size() - 1);
    byte[] whole = Files.readAllBytes(last.file());

    Files.write(last.file(), Arrays.copyOf(whole, last.offset() + last.length() - 1));

    try (EventLogReader scanner =
        JournalFixture.scanner(fixture.directory, JournalFixture.STORE_ID)) {
      assertEquals(
          without(fixture.written, List.of(last.firstPosition())), JournalFixture.scan(scanner));
      assertEquals(1, scanner.damagedRecords());
    }
  }

  @Test
  void shouldNeedNothingButTheDataFiles() throws IOException {
    JournalFixture fixture = fixture(RECORDS).shorten();

    Files.delete(fixture.directory.resolve("metadata.cq4t"));

    assertEquals(fixture.written, JournalFixture.scan(fixture.directory));
  }
}
