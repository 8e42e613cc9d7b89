package io.tidemark.tdengine.tsdb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;

/** The keys of the rows of one block: table, version, timestamp. Whoever has it owns it. */
final class KeyColumns {

  /*
   * delimiter u32, format uNNv, suid i64, uid i64 (0: the block is of several tables)
   * lengths i32v: uid column, version column, timestamp column, index of the other columns; rows i32v
   * algorithm u32, primary keys i8, for each its column's description
   * uid column, version column, timestamp column, values of primary keys
   * uNNv: 7 bits a byte, lowest first, 0x80 for more; iNNv the same, zigzagged
   */

  private static final int DELIMITER = 0xF00AFA0F;
  private static final int FORMAT = 2;
  private static final int ROWS_MAX = 1 << 20;
  private static final int VARINT_BYTES_MAX = 5;

  private static final int FLAG_NULL = 2;
  private static final int FLAG_VALUE = 4;

  /** Numbers of the types whose values have lengths of their own. */
  private static final int TYPE_VARCHAR = 8;

  private static final int TYPE_NCHAR = 10;

  private final long suid;
  private final long[] uids;
  private final long[] versions;
  private final long[] timestamps;

  private KeyColumns(long suid, long[] uids, long[] versions, long[] timestamps) {
    this.suid = suid;
    this.uids = uids;
    this.versions = versions;
    this.timestamps = timestamps;
  }

  /** Returns the stable of all; 0 for none. */
  long suid() {
    return suid;
  }

  /** Returns the table of each row. */
  long[] uids() {
    return uids;
  }

  /** Returns the WAL version of each row. */
  long[] versions() {
    return versions;
  }

  /** Returns the timestamp of each row, in the database's precision. */
  long[] timestamps() {
    return timestamps;
  }

  /**
   * Reads the key part of a block.
   *
   * @param in little-endian, from 0 to its limit
   */
  static KeyColumns read(ByteBuffer in, ColumnDecoder decoder, FilePlace place)
      throws TsdbFormatException {
    require(in, Integer.BYTES + 1, place);
    int delimiter = in.getInt();
    if (delimiter != DELIMITER) {
      throw place.malformed(
          "wrong delimiter of a block",
          String.format(Locale.ROOT, "expected=0x%08X, actual=0x%08X", DELIMITER, delimiter));
    }
    int format = varint(in, place);
    if (format != FORMAT) {
      throw place.unsupported("another format of a block", "expected=2, actual=" + format);
    }
    require(in, 2 * Long.BYTES, place);
    long suid = in.getLong();
    long uid = in.getLong();
    int uidBytes = length(in, place);
    int versionBytes = length(in, place);
    int timestampBytes = length(in, place);
    length(in, place);
    int rows = length(in, place);
    if (rows < 1 || rows > ROWS_MAX || (uid == 0) != (uidBytes > 0)) {
      throw place.malformed(
          "impossible block", "uid=" + uid + ", uidBytes=" + uidBytes + ", rows=" + rows);
    }
    require(in, Integer.BYTES + 1, place);
    int algorithm = in.getInt();
    int primaryKeys = in.get();
    for (int i = 0; i < primaryKeys; i++) {
      skipDescription(in, place);
    }
    long[] uids;
    if (uid == 0) {
      uids = decoder.key(column(in, uidBytes, place), rows, algorithm, place);
    } else {
      uids = new long[rows];
      Arrays.fill(uids, uid);
    }
    return new KeyColumns(
        suid,
        uids,
        decoder.key(column(in, versionBytes, place), rows, algorithm, place),
        decoder.key(column(in, timestampBytes, place), rows, algorithm, place));
  }

  /** Skips what is said of a column that belongs to the primary key. */
  private static void skipDescription(ByteBuffer in, FilePlace place) throws TsdbFormatException {
    varint(in, place);
    require(in, 3, place);
    int type = in.get();
    in.get();
    int flag = in.get();
    varint(in, place);
    if (flag != FLAG_NULL) {
      if (flag != FLAG_VALUE) {
        varint(in, place);
      }
      if (type == TYPE_VARCHAR || type == TYPE_NCHAR) {
        varint(in, place);
      }
      varint(in, place);
      varint(in, place);
    }
    require(in, Integer.BYTES, place);
    in.getInt();
  }

  private static ByteBuffer column(ByteBuffer in, int length, FilePlace place)
      throws TsdbFormatException {
    require(in, length, place);
    ByteBuffer column = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + length);
    return column;
  }

  private static int length(ByteBuffer in, FilePlace place) throws TsdbFormatException {
    int zigzag = varint(in, place);
    int length = (zigzag >>> 1) ^ -(zigzag & 1);
    if (length < 0) {
      throw place.malformed("impossible length in a block", "limit=0, actual=" + length);
    }
    return length;
  }

  private static int varint(ByteBuffer in, FilePlace place) throws TsdbFormatException {
    int value = 0;
    for (int i = 0; i < VARINT_BYTES_MAX; i++) {
      require(in, 1, place);
      int next = in.get();
      value |= (next & 0x7F) << (7 * i);
      if (next >= 0) {
        return value;
      }
    }
    throw place.malformed("number in a block does not end", "limitBytes=" + VARINT_BYTES_MAX);
  }

  private static void require(ByteBuffer in, int length, FilePlace place)
      throws TsdbFormatException {
    if (in.remaining() < length) {
      throw place.malformed(
          "block is cut off", "expectedBytes=" + length + ", actualBytes=" + in.remaining());
    }
  }
}
