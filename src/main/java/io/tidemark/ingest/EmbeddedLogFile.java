package io.tidemark.ingest;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.storage.Crc;
import io.tidemark.storage.StorageFile;
import io.tidemark.storage.StorageIO;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * A file of an embedded engine's log that is open: records are appended to it, and contents are
 * read from it.
 *
 * <p>Not thread-safe.
 */
final class EmbeddedLogFile implements Closeable {
  private final Path path;
  private final StorageFile file;
  private final long engineId;
  private final int generation;
  private final long first;
  private final ByteBuffer header =
      ByteBuffer.allocateDirect(EmbeddedLogDescriptor.HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
  private long length;

  private EmbeddedLogFile(
      Path path, StorageFile file, long engineId, int generation, long first, long length) {
    this.path = path;
    this.file = file;
    this.engineId = engineId;
    this.generation = generation;
    this.first = first;
    this.length = length;
  }

  /** Creates an empty file; its name is not durable yet. */
  static EmbeddedLogFile create(StorageIO io, Path path, long engineId, int generation, long first)
      throws IOException {
    return new EmbeddedLogFile(path, io.create(path), engineId, generation, first, 0);
  }

  /** Opens a file that is there. */
  static EmbeddedLogFile open(StorageIO io, Path path, long engineId, EmbeddedManifest.LogFile file)
      throws IOException {
    return new EmbeddedLogFile(
        path,
        io.openForWriting(path),
        engineId,
        file.generation(),
        file.first(),
        file.lengthBytes());
  }

  /** Opens a file that is there, for its contents only. */
  static EmbeddedLogFile openToRead(
      StorageIO io, Path path, long engineId, EmbeddedManifest.LogFile file) throws IOException {
    return new EmbeddedLogFile(
        path,
        io.openForReading(path),
        engineId,
        file.generation(),
        file.first(),
        file.lengthBytes());
  }

  /** Returns the bytes of its records. */
  long lengthBytes() {
    return length;
  }

  /** Returns the file as a manifest names it. */
  EmbeddedManifest.LogFile upTo(long last) {
    return new EmbeddedManifest.LogFile(generation, first, last, length);
  }

  /**
   * Appends a record. If it fails, the next record is written over what there is of it.
   *
   * @param content from position to limit; its position does not move
   * @return the record's place in the file
   */
  long append(
      EmbeddedRecordType type, long blockId, long walOffset, long timestampNs, ByteBuffer content)
      throws IOException {
    header.clear();
    header.putInt(EmbeddedLogDescriptor.MAGIC_OFFSET, EmbeddedLogDescriptor.MAGIC);
    header.putShort(EmbeddedLogDescriptor.VERSION_OFFSET, (short) EmbeddedLogDescriptor.VERSION);
    header.putShort(EmbeddedLogDescriptor.TYPE_OFFSET, (short) type.code());
    header.putInt(EmbeddedLogDescriptor.CONTENT_LENGTH_OFFSET, content.remaining());
    header.putLong(EmbeddedLogDescriptor.ENGINE_ID_OFFSET, engineId);
    header.putLong(EmbeddedLogDescriptor.WAL_OFFSET_OFFSET, walOffset);
    header.putLong(EmbeddedLogDescriptor.BLOCK_ID_OFFSET, blockId);
    header.putLong(EmbeddedLogDescriptor.TIMESTAMP_OFFSET, timestampNs);
    header.putInt(EmbeddedLogDescriptor.GENERATION_OFFSET, generation);
    header.putInt(
        EmbeddedLogDescriptor.CONTENT_CRC_OFFSET,
        Crc.of(content, content.position(), content.remaining()));
    header.putInt(
        EmbeddedLogDescriptor.HEADER_CRC_OFFSET, EmbeddedLogDescriptor.headerCrc(header, 0));
    long place = length;
    file.write(header, place);
    if (content.hasRemaining()) {
      file.write(content.duplicate(), place + EmbeddedLogDescriptor.HEADER_LENGTH);
    }
    length = place + EmbeddedLogDescriptor.HEADER_LENGTH + content.remaining();
    return place;
  }

  /**
   * Reads the content of the record at a place.
   *
   * @return read-only
   * @throws CorruptFileException if it is not what was written
   */
  ByteBuffer content(long place, long blockId, int contentLength) throws IOException {
    ByteBuffer record =
        ByteBuffer.allocate(EmbeddedLogDescriptor.HEADER_LENGTH + contentLength)
            .order(ByteOrder.LITTLE_ENDIAN);
    while (record.hasRemaining() && file.read(record, place + record.position()) > 0) {
      // Read on: a read may give less than it was asked for.
    }
    boolean isIntact =
        !record.hasRemaining()
            && record.getInt(EmbeddedLogDescriptor.HEADER_CRC_OFFSET)
                == EmbeddedLogDescriptor.headerCrc(record, 0)
            && record.getLong(EmbeddedLogDescriptor.BLOCK_ID_OFFSET) == blockId
            && record.getInt(EmbeddedLogDescriptor.CONTENT_LENGTH_OFFSET) == contentLength
            && record.getInt(EmbeddedLogDescriptor.CONTENT_CRC_OFFSET)
                == Crc.of(record, EmbeddedLogDescriptor.HEADER_LENGTH, contentLength);
    if (!isIntact) {
      throw new CorruptFileException(
          "corrupt file: wrong record: blockId="
              + Long.toUnsignedString(blockId)
              + ", place="
              + place
              + ", file="
              + path);
    }
    return record
        .slice(EmbeddedLogDescriptor.HEADER_LENGTH, contentLength)
        .asReadOnlyBuffer()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Makes all records survive a power cut. */
  void force() throws IOException {
    file.force();
  }

  /** Forces nothing. */
  @Override
  public void close() throws IOException {
    file.close();
  }
}
