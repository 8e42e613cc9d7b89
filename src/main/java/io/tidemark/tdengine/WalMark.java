package io.tidemark.tdengine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Where a WAL record was found, and by what it is recognised again.
 *
 * <p>Raft gives an entry its identity by version and term; the checksum guards against a log that
 * was replaced by another one.
 *
 * @param term raft term
 * @param bodyChecksum CRC32C of the body
 * @param segmentFirstVersion the segment it was read from
 * @param fileOffset where in that segment's file
 */
record WalMark(long term, long bodyChecksum, long segmentFirstVersion, long fileOffset) {

  /* Bytes, little-endian: term, body checksum, segment, file offset, each u64. */
  private static final int LENGTH = 4 * Long.BYTES;

  static WalMark of(WalRecord record) {
    return new WalMark(
        record.term(), record.bodyChecksum(), record.segmentFirstVersion(), record.fileOffset());
  }

  /** Returns whether both mark the same entry, wherever it lies. */
  boolean isSameEntry(WalMark other) {
    return term == other.term && bodyChecksum == other.bodyChecksum;
  }

  byte[] encode() {
    return ByteBuffer.allocate(LENGTH)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(term)
        .putLong(bodyChecksum)
        .putLong(segmentFirstVersion)
        .putLong(fileOffset)
        .array();
  }

  /** Reads a mark; null if the bytes are no mark. */
  static @Nullable WalMark decode(byte[] bytes) {
    if (bytes.length != LENGTH) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return new WalMark(in.getLong(), in.getLong(), in.getLong(), in.getLong());
  }
}
