package io.tidemark.tdengine;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A reader of DELETE (579): the tables and the range of timestamps one message deletes.
 *
 * <p>The server wrote it after it had evaluated the condition: the range is clipped to rows that
 * existed. A message with no affected rows is logged and not applied.
 */
public final class DeleteDecoder {
  private final BodyCursor cursor = new BodyCursor();
  private long[] uids = new long[1];
  private int uidCount;
  private long suid;
  private long firstTimestamp;
  private long lastTimestamp;
  private long affectedRows;
  private String tableName = "";

  /** Reads a message; nothing of the bytes is needed afterwards. */
  public DeleteDecoder wrap(ByteBuffer body, int offset, int lengthBytes)
      throws WalDecodeException {
    uidCount = 0;
    cursor.wrap("DELETE", body, offset, lengthBytes);
    suid = cursor.i64("suid");
    final int count = cursor.signedCount("uidCount", Long.BYTES);
    if (uids.length < count) {
      uids = new long[Math.max(count, 2 * uids.length)];
    }
    for (int i = 0; i < count; i++) {
      uids[i] = cursor.i64("uid");
    }
    firstTimestamp = cursor.i64("firstTimestamp");
    lastTimestamp = cursor.i64("lastTimestamp");
    affectedRows = cursor.varI64("affectedRows");
    if (affectedRows < 0) {
      throw cursor.malformed("negative count", "affectedRows", affectedRows);
    }
    tableName = cursor.name("tableName");
    cursor.text("timestampColumn");
    if (cursor.remaining() > 0) {
      cursor.i64("createTime");
    }
    if (cursor.remaining() > 0) {
      cursor.u8("source");
    }
    cursor.expectEnd();
    if (affectedRows > 0 && count == 0) {
      throw cursor.malformed("rows of no table", "affectedRows", affectedRows);
    }
    uidCount = count;
    return this;
  }

  /** Reads a record's message. */
  public DeleteDecoder wrap(WalRecord record) throws WalDecodeException {
    return wrap(record.buffer(), record.bodyOffset(), record.bodyLength());
  }

  /** Returns the unique id of the stable; 0 for a normal table. */
  public long suid() {
    return suid;
  }

  /** Returns the number of tables. */
  public int uidCount() {
    return uidCount;
  }

  /** Returns the unique id of a table, index 0 to {@link #uidCount()} − 1. */
  public long uid(int index) {
    return uids[Objects.checkIndex(index, uidCount)];
  }

  /** Returns the first timestamp deleted, in the database's precision. */
  public long firstTimestamp() {
    return firstTimestamp;
  }

  /** Returns the last timestamp deleted, in the database's precision. */
  public long lastTimestamp() {
    return lastTimestamp;
  }

  /** Returns how many rows the server counted; 0: the message was not applied. */
  public long affectedRows() {
    return affectedRows;
  }

  /** Returns the table or stable as the statement named it. */
  public String tableName() {
    return tableName;
  }
}
