package io.tidemark.tdengine;

import io.tidemark.block.WalPosition;
import io.tidemark.errors.CorruptFileException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Rows of one table that a DELETE removed.
 *
 * @param vgroupId whose log says so
 * @param position where the log says so
 * @param uid the table's
 * @param table the table's name; empty where the log did not tell
 * @param stable the name of the table's stable; empty for a normal table, and where the log did not
 *     tell
 * @param firstTimestamp inclusive, in the database's precision
 * @param lastTimestamp inclusive
 */
public record RowDeletion(
    int vgroupId,
    WalPosition position,
    long uid,
    String table,
    String stable,
    long firstTimestamp,
    long lastTimestamp) {

  /*
   * Bytes of a tombstone in the journal, little-endian: uid u64, first timestamp i64, last timestamp i64.
   */
  private static final int LENGTH = 3 * Long.BYTES;

  /** Returns the bytes that the journal keeps. */
  static byte[] encode(long uid, long firstTimestamp, long lastTimestamp) {
    return ByteBuffer.allocate(LENGTH)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(uid)
        .putLong(firstTimestamp)
        .putLong(lastTimestamp)
        .array();
  }

  /**
   * Reads the bytes that the journal kept.
   *
   * @throws CorruptFileException if they are no such deletion
   */
  static RowDeletion decode(int vgroupId, WalPosition position, byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new CorruptFileException(
          "corrupt tombstone: wrong length: expected=" + LENGTH + ", actual=" + bytes.length);
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return new RowDeletion(vgroupId, position, in.getLong(), "", "", in.getLong(), in.getLong());
  }

  /** Returns the same with names. */
  public RowDeletion named(String itsTable, String itsStable) {
    return new RowDeletion(
        vgroupId, position, uid, itsTable, itsStable, firstTimestamp, lastTimestamp);
  }
}
