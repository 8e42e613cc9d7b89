package io.tidemark.tdengine;

/**
 * The layout of one record in a WAL segment of TDengine: packed, little-endian, header then body.
 *
 * <pre>
 *   0        8         12        16        24         32       36       38      39
 *   +--------+---------+---------+---------+----------+--------+--------+-------+--------+
 *   | magic  | headCRC | bodyCRC | version | ingestUs | length | type   | proto | isWeek |
 *   +--------+---------+---------+---------+----------+--------+--------+-------+--------+
 *   40       48        56
 *   +--------+---------+--------------------------
 *   | seqNum | term    | body (length bytes) ...
 *   +--------+---------+--------------------------
 * </pre>
 *
 * <p>Invariants of an intact record: the magic is right; headCRC = CRC32C of bytes 16 to 55; length
 * is not negative; bodyCRC = CRC32C of the body; proto = 0. The versions in a segment and across
 * segments are contiguous, except where the server lost records and wrote their versions again.
 */
final class WalRecordDescriptor {
  /** On disk f1 f2 f3 f4 fd fc fb fa. */
  static final long MAGIC = 0xFAFBFCFDF4F3F2F1L;

  static final byte MAGIC_FIRST_BYTE = (byte) MAGIC;

  static final int MAGIC_OFFSET = 0;
  static final int HEADER_CRC_OFFSET = MAGIC_OFFSET + Long.BYTES;
  static final int BODY_CRC_OFFSET = HEADER_CRC_OFFSET + Integer.BYTES;
  static final int VERSION_OFFSET = BODY_CRC_OFFSET + Integer.BYTES;
  static final int INGEST_TIMESTAMP_OFFSET = VERSION_OFFSET + Long.BYTES;
  static final int BODY_LENGTH_OFFSET = INGEST_TIMESTAMP_OFFSET + Long.BYTES;
  static final int MESSAGE_TYPE_OFFSET = BODY_LENGTH_OFFSET + Integer.BYTES;
  static final int PROTOCOL_VERSION_OFFSET = MESSAGE_TYPE_OFFSET + Short.BYTES;
  static final int IS_WEEK_OFFSET = PROTOCOL_VERSION_OFFSET + Byte.BYTES;
  static final int SEQUENCE_OFFSET = IS_WEEK_OFFSET + Byte.BYTES;
  static final int TERM_OFFSET = SEQUENCE_OFFSET + Long.BYTES;
  static final int HEADER_LENGTH = TERM_OFFSET + Long.BYTES;

  static final int CHECKED_OFFSET = VERSION_OFFSET;
  static final int CHECKED_LENGTH = HEADER_LENGTH - CHECKED_OFFSET;

  /** Longer bodies are taken for damage; TDengine's own limit for a message is far below. */
  static final int BODY_LENGTH_MAX = 1 << 30;

  static final int PROTOCOL_VERSION = 0;

  private WalRecordDescriptor() {}
}
