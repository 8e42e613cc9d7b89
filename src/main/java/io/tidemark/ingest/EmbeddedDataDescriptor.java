package io.tidemark.ingest;

/** Layout of a data file of an embedded engine, behind the common header; little-endian. */
final class EmbeddedDataDescriptor {

  /*
   *  +-------------------------------+
   *  | contents ...                  |   0   one after the other, in the order of the rows
   *  +-------------------------------+
   *  | rows ...                      |       in unsigned order of ids
   *  +---------------+---------------+
   *  | row count     | rows CRC32C   |       the last 8 bytes
   *  +---------------+---------------+
   *
   *  A row:
   *   0               4               8
   *  +-------------------------------+
   *  | block id                      |   0
   *  +---------------+---------------+
   *  | place         | length        |   8   of the content in the payload; length -1: deleted
   *  +---------------+---------------+
   *  | content CRC32C| 0             |  16
   *  +---------------+---------------+
   *
   *  The store id of the header is the engine's; its positions are the WAL offsets of the first and
   *  the last change that the run may hold.
   *  Invariants: ids ascend; contents are dense; a file holds one row at least. A deleted block has a
   *  row only if an older run may hold the block.
   */

  static final int VERSION = 1;

  static final int BLOCK_ID_OFFSET = 0;
  static final int PLACE_OFFSET = BLOCK_ID_OFFSET + Long.BYTES;
  static final int LENGTH_OFFSET = PLACE_OFFSET + Integer.BYTES;
  static final int CRC_OFFSET = LENGTH_OFFSET + Integer.BYTES;
  static final int ROW_LENGTH = CRC_OFFSET + 2 * Integer.BYTES;

  static final int TRAILER_LENGTH = 2 * Integer.BYTES;

  /** Length of a block that was deleted. */
  static final int DELETED = -1;

  private EmbeddedDataDescriptor() {}
}
