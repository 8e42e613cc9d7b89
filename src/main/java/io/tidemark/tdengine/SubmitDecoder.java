package io.tidemark.tdengine;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A pull reader of SUBMIT (513): table by table, the timestamps of the rows it carries.
 *
 * <p>It reads both forms, rows and columns. What it does not know (a flag, a column type, a version
 * of the request) it refuses. Nothing is allocated per message once the arrays are large enough.
 */
public final class SubmitDecoder {
  private static final long MESSAGE_VERSION = 1;

  private static final int FLAG_AUTO_CREATE = 0x1;
  private static final int FLAG_COLUMN_FORMAT = 0x2;
  private static final int FLAG_FROM_FILE = 0x4;
  private static final int FLAGS_KNOWN = FLAG_AUTO_CREATE | FLAG_COLUMN_FORMAT | FLAG_FROM_FILE;
  private static final int REQUEST_VERSION_SHIFT = 8;
  private static final int REQUEST_VERSION_MAX = 1;

  private static final int TABLE_BYTES_MIN = 23;

  // A row: flag, number of primary key columns, schema version, length, timestamp, data.
  private static final int ROW_KEY_COUNT_OFFSET = Byte.BYTES;
  private static final int ROW_VERSION_OFFSET = ROW_KEY_COUNT_OFFSET + Byte.BYTES;
  private static final int ROW_LENGTH_OFFSET = ROW_VERSION_OFFSET + Short.BYTES;
  private static final int ROW_TIMESTAMP_OFFSET = ROW_LENGTH_OFFSET + Integer.BYTES;
  private static final int ROW_HEAD_LENGTH = ROW_TIMESTAMP_OFFSET + Long.BYTES;
  private static final int ROW_FLAG_KINDS = 0x7;
  private static final int ROW_FLAG_KEY_VALUE = 0x70;
  private static final int ROW_FLAGS_KNOWN = ROW_FLAG_KINDS | ROW_FLAG_KEY_VALUE;
  private static final int ROW_KEY_COUNT_MAX = 2;

  private final BodyCursor cursor = new BodyCursor();
  private final SubmitColumns columns = new SubmitColumns();
  private final CreateTableRequest createRequest = new CreateTableRequest();
  private long[] timestamps = new long[64];
  private int tablesLeft;

  private int flags;
  private long suid;
  private long uid;
  private int schemaVersion;
  private int rowCount;
  private long minTimestamp;
  private long maxTimestamp;

  /** Begins a message; the bytes must stay until its last table was read. */
  public SubmitDecoder wrap(ByteBuffer body, int offset, int lengthBytes)
      throws WalDecodeException {
    tablesLeft = 0;
    cursor.wrap("SUBMIT", body, offset, lengthBytes);
    final long version = cursor.i64BigEndian("messageVersion");
    if (version != MESSAGE_VERSION) {
      throw cursor.malformed("unknown message version", "messageVersion", version);
    }
    final int outerLimit = cursor.beginPart("messageLength");
    if (cursor.limit() != outerLimit) {
      throw cursor.malformed(
          "bytes behind the message", "lengthBytes", outerLimit - cursor.limit());
    }
    tablesLeft = cursor.count("tableCount", TABLE_BYTES_MIN);
    return this;
  }

  /** Begins a record's message. */
  public SubmitDecoder wrap(WalRecord record) throws WalDecodeException {
    return wrap(record.buffer(), record.bodyOffset(), record.bodyLength());
  }

  /** Moves to the next table, whose every row it reads; false behind the last. */
  public boolean nextTable() throws WalDecodeException {
    if (tablesLeft == 0) {
      return false;
    }
    final int outerLimit = cursor.beginPart("tableLength");
    flags = cursor.varI32("tableFlags");
    final int requestVersion = flags >>> REQUEST_VERSION_SHIFT;
    if ((flags & 0xFF & ~FLAGS_KNOWN) != 0 || requestVersion > REQUEST_VERSION_MAX) {
      throw cursor.malformed("unknown table flags", "tableFlags", flags);
    }
    if (isAutoCreate()) {
      createRequest.read(cursor);
    }
    suid = cursor.i64("suid");
    uid = cursor.i64("uid");
    schemaVersion = cursor.varI32("schemaVersion");
    if (isAutoCreate() && (createRequest.uid() != uid || createRequest.suid() != suid)) {
      throw cursor.malformed("created table is another one", "uid", uid);
    }
    if (isColumnFormat()) {
      readColumns(requestVersion);
    } else {
      readRows();
    }
    if (cursor.remaining() > 0) {
      cursor.i64("createTime");
    }
    cursor.endPart(outerLimit);
    tablesLeft--;
    return true;
  }

  private void readRows() throws WalDecodeException {
    final int count = cursor.count("rowCount", ROW_HEAD_LENGTH);
    begin(count);
    final ByteBuffer buffer = cursor.buffer();
    for (int i = 0; i < count; i++) {
      final int row = cursor.position();
      cursor.skip("rowHead", ROW_HEAD_LENGTH);
      final int rowFlags = buffer.get(row) & 0xFF;
      if ((rowFlags & ~ROW_FLAGS_KNOWN) != 0
          || (rowFlags & ROW_FLAG_KINDS) == 0
          || Integer.bitCount(rowFlags & ROW_FLAG_KEY_VALUE) > 1) {
        throw cursor.malformed("unknown row flags", "rowFlags", rowFlags);
      }
      final int keyCount = buffer.get(row + ROW_KEY_COUNT_OFFSET) & 0xFF;
      if (keyCount > ROW_KEY_COUNT_MAX) {
        throw cursor.malformed("unknown number of primary keys", "keyCount", keyCount);
      }
      final int length = buffer.getInt(row + ROW_LENGTH_OFFSET);
      if (length < ROW_HEAD_LENGTH) {
        throw cursor.malformed("row is shorter than its head", "rowLength", length);
      }
      cursor.skip("rowData", length - ROW_HEAD_LENGTH);
      add(i, buffer.getLong(row + ROW_TIMESTAMP_OFFSET));
    }
  }

  private void readColumns(int requestVersion) throws WalDecodeException {
    columns.read(cursor, requestVersion);
    begin(columns.rowCount());
    final ByteBuffer buffer = cursor.buffer();
    for (int i = 0; i < rowCount; i++) {
      add(i, buffer.getLong(columns.timestampOffset() + i * Long.BYTES));
    }
  }

  private void begin(int count) {
    rowCount = count;
    minTimestamp = Long.MAX_VALUE;
    maxTimestamp = Long.MIN_VALUE;
    if (timestamps.length < count) {
      timestamps = new long[Math.max(count, 2 * timestamps.length)];
    }
  }

  private void add(int index, long timestamp) {
    timestamps[index] = timestamp;
    minTimestamp = Math.min(minTimestamp, timestamp);
    maxTimestamp = Math.max(maxTimestamp, timestamp);
  }

  /** Returns the vgroup id the message states. */
  public int vgroupId() {
    return cursor.vgroupId();
  }

  /** Returns the flags of the table block as they are in the message. */
  public int flags() {
    return flags;
  }

  /** Returns whether the message creates the table if it does not exist yet. */
  public boolean isAutoCreate() {
    return (flags & FLAG_AUTO_CREATE) != 0;
  }

  /** Returns whether the rows came as columns. */
  public boolean isColumnFormat() {
    return (flags & FLAG_COLUMN_FORMAT) != 0;
  }

  /** Returns the request to create the table; null unless {@link #isAutoCreate()}. */
  public @Nullable CreateTableRequest createRequest() {
    return isAutoCreate() ? createRequest : null;
  }

  /** Returns the unique id of the table's stable; 0 for a normal table. */
  public long suid() {
    return suid;
  }

  /** Returns the table's unique id. */
  public long uid() {
    return uid;
  }

  /** Returns the version of the schema the rows were made for. */
  public int schemaVersion() {
    return schemaVersion;
  }

  /** Returns the number of rows; 0 is possible. */
  public int rowCount() {
    return rowCount;
  }

  /** Returns the least timestamp in the database's precision; 2^63 − 1 without rows. */
  public long minTimestamp() {
    return minTimestamp;
  }

  /** Returns the greatest timestamp in the database's precision; −2^63 without rows. */
  public long maxTimestamp() {
    return maxTimestamp;
  }

  /**
   * Returns the timestamps in message order: the first {@link #rowCount()} entries.
   *
   * <p>The array belongs to the decoder and is overwritten by its next step.
   */
  public long[] timestamps() {
    return timestamps;
  }
}
