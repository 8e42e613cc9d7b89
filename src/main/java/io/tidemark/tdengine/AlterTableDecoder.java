package io.tidemark.tdengine;

import java.nio.ByteBuffer;

/** A reader of ALTER_TABLE (517): which table a message alters. It carries a name, no id. */
public final class AlterTableDecoder {
  // Actions beyond these have not been measured; one of them might concern more than one table.
  private static final int ACTION_FIRST = 1;
  private static final int ACTION_LAST = 15;

  private final BodyCursor cursor = new BodyCursor();
  private String name = "";
  private int action;

  /** Reads a message; nothing of the bytes is needed afterwards. */
  public AlterTableDecoder wrap(ByteBuffer body, int offset, int lengthBytes)
      throws WalDecodeException {
    cursor.wrap("ALTER_TABLE", body, offset, lengthBytes);
    final int outerLimit = cursor.beginPart("messageLength");
    name = cursor.name("tableName");
    action = cursor.u8("action");
    if (action < ACTION_FIRST || action > ACTION_LAST) {
      throw cursor.malformed("unknown alter action", "action", action);
    }
    cursor.endPart(outerLimit);
    cursor.expectEnd();
    return this;
  }

  /** Reads a record's message. */
  public AlterTableDecoder wrap(WalRecord record) throws WalDecodeException {
    return wrap(record.buffer(), record.bodyOffset(), record.bodyLength());
  }

  /** Returns the table's name without its database. */
  public String name() {
    return name;
  }

  /** Returns the number of what is altered: 4 a tag's value, 5 a column added, and so on. */
  public int action() {
    return action;
  }
}
