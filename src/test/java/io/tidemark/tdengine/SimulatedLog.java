package io.tidemark.tdengine;

import java.io.IOException;
import java.nio.ByteBuffer;
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
  /*
   * Calls. The server changes its files by the system calls of a real one, in their order, and the
   * observer is told after each: the entry of the index, then the header, then the body, sometimes in
   * two pieces; the new files of a roll, one by one; the summary under its temporary name, then under
   * its own, then without the one before; each file that is recycled.
   *
   * Crashes. The server may die after any call that writes a record. The one it starts again as cuts
   * the torn bytes off, or goes on behind them; then what it writes is lost at the next crash, and the
   * same versions are written once more, further down in the same file.
   */

  /** Ends a record in the middle: the server died. */
  private static final class CrashException extends IOException {
    private static final long serialVersionUID = 1;
  }

  private static final int TABLES = 6;
  private static final long FIRST_UID = 100;
  private static final long SUID = 7;
  private static final long SECOND_US = 1_000_000;
  private static final long START_US = 1_790_000_000L * SECOND_US;
  private static final long NS_PER_US = 1_000;
  private static final long NO_GARBAGE = Long.MIN_VALUE;
  private static final long FIRST_FILE_SET = 20_000;
  private static final int FILE_SETS = 3;
  private static final int CALLS_OF_RECORD_MAX = 5;

  /**
   * One entry; its number is its own.
   *
   * @param block the block it changes, null for none
   */
  record Entry(
      int number,
      long version,
      long term,
      @Nullable BlockName block,
      long segment,
      long fileOffset) {}

  /** Is told that the files changed, perhaps in the middle of something that the server does. */
  @FunctionalInterface
  interface Observer {
    void onChange() throws IOException;
  }

  private final Path directory;
  private final Random random;
  private final Observer observer;
  private final FileSets fileSets;
  private final int recordLength;
  private final byte[] padding;
  private final byte[] rowPadding;

  /** What the log holds and held below its oldest segment, by version. */
  private final NavigableMap<Long, Entry> entries = new TreeMap<>();

  /** First versions of the segments. */
  private final NavigableSet<Long> segments = new TreeSet<>();

  private final List<Entry> written = new ArrayList<>();
  private final List<String> story = new ArrayList<>();
  private long term;
  private long summaries;
  private long committed = -1;

  /** The last version the server finds when it starts again behind a tail it left torn. */
  private long lastBeforeGarbage = NO_GARBAGE;

  SimulatedLog(Path directory, FileSets fileSets, Random random, Observer observer)
      throws IOException {
    this.directory = directory;
    this.fileSets = fileSets;
    this.random = random;
    this.observer = observer;
    Files.createDirectories(directory);
    Path measured = directory.resolveSibling("measured");
    try (WalWriter writer = WalWriter.create(measured, 2, 0)) {
      createTable(writer, FIRST_UID);
      writer.roll();
      insert(writer, FIRST_UID, FIRST_FILE_SET, new byte[0]);
    }
    recordLength = (int) Files.size(WalSegment.logFile(measured, 0));
    padding = new byte[recordLength - WalRecordDescriptor.HEADER_LENGTH - Long.BYTES];
    rowPadding = new byte[recordLength - (int) Files.size(WalSegment.logFile(measured, 1))];
    segments.add(0L);
    lead();
  }

  private static void createTable(WalWriter writer, long uid) throws IOException {
    writer.createTables(List.of(WalContent.Table.child("t" + uid, uid, "s", SUID)));
  }

  private void insert(WalWriter writer, long uid, long fileSet, byte[] data) throws IOException {
    long timestamp = fileSets.firstTimestamp(fileSet) + random.nextInt(1000);
    WalContent.Row row = new WalContent.Row(0x4, 0, 1, timestamp, ByteBuffer.wrap(data));
    writer.submit(new WalContent.Block(0x100, null, SUID, uid, 1, List.of(row), List.of(), 0));
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
      append(anyBlock(), MessageType.VND_TRIM);
    }
  }

  private @Nullable BlockName anyBlock() {
    long uid = FIRST_UID + random.nextInt(TABLES);
    return switch (random.nextInt(4)) {
      case 0 -> null;
      case 1 -> BlockName.table(uid, SUID, "t" + uid, "s");
      default -> BlockName.data(uid, SUID, FIRST_FILE_SET + random.nextInt(FILE_SETS));
    };
  }

  private void append(@Nullable BlockName block, MessageType typeWithoutBlock) throws IOException {
    append(block, typeWithoutBlock, Integer.MAX_VALUE);
  }

  /**
   * Writes a record.
   *
   * @param block what it changes, null for nothing
   * @param callsMax after so many calls the server dies
   * @return whether it was written whole
   */
  private boolean append(@Nullable BlockName block, MessageType typeWithoutBlock, int callsMax)
      throws IOException {
    long version = last() + 1;
    long segment = segments.last();
    Path file = WalSegment.logFile(directory, segment);
    long begin = Files.exists(file) ? Files.size(file) : 0;
    try (WalWriter writer = WalWriter.create(directory, 2, segment)) {
      writer.nextVersion(version).term(term);
      writer.ingestTimestampUs(START_US + written.size() * SECOND_US);
      writer.paced(pace(file, begin + recordLength, callsMax));
      if (block == null) {
        writer.append(typeWithoutBlock, padding);
      } else if (block.kind() == BlockName.Kind.TABLE) {
        createTable(writer, block.uid());
      } else {
        insert(writer, block.uid(), block.fileSet(), rowPadding);
      }
    } catch (CrashException e) {
      return false;
    }
    Entry entry = new Entry(written.size(), version, term, block, segment, begin);
    written.add(entry);
    entries.put(version, entry);
    observer.onChange();
    return true;
  }

  /**
   * Cuts some records in pieces, and lets the observer look between them and not behind the last.
   */
  private WalWriter.Pace pace(Path file, long wholeLength, int callsMax) {
    boolean isInPieces = random.nextInt(8) == 0;
    return new WalWriter.Pace() {
      private int calls;

      @Override
      public int next(int remaining) {
        return isInPieces ? 1 + random.nextInt(remaining) : remaining;
      }

      @Override
      public void onWrite() throws IOException {
        if (Files.size(file) < wholeLength) {
          calls++;
          observer.onChange();
          if (calls >= callsMax) {
            throw new CrashException();
          }
        }
      }
    };
  }

  /** Begins a term, as a server does that becomes the leader. */
  private void lead() throws IOException {
    term += random.nextInt(8) == 0 ? 2 : 1;
    append(null, MessageType.SYNC_NOOP);
  }

  private void roll() throws IOException {
    if (last() < segments.last()) {
      return;
    }
    lastBeforeGarbage = NO_GARBAGE;
    segments.add(last() + 1);
    Files.createFile(indexFile(segments.last()));
    observer.onChange();
    Files.createFile(WalSegment.logFile(directory, segments.last()));
    observer.onChange();
    saveSummary();
  }

  private Path indexFile(long segment) {
    return new WalSegment(segment, WalSegment.logFile(directory, segment), 0).indexFile();
  }

  /** Saves what the server notes of its segments; the newest one is open. */
  private void saveSummary() throws IOException {
    StringBuilder files = new StringBuilder();
    for (long segment : segments) {
      Long next = segments.higher(segment);
      files.append(
          String.format(
              "%s{\"firstVer\":\"%d\",\"lastVer\":\"%d\",\"createTs\":\"%d\",\"closeTs\":\"%d\","
                  + "\"fileSize\":\"%d\"}",
              files.length() == 0 ? "" : ",",
              segment,
              next == null ? -1 : next - 1,
              START_US / SECOND_US,
              next == null ? -1 : START_US / SECOND_US + written.size(),
              next == null ? 0 : Files.size(WalSegment.logFile(directory, segment))));
    }
    String summary =
        String.format(
            "{\"meta\":{\"firstVer\":\"%d\",\"snapshotVer\":\"%d\",\"commitVer\":\"%d\","
                + "\"lastVer\":\"%d\"},\"files\":[%s]}",
            firstKept(), committed, committed, last(), files);
    Path temporary = directory.resolve("meta-ver.tmp");
    Files.createFile(temporary);
    observer.onChange();
    Files.writeString(temporary, summary);
    observer.onChange();
    Files.move(temporary, directory.resolve("meta-ver" + (summaries + 1)));
    observer.onChange();
    Files.deleteIfExists(directory.resolve("meta-ver" + summaries));
    summaries++;
    observer.onChange();
  }

  /** A commit: what is deleted can never be taken back. */
  private void recycle() throws IOException {
    if (random.nextBoolean()) {
      append(null, MessageType.VND_COMMIT);
      committed = last();
      roll();
    }
    int count = random.nextInt(segments.size());
    for (int i = 0; i < count; i++) {
      long oldest = segments.first();
      Files.delete(WalSegment.logFile(directory, oldest));
      segments.remove(oldest);
      observer.onChange();
      Files.deleteIfExists(indexFile(oldest));
      observer.onChange();
    }
  }

  /** A crash in the middle of a write; some servers cut the torn bytes off, others go on behind. */
  private void tearTail() throws IOException {
    Path file = WalSegment.logFile(directory, segments.last());
    long length = Files.size(file);
    boolean isWhole =
        append(anyBlock(), MessageType.VND_TRIM, 1 + random.nextInt(CALLS_OF_RECORD_MAX));
    if (isWhole || Files.size(file) == length || lastBeforeGarbage != NO_GARBAGE) {
      crash(last());
    } else if (random.nextBoolean()) {
      truncate(file, length);
      observer.onChange();
      crash(last());
    } else {
      lastBeforeGarbage = last();
      lead();
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
      Files.deleteIfExists(indexFile(segment));
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
