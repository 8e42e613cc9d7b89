package io.tidemark.ingest;

import io.tidemark.storage.Crc;
import java.nio.ByteBuffer;

/** Layout of a record of an embedded engine's log; little-endian. */
final class EmbeddedLogDescriptor {

  /*
   *   0               4               8
   *  +---------------+---------------+
   *  | magic "TMEL"  | header CRC32C |   0   CRC of bytes 8 to 56
   *  +-------+-------+---------------+
   *  |version| type  | content length|   8   type: code of EmbeddedRecordType
   *  +-------+-------+---------------+
   *  | engine id                     |  16
   *  +-------------------------------+
   *  | WAL offset                    |  24
   *  +-------------------------------+
   *  | block id                      |  32   0 for FLUSH and BEGIN
   *  +-------------------------------+
   *  | timestamp, ns                 |  40
   *  +---------------+---------------+
   *  | generation    | content CRC32C|  48
   *  +---------------+---------------+
   *  | content ...                   |  56
   *
   *  Invariants: records of a file follow one another without a gap, their WAL offsets are dense and
   *  their generation is the file's; only CREATE and UPDATE have content. A generation but the
   *  first begins with a BEGIN, and has no other.
   */

  /** "TMEL" read as a little-endian int. */
  static final int MAGIC = 0x4C454D54;

  static final int VERSION = 1;

  static final int MAGIC_OFFSET = 0;
  static final int HEADER_CRC_OFFSET = MAGIC_OFFSET + Integer.BYTES;
  static final int VERSION_OFFSET = HEADER_CRC_OFFSET + Integer.BYTES;
  static final int TYPE_OFFSET = VERSION_OFFSET + Short.BYTES;
  static final int CONTENT_LENGTH_OFFSET = TYPE_OFFSET + Short.BYTES;
  static final int ENGINE_ID_OFFSET = CONTENT_LENGTH_OFFSET + Integer.BYTES;
  static final int WAL_OFFSET_OFFSET = ENGINE_ID_OFFSET + Long.BYTES;
  static final int BLOCK_ID_OFFSET = WAL_OFFSET_OFFSET + Long.BYTES;
  static final int TIMESTAMP_OFFSET = BLOCK_ID_OFFSET + Long.BYTES;
  static final int GENERATION_OFFSET = TIMESTAMP_OFFSET + Long.BYTES;
  static final int CONTENT_CRC_OFFSET = GENERATION_OFFSET + Integer.BYTES;
  static final int HEADER_LENGTH = CONTENT_CRC_OFFSET + Integer.BYTES;

  private EmbeddedLogDescriptor() {}

  /** Returns the CRC of the header at a place in a buffer. */
  static int headerCrc(ByteBuffer buffer, int at) {
    return Crc.of(buffer, at + VERSION_OFFSET, HEADER_LENGTH - VERSION_OFFSET);
  }
}
