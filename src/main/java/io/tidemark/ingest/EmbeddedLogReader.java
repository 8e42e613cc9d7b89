package io.tidemark.ingest;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.errors.UnsupportedFormatException;
import io.tidemark.storage.StorageFile;
import io.tidemark.storage.StorageIO;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of one file of an embedded engine's log, in order.
 *
 * <p>Not thread-safe. The file may grow meanwhile.
 */
final class EmbeddedLogReader implements Closeable {
  private static final int WINDOW_LENGTH = 1 << 16;

  private final Path path;
  private final StorageFile file;
  private final long engineId;
  private final int generation;
  private final boolean checksContents;
  private final ByteBuffer window =
      ByteBuffer.allocateDirect(WINDOW_LENGTH).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private final CRC32C crc = new CRC32C();
  private long windowStart;

  /** Where the next record begins. */
  private long end;

  private long walOffset;

  // The present record.
  private long place;
  private EmbeddedRecordType type = EmbeddedRecordType.BEGIN;
  private long blockId;
  private long timestampNs;
  private int contentLength;

  /**
   * Opens a file before its first record.
   *
   * @param checksContents whether a record whose content is not what was written counts as none;
   *     else contents are stepped over
   */
  EmbeddedLogReader(
      StorageIO io, Path path, long engineId, int generation, long first, boolean checksContents)
      throws IOException {
    this.path = path;
    this.file = io.openForReading(path);
    this.engineId = engineId;
    this.generation = generation;
    this.walOffset = first - 1;
    this.checksContents = checksContents;
  }

  /**
   * Moves to the next record.
   *
   * @return false where the intact records end; a later call reads the file again
   * @throws ForeignFileException if the next record is another engine's
   */
  boolean tryNext() throws IOException {
    if (problem() == null) {
      return true;
    }
    // Bytes that were being written, or will be written over, are not to be seen again.
    window.limit(0);
    return false;
  }

  /**
   * Moves to the next record.
   *
   * @throws CorruptFileException if it is not there or not intact
   * @throws ForeignFileException if it is another engine's
   */
  void next() throws IOException {
    String problem = problem();
    if (problem != null) {
      throw new CorruptFileException(
          "corrupt file: "
              + problem
              + ": walOffset="
              + Long.toUnsignedString(walOffset + 1)
              + ", place="
              + end
              + ", file="
              + path);
    }
  }

  /** Moves to the next record; returns what is wrong with it, or null. */
  private @Nullable String problem() throws IOException {
    if (!fill(end, EmbeddedLogDescriptor.HEADER_LENGTH)) {
      return "cut";
    }
    int at = (int) (end - windowStart);
    if (window.getInt(at + EmbeddedLogDescriptor.MAGIC_OFFSET) != EmbeddedLogDescriptor.MAGIC) {
      return "wrong magic";
    }
    if (window.getInt(at + EmbeddedLogDescriptor.HEADER_CRC_OFFSET)
        != EmbeddedLogDescriptor.headerCrc(window, at)) {
      return "wrong header CRC";
    }
    checkOrigin(at);
    if (window.getInt(at + EmbeddedLogDescriptor.GENERATION_OFFSET) != generation
        || window.getLong(at + EmbeddedLogDescriptor.WAL_OFFSET_OFFSET) != walOffset + 1) {
      return "record of another place";
    }
    return take(at);
  }

  /** Refuses an intact record that this engine, or this program, did not write. */
  private void checkOrigin(int at) {
    int version = Short.toUnsignedInt(window.getShort(at + EmbeddedLogDescriptor.VERSION_OFFSET));
    if (version != EmbeddedLogDescriptor.VERSION) {
      throw new UnsupportedFormatException(
          "log format is not one this program reads: newest="
              + EmbeddedLogDescriptor.VERSION
              + ", actual="
              + version
              + ", file="
              + path);
    }
    long owner = window.getLong(at + EmbeddedLogDescriptor.ENGINE_ID_OFFSET);
    if (owner != engineId) {
      throw new ForeignFileException(
          String.format(
              Locale.ROOT,
              "file belongs to another engine: expected=%016x, actual=%016x, file=%s",
              engineId,
              owner,
              path));
    }
  }

  private @Nullable String take(int at) throws IOException {
    int typeCode = window.getShort(at + EmbeddedLogDescriptor.TYPE_OFFSET);
    long id = window.getLong(at + EmbeddedLogDescriptor.BLOCK_ID_OFFSET);
    long timestamp = window.getLong(at + EmbeddedLogDescriptor.TIMESTAMP_OFFSET);
    int length = window.getInt(at + EmbeddedLogDescriptor.CONTENT_LENGTH_OFFSET);
    int contentCrc = window.getInt(at + EmbeddedLogDescriptor.CONTENT_CRC_OFFSET);
    long contentPlace = end + EmbeddedLogDescriptor.HEADER_LENGTH;
    if (checksContents && !isContentIntact(contentPlace, length, contentCrc)) {
      return "wrong content CRC";
    }
    type = EmbeddedRecordType.ofCode(typeCode);
    blockId = id;
    timestampNs = timestamp;
    contentLength = length;
    place = end;
    end = contentPlace + length;
    walOffset++;
    return null;
  }

  private boolean isContentIntact(long from, int length, int expected) throws IOException {
    crc.reset();
    for (int read = 0; read < length; read += WINDOW_LENGTH) {
      int part = Math.min(WINDOW_LENGTH, length - read);
      if (!fill(from + read, part)) {
        return false;
      }
      crc.update(window.slice((int) (from + read - windowStart), part));
    }
    return (int) crc.getValue() == expected;
  }

  /** Brings a stretch of the file into the window; returns false if the file ends before it. */
  private boolean fill(long from, int length) throws IOException {
    if (from >= windowStart && from + length <= windowStart + window.limit()) {
      return true;
    }
    window.clear();
    windowStart = from;
    while (window.hasRemaining() && file.read(window, from + window.position()) > 0) {
      // Read on: a read may give less than it was asked for.
    }
    window.flip();
    return window.limit() >= length;
  }

  /** Returns the type of the present record. */
  EmbeddedRecordType type() {
    return type;
  }

  /** Returns the block of the present record. */
  long blockId() {
    return blockId;
  }

  /** Returns the WAL offset of the present record; the one before the first if there is none. */
  long walOffset() {
    return walOffset;
  }

  /** Returns when the present record was written, ns. */
  long timestampNs() {
    return timestampNs;
  }

  /** Returns the length of the present record's content. */
  int contentLength() {
    return contentLength;
  }

  /** Returns where in the file the present record begins. */
  long place() {
    return place;
  }

  /** Returns where in the file the present record ends. */
  long end() {
    return end;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
