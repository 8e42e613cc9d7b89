package io.tidemark.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.block.BlockEventType;
import io.tidemark.storage.Directories;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.testing.EntryLog;
import io.tidemark.testing.Unsigned;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A journal of random records on disk, together with what was appended to it. */
final class JournalFixture {
  static final long STORE_ID = 0xFEDC_BA98_7654_3210L;
  static final long EPOCH = 3;
  static final long FIRST_POSITION = 1001;
  private static final long ROLL_LENGTH = 16_000;
  private static final int SLACK = 20_000;
  private static final String MAGIC = "TMJOURNL";

  /** One record: its first position, and a line for each entry. */
  record Written(long firstPosition, List<String> entries) {}

  /** Where a record lies on disk. */
  record Place(Path file, int offset, int length, long firstPosition) {}

  final Path directory;
  final List<Written> written = new ArrayList<>();

  /** Writes a journal and closes it. */
  JournalFixture(Path journal, Random random, int records) throws IOException {
    directory = journal.resolve(FileEventLogs.directoryName(FIRST_POSITION));
    RecordBuffer buffer = new RecordBuffer();
    try (EventLog target =
        JournalFixture.begin(journal, STORE_ID, EPOCH, FIRST_POSITION, ROLL_LENGTH)) {
      for (int i = 0; i < records; i++) {
        fill(buffer, random);
        long last = target.append(buffer);
        EntryLog log = new EntryLog();
        buffer.forEach(log);
        written.add(new Written(last - buffer.count() + 1, log.lines()));
        buffer.clear();
      }
    }
  }

  /** Adds one to many random entries of all types. */
  static void fill(RecordBuffer buffer, Random random) {
    buffer.generation(1 + random.nextInt(2));
    for (int entries = 1 + random.nextInt(12); entries > 0; entries--) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      long offset = Unsigned.any(random);
      switch (random.nextInt(16)) {
        case 0 -> buffer.flushAll(offset, random.nextLong());
        case 1 -> buffer.assign(Unsigned.any(random), bytes);
        case 2 -> buffer.cover(offset, offset, bytes);
        case 3 -> buffer.gap(offset, -1, "restarted " + bytes.length);
        case 4 -> buffer.beginGeneration(offset);
        case 5 -> buffer.commit("chain " + bytes.length, random.nextInt(1000));
        case 6 -> buffer.tombstone(offset, bytes);
        default ->
            buffer.event(
                BlockEventType.ofCode(random.nextInt(4)),
                Unsigned.any(random),
                offset,
                random.nextLong());
      }
    }
  }

  /** Returns the queue's data files, oldest first. */
  List<Path> files() throws IOException {
    return Directories.list(directory).stream()
        .filter(file -> file.toString().endsWith(".cq4"))
        .toList();
  }

  /** Finds every record by its magic, byte by byte. */
  List<Place> places() throws IOException {
    List<Place> places = new ArrayList<>();
    for (Path file : files()) {
      byte[] bytes = Files.readAllBytes(file);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      for (int at = text.indexOf(MAGIC); at >= 0; at = text.indexOf(MAGIC, at + 1)) {
        places.add(new Place(file, at, buffer.getInt(at + 8), buffer.getLong(at + 48)));
      }
    }
    assertEquals(written.size(), places.size());
    return places;
  }

  /** Cuts most of the zeros behind the last record of each file off, which cost time to read. */
  JournalFixture shorten() throws IOException {
    List<Place> places = places();
    for (Path file : files()) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(dataLength(places, file) + SLACK);
      }
    }
    return this;
  }

  /** Returns where the last record of a file ends. */
  static int dataLength(List<Place> places, Path file) {
    return places.stream()
        .filter(place -> place.file().equals(file))
        .mapToInt(place -> place.offset() + place.length())
        .max()
        .orElse(0);
  }

  /** Begins a journal of real files. */
  static EventLog begin(Path journal, long storeId, long epoch, long firstPosition, long rollLength)
      throws IOException {
    return new ChronicleEventLogs(FileStorageIO.INSTANCE, journal, storeId)
        .begin(epoch, firstPosition, rollLength);
  }

  /** Reads the queue in a directory. */
  static EventLogReader scanner(Path directory, long storeId) throws IOException {
    return ChronicleEventLogs.read(FileStorageIO.INSTANCE, directory, storeId);
  }

  /** Returns what a scanner finds. */
  static List<Written> scan(Path directory) throws IOException {
    try (EventLogReader scanner = JournalFixture.scanner(directory, STORE_ID)) {
      return scan(scanner);
    }
  }

  /** Returns what a scanner finds from where it stands. */
  static List<Written> scan(EventLogReader scanner) throws IOException {
    List<Written> found = new ArrayList<>();
    JournalRecord record = scanner.next();
    while (record != null) {
      EntryLog log = new EntryLog();
      record.forEach(log);
      found.add(new Written(record.firstPosition(), log.lines()));
      record = scanner.next();
    }
    return found;
  }
}
