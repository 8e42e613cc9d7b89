package io.tidemark.tdengine.tsdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** An array of descriptors of one length in a data file, each of which names a block. */
final class BlockTable {
  private static final int NAME_BYTES = 2 * Long.BYTES;

  private final PagedFile file;
  private final long offset;
  private final ByteBuffer bytes;
  private final int entryBytes;

  private BlockTable(PagedFile file, long offset, ByteBuffer bytes, int entryBytes) {
    this.file = file;
    this.offset = offset;
    this.bytes = bytes;
    this.entryBytes = entryBytes;
  }

  /**
   * Reads the table that the footer of a file names.
   *
   * @param footerBytes length of the footer; it ends the file
   * @param number which of the footer's tables
   * @param entryBytes length of a descriptor
   */
  static BlockTable read(PagedFile file, int footerBytes, int number, int entryBytes, String what)
      throws IOException {
    long footerOffset = file.lengthBytes() - footerBytes;
    ByteBuffer footer = file.read(footerOffset, footerBytes, "footer");
    long offset = footer.getLong(number * NAME_BYTES);
    long length = footer.getLong(number * NAME_BYTES + Long.BYTES);
    if (length == 0) {
      ByteBuffer nothing = ByteBuffer.allocate(0);
      return new BlockTable(file, footerOffset, nothing, entryBytes);
    }
    if (length < 0 || length % entryBytes != 0 || offset > footerOffset - length) {
      throw file.place(footerOffset)
          .malformed(
              "impossible table: " + what,
              "entryBytes=" + entryBytes + ", lengthBytes=" + length + ", tableOffset=" + offset);
    }
    return new BlockTable(file, offset, file.read(offset, length, what), entryBytes);
  }

  /** Returns the number of descriptors. */
  int count() {
    return bytes.limit() / entryBytes;
  }

  /** Returns a descriptor, little-endian, from 0. */
  ByteBuffer entry(int index) {
    return bytes.slice(index * entryBytes, entryBytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns the place of a descriptor, for errors. */
  FilePlace place(int index) {
    return file.place(offset + (long) index * entryBytes);
  }

  /**
   * Returns the index block that the first two numbers of a descriptor name. How it is coded stands
   * further behind: its number of records, the length of each column, the stages of compression.
   *
   * @param countOffset where the number of records stands in the descriptor
   */
  IndexBlock indexBlock(int index, ColumnDecoder decoder, int countOffset, int columns, String what)
      throws IOException {
    ByteBuffer entry = entry(index);
    long blockOffset = entry.getLong(0);
    ByteBuffer block = file.read(blockOffset, entry.getLong(Long.BYTES), what);
    int lengthsOffset = countOffset + Integer.BYTES;
    int[] lengths = new int[columns];
    for (int i = 0; i < columns; i++) {
      lengths[i] = entry.getInt(lengthsOffset + i * Integer.BYTES);
    }
    int stages = entry.get(lengthsOffset + columns * Integer.BYTES);
    return new IndexBlock(
        decoder, file.place(blockOffset), block, lengths, entry.getInt(countOffset), stages);
  }
}
