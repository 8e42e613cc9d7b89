package io.tidemark.tdengine;

/** Walks the columns of a table block in column format and finds its timestamps. */
final class SubmitColumns {
  private static final int COLUMN_BYTES_MIN = 4;

  private static final int FLAG_HAS_VALUE = 0x4;
  private static final int FLAG_ALL_KINDS = 0x7;

  private static final int TYPE_TIMESTAMP = 9;
  private static final int TYPE_UNKNOWN = -1;
  private static final int TYPE_VARIABLE = 0;

  // Bytes a value takes, by type number; 0: as many as it says.
  private static final int[] TYPE_BYTES = {
    TYPE_UNKNOWN, // 0 null
    1, // 1 bool
    1, // 2 tinyint
    2, // 3 smallint
    4, // 4 int
    8, // 5 bigint
    4, // 6 float
    8, // 7 double
    TYPE_VARIABLE, // 8 varchar
    8, // 9 timestamp
    TYPE_VARIABLE, // 10 nchar
    1, // 11 tinyint unsigned
    2, // 12 smallint unsigned
    4, // 13 int unsigned
    8, // 14 bigint unsigned
    TYPE_VARIABLE, // 15 json
    TYPE_VARIABLE, // 16 varbinary
    16, // 17 decimal
    TYPE_UNKNOWN, // 18 blob
    TYPE_UNKNOWN, // 19 medium blob
    TYPE_VARIABLE, // 20 geometry
    8 // 21 decimal of 64 bits
  };

  private int rowCount;
  private int timestampOffset;

  /** Reads all columns and leaves the cursor behind them. */
  void read(BodyCursor cursor, int requestVersion) throws WalDecodeException {
    final int columnCount = cursor.count("columnCount", COLUMN_BYTES_MIN);
    if (columnCount == 0) {
      throw cursor.malformed("no timestamp column", "columnCount", columnCount);
    }
    for (int i = 0; i < columnCount; i++) {
      readColumn(cursor, i, requestVersion);
    }
  }

  private void readColumn(BodyCursor cursor, int column, int requestVersion)
      throws WalDecodeException {
    cursor.varI32("columnId");
    final int type = cursor.u8("columnType");
    final int bytes = type < TYPE_BYTES.length ? TYPE_BYTES[type] : TYPE_UNKNOWN;
    if (bytes == TYPE_UNKNOWN) {
      throw cursor.malformed("unknown column type", "columnType", type);
    }
    final int count = cursor.varI32("valueCount");
    if (count < 0 || (column > 0 && count != rowCount)) {
      throw cursor.malformed("columns differ in length", "valueCount", count);
    }
    final int flag = cursor.u8("columnFlag");
    if (column == 0) {
      if (type != TYPE_TIMESTAMP || flag != FLAG_HAS_VALUE) {
        throw cursor.malformed("first column is no timestamp", "columnType", type);
      }
      rowCount = count;
      timestampOffset = cursor.position();
    }
    skipBitmap(cursor, flag, count);
    if ((flag & FLAG_HAS_VALUE) != 0) {
      skipValues(cursor, bytes, count);
    }
    if (requestVersion >= 1) {
      cursor.u8("compressionFlag");
    }
  }

  private static void skipBitmap(BodyCursor cursor, int flag, int count) throws WalDecodeException {
    switch (flag) {
      case 1, 2, FLAG_HAS_VALUE -> {}
      case 3, 5, 6 -> cursor.skip("bitmap", (count + 7) / 8);
      case FLAG_ALL_KINDS -> cursor.skip("bitmap", (count + 3) / 4);
      default -> throw cursor.malformed("unknown column flag", "columnFlag", flag);
    }
  }

  private static void skipValues(BodyCursor cursor, int bytes, int count)
      throws WalDecodeException {
    if (bytes == TYPE_VARIABLE) {
      skip(cursor, "valueOffsets", (long) count * Integer.BYTES);
      skip(cursor, "values", cursor.varI32("valuesLength"));
    } else {
      skip(cursor, "values", (long) count * bytes);
    }
  }

  private static void skip(BodyCursor cursor, String field, long lengthBytes)
      throws WalDecodeException {
    if (lengthBytes < 0 || lengthBytes > cursor.remaining()) {
      throw cursor.malformed("values do not fit", field, lengthBytes);
    }
    cursor.skip(field, (int) lengthBytes);
  }

  int rowCount() {
    return rowCount;
  }

  /** Returns where in the buffer the timestamps begin, eight bytes each. */
  int timestampOffset() {
    return timestampOffset;
  }
}
