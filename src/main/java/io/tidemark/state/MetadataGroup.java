package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.storage.Crc;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A group of neighbouring blocks' rows: the value of one metadata map entry.
 *
 * <p>Not thread-safe.
 */
final class MetadataGroup {

  /*
   * Group, little-endian: CRC32C u32 of the rows, 0 u32, then 64 rows.
   *
   * Row:
   *   0  flags u64           bits 0 to 4: the block had a CREATE, UPDATE, FLUSH, DELETE, CLEAR
   *   8  generations 5 u32   of the highest CREATE, UPDATE, FLUSH, DELETE, CLEAR
   *  28  WAL offsets 5 u64   of the same
   *  68  timestamp i64 ns    of the last change
   *
   * A row with flags 0 is a block that never had an event.
   */

  /** Blocks in a group are those that share the id without these low bits. */
  static final int ID_BITS = 6;

  private static final int ROWS = 1 << ID_BITS;
  private static final int TYPES = 5;
  private static final int GENERATIONS_OFFSET = Long.BYTES;
  private static final int OFFSETS_OFFSET = GENERATIONS_OFFSET + TYPES * Integer.BYTES;
  private static final int TIMESTAMP_OFFSET = OFFSETS_OFFSET + TYPES * Long.BYTES;
  private static final int ROW_LENGTH = TIMESTAMP_OFFSET + Long.BYTES;
  private static final int ROWS_OFFSET = 2 * Integer.BYTES;

  /** Bytes of a group. */
  static final int LENGTH = ROWS_OFFSET + ROWS * ROW_LENGTH;

  private final ByteBuffer bytes;

  /** Wraps the bytes of a group; changes go through. */
  MetadataGroup(byte[] value) {
    bytes = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int row(long blockId) {
    return ROWS_OFFSET + (int) (blockId & (ROWS - 1)) * ROW_LENGTH;
  }

  boolean isPresent(long blockId) {
    return bytes.getLong(row(blockId)) != 0;
  }

  /** Reads a row's maxima. */
  void read(long blockId, BlockMaxima maxima) {
    int row = row(blockId);
    long flags = bytes.getLong(row);
    maxima.reset();
    for (BlockEventType type : BlockEventType.values()) {
      int code = type.code();
      if ((flags & (1L << code)) != 0) {
        maxima.fold(
            type,
            bytes.getInt(row + GENERATIONS_OFFSET + code * Integer.BYTES),
            bytes.getLong(row + OFFSETS_OFFSET + code * Long.BYTES));
      }
    }
  }

  long timestampNs(long blockId) {
    return bytes.getLong(row(blockId) + TIMESTAMP_OFFSET);
  }

  void write(long blockId, BlockMaxima maxima, long timestampNs) {
    int row = row(blockId);
    long flags = 0;
    for (BlockEventType type : BlockEventType.values()) {
      int code = type.code();
      if (maxima.has(type)) {
        flags |= 1L << code;
        bytes.putInt(row + GENERATIONS_OFFSET + code * Integer.BYTES, maxima.generation(type));
        bytes.putLong(row + OFFSETS_OFFSET + code * Long.BYTES, maxima.walOffset(type));
      }
    }
    bytes.putLong(row, flags);
    bytes.putLong(row + TIMESTAMP_OFFSET, timestampNs);
  }

  private int crc() {
    return Crc.of(bytes, ROWS_OFFSET, LENGTH - ROWS_OFFSET);
  }

  void seal() {
    bytes.putInt(0, crc());
  }

  boolean isIntact() {
    return bytes.getInt(0) == crc();
  }
}
