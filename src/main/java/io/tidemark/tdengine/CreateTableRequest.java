package io.tidemark.tdengine;

import org.jspecify.annotations.Nullable;

/**
 * A view of one request to create a child or normal table, alone or inside a submit.
 *
 * <p>It belongs to its decoder and is valid until that decoder's next step. Names are made when
 * asked for.
 */
public final class CreateTableRequest {
  /** What kind of table a request creates. */
  public enum TableType {
    /** A table of a stable. */
    CHILD,
    /** A table without a stable. */
    NORMAL
  }

  private static final int TYPE_CHILD = 2;
  private static final int TYPE_NORMAL = 3;

  private final BodyCursor names = new BodyCursor();
  private int nameOffset;
  private int nameLength;
  private int stableNameOffset;
  private int stableNameLength;
  private TableType type = TableType.NORMAL;
  private long uid;
  private long suid;

  CreateTableRequest() {}

  /** Reads one request, with its length before it, and leaves the cursor behind it. */
  void read(BodyCursor cursor) throws WalDecodeException {
    final int outerLimit = cursor.beginPart("createRequestLength");
    names.wrapPart(cursor, cursor.position(), cursor.limit());
    cursor.varI32("createFlags");
    cursor.text("tableName");
    nameOffset = cursor.foundOffset();
    nameLength = cursor.foundLength();
    if (nameLength == 0) {
      throw cursor.malformed("name is empty", "tableName", 0);
    }
    uid = cursor.i64("uid");
    cursor.i64("createTime");
    cursor.i32("ttl");
    final int typeCode = cursor.u8("tableType");
    final int commentLength = cursor.i32("commentLength");
    if (commentLength > 0) {
      cursor.text("comment");
      if (cursor.foundLength() != commentLength) {
        throw cursor.malformed("comment length differs", "commentLength", commentLength);
      }
    }
    switch (typeCode) {
      case TYPE_CHILD -> readChild(cursor);
      case TYPE_NORMAL -> {
        type = TableType.NORMAL;
        suid = 0;
        stableNameLength = 0;
      }
      default -> throw cursor.malformed("unknown table type", "tableType", typeCode);
    }
    cursor.endPart(outerLimit);
  }

  private void readChild(BodyCursor cursor) throws WalDecodeException {
    type = TableType.CHILD;
    cursor.text("stableName");
    stableNameOffset = cursor.foundOffset();
    stableNameLength = cursor.foundLength();
    cursor.u8("tagCount");
    suid = cursor.i64("suid");
    final long tagLength = cursor.varU32("tagLength");
    if (tagLength > cursor.remaining()) {
      throw cursor.malformed("tags do not fit", "tagLength", tagLength);
    }
    cursor.skip("tags", (int) tagLength);
  }

  /** Returns the table's name without its database. */
  public String name() throws WalDecodeException {
    return names.textAt("tableName", nameOffset, nameLength);
  }

  /** Returns the name of a child table's stable; null for a normal table. */
  public @Nullable String stableName() throws WalDecodeException {
    return type == TableType.NORMAL
        ? null
        : names.textAt("stableName", stableNameOffset, stableNameLength);
  }

  /** Returns the table's unique id. */
  public long uid() {
    return uid;
  }

  /** Returns the unique id of a child table's stable; 0 for a normal table. */
  public long suid() {
    return suid;
  }

  /** Returns the kind of table. */
  public TableType type() {
    return type;
  }
}
