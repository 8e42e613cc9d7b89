package io.tidemark.journal;

import io.tidemark.storage.StorageFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the intact records of one directory of files, of a live or a dead store, without a lock.
 *
 * <p>Not thread-safe. Works on whatever bytes are there: it never fails because of damage.
 */
final class JournalScanner implements EventLogReader {

  /*
   * Why not the queue's own tailer: it has no checksums, it stops or hangs at a damaged header, and
   * records behind the damage are invisible to it. Our records carry magic, length, CRC and a dense
   * position, start at multiples of four, and an excerpt is never split; so the scanner looks for
   * them in the raw file. What it steps over is the queue's own structure, zeros, or damage.
   *
   * Plain reads instead of a mapping: the writer may cut a queue file when it closes it, and a
   * mapped page behind the end would kill the process.
   *
   * Following. Whoever follows a writer knows through where records are, so the next one is at the
   * cursor and little is read at a time; behind it there are megabytes of zeros.
   *
   * Beside a writer. A record that was being written when its window was read is not in it; the next
   * one may be, in a later window. So where positions jump the scanner looks again, once,
   * from the end of the record before: a record is whole before the next one is begun.
   *
   * Zeros. A file of the queue is made long before it is full, so most of what is stepped over are
   * zeros; those are compared with zeros, many at a time.
   *
   * A record counts only if it continues the positions: a lower one is stale, a higher one leaves
   * a hole that the caller finds by comparing positions.
   */

  private static final int WINDOW_LENGTH = 4 << 20;

  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 16).asReadOnlyBuffer();

  /**
   * Bytes that are read first where little is expected; twice as many as long as there are more.
   */
  private static final int SHORT_READ = 16 << 10;

  private final StorageIO io;
  private final Path directory;
  private final String suffix;
  private final long storeId;
  private final JournalRecord record = new JournalRecord();
  private ByteBuffer window = ByteBuffer.allocate(0);
  private List<Path> files;
  private int nextFile;
  private @Nullable StorageFile open;
  private long windowOffset;
  private int cursor;
  private int readLength = WINDOW_LENGTH;
  private long expectedPosition;
  private long damagedRecords;

  // Where the last record returned ends, and what was counted by then.
  private int resumeFile;
  private long resumeOffset;
  private long damagedAtResume;
  private boolean hasLookedAgain;

  /**
   * Opens a scanner before the first record.
   *
   * @param directory one directory below {@code journal/}
   * @param suffix how the names of its files that hold records end
   * @param storeId identity of the store; records of another store are damage
   */
  JournalScanner(StorageIO io, Path directory, String suffix, long storeId) throws IOException {
    this.io = io;
    this.directory = directory;
    this.suffix = suffix;
    this.storeId = storeId;
    this.files = listFiles();
  }

  private List<Path> listFiles() throws IOException {
    return io.list(directory).stream()
        .filter(file -> file.getFileName().toString().endsWith(suffix))
        .toList();
  }

  @Override
  public @Nullable JournalRecord next() throws IOException {
    while (open != null || openNextFile()) {
      int length = findRecord();
      if (length == 0) {
        closeFile();
        continue;
      }
      record.wrap(window.slice(cursor, length));
      cursor += align(length);
      if (record.storeId() == storeId
          && Long.compareUnsigned(record.firstPosition(), expectedPosition) >= 0) {
        if (record.firstPosition() != expectedPosition && !hasLookedAgain) {
          lookAgain();
          continue;
        }
        noteResumption();
        return record;
      }
      damagedRecords++;
    }
    return null;
  }

  /** Notes that everything up to the end of the present record was returned. */
  private void noteResumption() {
    expectedPosition = record.lastPosition() + 1;
    resumeFile = nextFile - 1;
    resumeOffset = windowOffset + cursor;
    damagedAtResume = damagedRecords;
    hasLookedAgain = false;
  }

  @Override
  public void resume() throws IOException {
    Path last = resumeFile < files.size() ? files.get(resumeFile) : null;
    closeFile();
    files = listFiles();
    resumeFile = last == null ? 0 : files.indexOf(last);
    if (resumeFile < 0) {
      resumeFile = 0;
      resumeOffset = 0;
    }
    lookAgain();
    hasLookedAgain = false;
    readLength = SHORT_READ;
  }

  @Override
  public void skipTo(long position) throws IOException {
    readLength = SHORT_READ;
    int file = files.size() - 1;
    while (file > 0 && !beginsAtOrBelow(position, file)) {
      file--;
    }
    closeFile();
    nextFile = Math.max(file, 0);
    resumeFile = nextFile;
    resumeOffset = 0;
    damagedRecords = 0;
    damagedAtResume = 0;
  }

  /** Returns whether the first intact record of a file begins at or below a position. */
  private boolean beginsAtOrBelow(long position, int file) throws IOException {
    closeFile();
    nextFile = file;
    openNextFile();
    int length = findRecord();
    if (length == 0) {
      return false;
    }
    record.wrap(window.slice(cursor, length));
    return record.storeId() == storeId
        && Long.compareUnsigned(record.firstPosition(), position) <= 0;
  }

  /** Goes back to the end of the last record returned and forgets what was read behind it. */
  private void lookAgain() throws IOException {
    closeFile();
    nextFile = resumeFile;
    openNextFile();
    windowOffset = resumeOffset;
    damagedRecords = damagedAtResume;
    hasLookedAgain = true;
  }

  @Override
  public long damagedRecords() {
    return damagedRecords;
  }

  /** Moves the cursor to the next intact record of this file and returns its length, or 0. */
  private int findRecord() throws IOException {
    while (true) {
      boolean isCut = false;
      while (cursor <= window.limit() - RecordDescriptor.HEADER_LENGTH) {
        long word = window.getLong(cursor);
        if (word == 0) {
          cursor += zeros();
          continue;
        }
        if (word == RecordDescriptor.MAGIC) {
          int length = JournalRecord.intactLength(window, cursor);
          if (length > 0) {
            return length;
          }
          if (length < 0) {
            isCut = true;
            break;
          }
          damagedRecords++;
        }
        cursor += RecordDescriptor.ALIGNMENT;
      }
      if (!refill()) {
        if (!isCut) {
          return 0;
        }
        damagedRecords++;
        cursor += RecordDescriptor.ALIGNMENT;
      }
    }
  }

  /** Returns how many bytes from the cursor on are zeros for certain, in whole steps. */
  private int zeros() {
    int length = Math.min(window.limit() - cursor, ZEROS.capacity());
    int mismatch = window.slice(cursor, length).mismatch(ZEROS.slice(0, length));
    return (mismatch < 0 ? length : mismatch) & -RecordDescriptor.ALIGNMENT;
  }

  /** Slides the window so that it begins at the cursor; returns false if it could not grow. */
  private boolean refill() throws IOException {
    StorageFile file = open;
    if (file == null) {
      return false;
    }
    int kept = Math.max(window.limit() - cursor, 0);
    long readFrom = windowOffset + cursor + kept;
    window.position(Math.min(cursor, window.limit()));
    makeRoom();
    windowOffset += cursor;
    cursor = 0;
    int read = file.read(window, readFrom);
    if (!window.hasRemaining()) {
      readLength = Math.min(2 * readLength, WINDOW_LENGTH);
    }
    window.flip();
    return read > 0;
  }

  /** Moves what is left in the window to its beginning, with room for as much as is read next. */
  private void makeRoom() {
    int wanted = Math.min(window.remaining() + readLength, WINDOW_LENGTH);
    if (wanted > window.capacity()) {
      window = ByteBuffer.allocateDirect(wanted).order(ByteOrder.LITTLE_ENDIAN).put(window);
    } else {
      window.compact();
    }
    window.limit(wanted);
  }

  private boolean openNextFile() throws IOException {
    if (nextFile >= files.size()) {
      return false;
    }
    open = io.openForReading(files.get(nextFile));
    nextFile++;
    window.position(0).limit(0);
    windowOffset = 0;
    cursor = 0;
    return true;
  }

  private void closeFile() throws IOException {
    if (open != null) {
      open.close();
      open = null;
    }
  }

  private static int align(int length) {
    return (length + RecordDescriptor.ALIGNMENT - 1) & -RecordDescriptor.ALIGNMENT;
  }

  @Override
  public void close() throws IOException {
    closeFile();
  }
}
