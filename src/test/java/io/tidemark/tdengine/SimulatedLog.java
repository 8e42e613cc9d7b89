package io.tidemark.tdengine;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A server that is driven at random, and its WAL's files: what its log holds is known without them.
 *
 * <p>All records are equally long, so that a segment written again may look like the one before.
 */
final class SimulatedLog {
  private static final int TABLES = 6;
  private static final long FIRST_UID = 100;
  private static final long SUID = 7;
  private static final long SECOND_US = 1_000_000;
  private static final long START_US = 1_790_000_000L * SECOND_US;
  private static final long NS_PER_US = 1_000;
  private static final long NO_GARBAGE = Long.MIN_VALUE;
  private static final byte[] MAGIC = {
    (byte) 0xF1, (byte) 0xF2, (byte) 0xF3, (byte) 0xF4, (byte) 0xFD, (byte) 0xFC, (byte) 0xFB
  };

  /**
   * One entry; its number is its own.
   *
   * @param uid the table it creates, null for none
   */
  record Entry(
      int number, long version, long term, @Nullable Long uid, long segment, long fileOffset) {}

  /** Is told that the files changed, perhaps in the middle of something that the server does. */
  @FunctionalInterface
  interface Observer {
    void onChange() throws IOException;
  }

  private final Path directory;
  private final Random random;
  private final Observer observer;
  private final byte[] padding;

  /** What the log holds and held below its oldest segment, by version. */
  private final NavigableMap<Long, Entry> entries = new TreeMap<>();

  /** First versions of the segments. */
  private final NavigableSet<Long> segments = new TreeSet<>();

  private final List<Entry> written = new ArrayList<>();
  private final List<String> story = new ArrayList<>();
  private long term;

  /** The last version the server finds when it starts again behind a tail it left torn. */
  private long lastBeforeGarbage = NO_GARBAGE;

  SimulatedLog(Path directory, Random random, Observer observer) throws IOException {
    this.directory = directory;
    this.random = random;
    this.observer = observer;
    Files.createDirectories(directory);
    Path measured = directory.resolveSibling("measured");
    try (WalWriter writer = WalWriter.create(measured, 2, 0)) {
      createTable(writer, FIRST_UID);
    }
    long recordLength = Files.size(WalSegment.logFile(measured, 0));
    padding = new byte[(int) recordLength - WalRecordDescriptor.HEADER_LENGTH - Long.BYTES];
    segments.add(0L);
    lead();
  }

  private static void createTable(WalWriter writer, long uid) throws IOException {
    writer.createTables(List.of(WalContent.Table.child("t" + uid, uid, "s", SUID)));
  }

  NavigableMap<Long, Entry> entries() {
    return new TreeMap<>(entries);
  }

  /** Returns every entry there ever was, in the order they were written; grows. */
  List<Entry> written() {
    return written;
  }

  long firstKept() {
    return segments.first();
  }

  private long last() {
    return entries.isEmpty() ? -1 : entries.lastKey();
  }

  /** Returns a time after everything written and before everything to come. */
  long nowNs() {
    return (START_US + (written.size() - 1) * SECOND_US + 1) * NS_PER_US;
  }

  /** Lets the server do one thing. */
  void step() throws IOException {
    int back = random.nextInt(random.nextBoolean() ? 4 : 40);
    switch (random.nextInt(14)) {
      case 0, 1 -> told("roll", this::roll);
      case 2 -> told("recycle", this::recycle);
      case 3 -> told("restart", () -> crash(last()));
      case 4 -> told("tear tail", this::tearTail);
      case 5, 6 -> told("go back by " + back, () -> crash(last() - back));
      case 7, 8 -> told("write again " + back, () -> writeAgain(last() - back));
      default -> told("append", () -> append(1 + random.nextInt(8)));
    }
  }

  private void told(String what, Observer action) throws IOException {
    int before = written.size();
    action.onChange();
    Entry first = written.size() == before ? null : written.get(before);
    story.add(
        what
            + (first == null ? "" : ": " + first.version() + " in term " + first.term())
            + " to "
            + last()
            + " in term "
            + term
            + ", segments "
            + segments);
  }

  /** Returns what the server did, one line for each step. */
  List<String> story() {
    return story;
  }

  private void append(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      append(random.nextInt(4) == 0 ? null : FIRST_UID + random.nextInt(TABLES), false);
    }
  }

  private void append(@Nullable Long uid, boolean isFirstOfTerm) throws IOException {
    long version = last() + 1;
    long segment = segments.last();
    Path file = WalSegment.logFile(directory, segment);
    long begin = Files.exists(file) ? Files.size(file) : 0;
    try (WalWriter writer = WalWriter.create(directory, 2, segment)) {
      writer.nextVersion(version).term(term);
      writer.ingestTimestampUs(START_US + written.size() * SECOND_US);
      if (uid != null) {
        createTable(writer, uid);
      } else {
        writer.append(isFirstOfTerm ? MessageType.SYNC_NOOP : MessageType.VND_TRIM, padding);
      }
    }
    if (random.nextInt(8) == 0) {
      appendInPieces(file, begin);
    }
    Entry entry = new Entry(written.size(), version, term, uid, segment, begin);
    written.add(entry);
    entries.put(version, entry);
    observer.onChange();
  }

  /** Takes the end of a file back and writes it again, so that it may be seen half. */
  private void appendInPieces(Path file, long begin) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int half = (int) begin + 1 + random.nextInt(bytes.length - (int) begin - 1);
    truncate(file, begin);
    Files.write(file, Arrays.copyOfRange(bytes, (int) begin, half), StandardOpenOption.APPEND);
    observer.onChange();
    Files.write(file, Arrays.copyOfRange(bytes, half, bytes.length), StandardOpenOption.APPEND);
  }

  /** Begins a term, as a server does that becomes the leader. */
  private void lead() throws IOException {
    term++;
    append(null, true);
  }

  private void roll() throws IOException {
    if (last() < segments.last()) {
      return;
    }
    lastBeforeGarbage = NO_GARBAGE;
    segments.add(last() + 1);
    Files.createFile(WalSegment.logFile(directory, segments.last()));
    observer.onChange();
  }

  /** A commit: what is deleted can never be taken back. */
  private void recycle() throws IOException {
    if (random.nextBoolean()) {
      roll();
    }
    int count = random.nextInt(segments.size());
    for (int i = 0; i < count; i++) {
      Files.delete(WalSegment.logFile(directory, segments.pollFirst()));
      observer.onChange();
    }
  }

  /** A crash in the middle of a write; some servers cut the torn bytes off, others go on behind. */
  private void tearTail() throws IOException {
    Path file = WalSegment.logFile(directory, segments.last());
    long length = Files.size(file);
    byte[] torn = Arrays.copyOf(MAGIC, 1 + random.nextInt(40));
    Files.write(file, torn, StandardOpenOption.APPEND);
    observer.onChange();
    if (random.nextBoolean()) {
      truncate(file, length);
      observer.onChange();
      crash(last());
    } else if (lastBeforeGarbage == NO_GARBAGE) {
      lastBeforeGarbage = last();
      lead();
    } else {
      crash(last());
    }
  }

  /** A crash after which the log ends with a version, or earlier, and goes on in a new term. */
  private void crash(long lastFound) throws IOException {
    if (lastBeforeGarbage != NO_GARBAGE) {
      // The records behind the torn one are not found any more, but stay in the file.
      entries.tailMap(lastBeforeGarbage, false).clear();
    }
    cut(Math.max(Math.min(lastFound, last()), firstKept() - 1));
    lead();
  }

  /** A crash after which as much is written again, in segments of the same names and lengths. */
  private void writeAgain(long lastFound) throws IOException {
    NavigableSet<Long> before = new TreeSet<>(segments);
    long lastBefore = last();
    crash(lastFound);
    while (last() < lastBefore) {
      if (before.contains(last() + 1)) {
        roll();
      }
      append(1);
    }
  }

  private void cut(long last) throws IOException {
    while (segments.last() > last + 1 || (segments.last() == last + 1 && segments.size() > 1)) {
      long segment = segments.pollLast();
      Files.delete(WalSegment.logFile(directory, segment));
      lastBeforeGarbage = NO_GARBAGE;
      entries.tailMap(segment, true).clear();
      observer.onChange();
    }
    Map.Entry<Long, Entry> above = entries.higherEntry(last);
    if (above != null) {
      Entry first = above.getValue();
      lastBeforeGarbage = NO_GARBAGE;
      Path file = WalSegment.logFile(directory, first.segment());
      if (random.nextBoolean()) {
        truncate(file, first.fileOffset());
      } else {
        replace(file, first.fileOffset());
      }
      entries.tailMap(last, false).clear();
      observer.onChange();
    }
  }

  private static void truncate(Path file, long length) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(length);
    }
  }

  /** Puts another file of the same name there that holds the beginning only. */
  private void replace(Path file, long length) throws IOException {
    Path copy = directory.resolveSibling("copy");
    Files.write(copy, Arrays.copyOf(Files.readAllBytes(file), (int) length));
    Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
