package io.tidemark.archive;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The fields before the content of a block in a data file; little-endian.
 *
 * <pre>
 *   0               4               8
 *  +---------------+---+-----------+
 *  | length        | k | 0         |   k: CopyKind code, 0 for the record that ends the file
 *  +---------------+---+-----------+
 *  | block id                      |   the end: how many records there are before it
 *  +---------------+---------------+
 *  | CRC32C        |  content ...      of the 16 bytes before it and of the content
 *  +---------------+
 * </pre>
 */
final class BlockRecord {
  static final int LENGTH_OFFSET = 0;
  static final int KIND_OFFSET = LENGTH_OFFSET + Integer.BYTES;
  static final int ID_OFFSET = KIND_OFFSET + Integer.BYTES;
  static final int CRC_OFFSET = ID_OFFSET + Long.BYTES;
  static final int LENGTH = CRC_OFFSET + Integer.BYTES;

  /** Kind of the record that ends a file. */
  static final int END = 0;

  /** More than any engine's block holds. */
  static final int MAX_CONTENT_LENGTH = 1 << 30;

  private BlockRecord() {}

  /** Returns a buffer over {@link #LENGTH} bytes. */
  static ByteBuffer over(byte[] fields) {
    return ByteBuffer.wrap(fields).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns the checksum of a record, whose content's position does not move. */
  static int crc(byte[] fields, ByteBuffer content) {
    CRC32C crc = new CRC32C();
    crc.update(fields, 0, CRC_OFFSET);
    crc.update(content.duplicate());
    return (int) crc.getValue();
  }
}
