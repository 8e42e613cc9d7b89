package io.tidemark.tdengine;

import java.nio.ByteBuffer;

/** A pull reader of DROP_TABLE (519): the tables one message drops. */
public final class DropTableDecoder {
  private static final int REQUEST_BYTES_MIN = 24;

  private final BodyCursor cursor = new BodyCursor();
  private int rest;
  private String name = "";
  private long suid;
  private long uid;

  /** Begins a message; the bytes must stay until its last table was read. */
  public DropTableDecoder wrap(ByteBuffer body, int offset, int lengthBytes)
      throws WalDecodeException {
    rest = 0;
    cursor.wrap("DROP_TABLE", body, offset, lengthBytes);
    final int outerLimit = cursor.beginPart("messageLength");
    final int count = cursor.signedCount("tableCount", REQUEST_BYTES_MIN);
    if (cursor.limit() != outerLimit) {
      throw cursor.malformed(
          "bytes behind the message", "lengthBytes", outerLimit - cursor.limit());
    }
    rest = count;
    return this;
  }

  /** Begins a record's message. */
  public DropTableDecoder wrap(WalRecord record) throws WalDecodeException {
    return wrap(record.buffer(), record.bodyOffset(), record.bodyLength());
  }

  /** Moves to the next table; false behind the last. */
  public boolean nextTable() throws WalDecodeException {
    if (rest == 0) {
      return false;
    }
    final int outerLimit = cursor.beginPart("dropRequestLength");
    name = cursor.name("tableName");
    suid = cursor.i64("suid");
    uid = cursor.i64("uid");
    cursor.u8("isMissingIgnored");
    cursor.endPart(outerLimit);
    rest--;
    return true;
  }

  /** Returns the table's name without its database. */
  public String name() {
    return name;
  }

  /** Returns the unique id of the table's stable; 0 for a normal table. */
  public long suid() {
    return suid;
  }

  /** Returns the table's unique id. */
  public long uid() {
    return uid;
  }
}
