package io.tidemark.ingest;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.storage.Crc;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A data file, mapped: blocks in unsigned order of ids. Its rows were checked when it was opened;
 * each content is when it is read.
 *
 * <p>Immutable and thread-safe; it may be deleted while it is read.
 */
final class EmbeddedDataFile {
  private final Path path;
  private final ByteBuffer contents;
  private final ByteBuffer rows;
  private final int rowCount;

  private EmbeddedDataFile(Path path, ByteBuffer contents, ByteBuffer rows, int rowCount) {
    this.path = path;
    this.contents = contents;
    this.rows = rows;
    this.rowCount = rowCount;
  }

  /**
   * Maps a file and checks its rows.
   *
   * @param named what the manifest says of it
   * @throws CorruptFileException if it is not the one that the manifest names, or a byte of its
   *     rows is wrong
   */
  static EmbeddedDataFile open(
      StorageIO io, Path path, long engineId, EmbeddedManifest.DataFile named) throws IOException {
    PublishedFile file =
        PublishedFile.openHeader(
            io, path, FileType.EMBEDDED_DATA, EmbeddedDataDescriptor.VERSION, engineId);
    if (file.header().payloadLength() != named.lengthBytes()
        || file.header().payloadCrc() != named.crc()) {
      throw new CorruptFileException(
          String.format(
              Locale.ROOT,
              "corrupt file: not the one that the manifest names: expected=0x%08X, actual=0x%08X,"
                  + " file=%s",
              named.crc(),
              file.header().payloadCrc(),
              path));
    }
    ByteBuffer payload = file.payload();
    int end = payload.capacity() - EmbeddedDataDescriptor.TRAILER_LENGTH;
    int rowCount = end < 0 ? 0 : payload.getInt(end);
    long start = end - (long) rowCount * EmbeddedDataDescriptor.ROW_LENGTH;
    if (rowCount < 1
        || start < 0
        || Crc.of(payload, (int) start, (int) (end - start))
            != payload.getInt(end + Integer.BYTES)) {
      throw new CorruptFileException(
          "corrupt file: wrong rows: count=" + rowCount + ", file=" + path);
    }
    return new EmbeddedDataFile(
        path,
        payload.slice(0, (int) start).order(ByteOrder.LITTLE_ENDIAN),
        payload.slice((int) start, (int) (end - start)).order(ByteOrder.LITTLE_ENDIAN),
        rowCount);
  }

  int rowCount() {
    return rowCount;
  }

  long blockId(int row) {
    return rows.getLong(
        row * EmbeddedDataDescriptor.ROW_LENGTH + EmbeddedDataDescriptor.BLOCK_ID_OFFSET);
  }

  /** Returns the length of a row's content; {@code DELETED} if the block was deleted. */
  int length(int row) {
    return rows.getInt(
        row * EmbeddedDataDescriptor.ROW_LENGTH + EmbeddedDataDescriptor.LENGTH_OFFSET);
  }

  /** Returns the last row whose id is at or below one; -1 if there is none. */
  int floorRow(long id) {
    int low = 0;
    int high = rowCount - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(blockId(middle), id) <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  /**
   * Returns the content of a row whose block was not deleted.
   *
   * @return read-only
   * @throws CorruptFileException if it is not what was written
   */
  ByteBuffer content(int row) {
    int at = row * EmbeddedDataDescriptor.ROW_LENGTH;
    int place = rows.getInt(at + EmbeddedDataDescriptor.PLACE_OFFSET);
    int length = length(row);
    int expected = rows.getInt(at + EmbeddedDataDescriptor.CRC_OFFSET);
    int actual = Crc.of(contents, place, length);
    if (actual != expected) {
      throw new CorruptFileException(
          String.format(
              Locale.ROOT,
              "corrupt file: wrong content CRC: blockId=%s, expected=0x%08X, actual=0x%08X,"
                  + " file=%s",
              Long.toUnsignedString(blockId(row)),
              expected,
              actual,
              path));
    }
    return contents.slice(place, length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
