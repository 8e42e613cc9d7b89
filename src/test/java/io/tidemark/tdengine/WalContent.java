package io.tidemark.tdengine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@link WalWriter} writes: the contents of messages, and how each is laid out. */
public final class WalContent {
  private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

  /** A tag row that names no tag: length, count, version, flags. */
  private static final byte[] NO_TAGS = {8, 0, 0, 0, 1, 0, 0, 0};

  private static final int TYPE_CHILD = 2;
  private static final int TYPE_NORMAL = 3;
  private static final int NO_COMMENT = -1;

  private WalContent() {}

  /** A column of a schema; {@code compression} is 0 for a tag. */
  public record Column(int type, int flags, int bytes, int id, String name, int compression) {
    /** Returns the timestamp column every table begins with. */
    public static Column timestamp() {
      return new Column(9, 1, 8, 1, "ts", 0x02000102);
    }

    /** Returns a column of 32-bit integers. */
    public static Column integer(int id, String name) {
      return new Column(4, 1, 4, id, name, 0x02000101);
    }
  }

  /** A list of columns and its version. */
  public record Schema(int version, List<Column> columns) {
    void write(WalBody out) {
      out.signed(columns.size()).signed(version);
      for (final Column column : columns) {
        out.i8(column.type).i8(column.flags).signed(column.bytes).signed(column.id);
        out.text(column.name);
      }
    }

    void writeCompression(WalBody out, int compressionVersion) {
      out.signed(columns.size()).signed(compressionVersion);
      for (final Column column : columns) {
        out.signed(column.id).i32(column.compression);
      }
    }
  }

  /**
   * A stable as CREATE_STB and ALTER_STB carry it.
   *
   * @param alteration the client's own request inside an ALTER_STB; empty in a CREATE_STB
   * @param hasModifiers whether a list of type modifiers follows, as in ALTER_STB
   */
  public record Stable(
      String name,
      long suid,
      Schema columns,
      Schema tags,
      ByteBuffer alteration,
      int source,
      long keep,
      boolean hasModifiers) {
    /** Returns a stable with a timestamp, a value and a tag. */
    public static Stable of(String name, long suid) {
      return new Stable(
          name,
          suid,
          new Schema(1, List.of(Column.timestamp(), Column.integer(2, "v"))),
          new Schema(1, List.of(new Column(4, 2, 4, 3, "t", 0))),
          NO_BYTES,
          0,
          -1,
          false);
    }

    void write(WalBody out) {
      final int part = out.beginPart();
      out.text(name).i64(suid).i8(0);
      columns.write(out);
      tags.write(out);
      out.i32(alteration.remaining());
      if (alteration.hasRemaining()) {
        out.binary(bytesOf(alteration));
      }
      out.i8(source).i8(1);
      columns.writeCompression(out, columns.version);
      out.i64(keep).i8(hasModifiers ? 1 : 0);
      if (hasModifiers) {
        out.zeros(columns.columns.size());
      }
      out.i8(0).endPart(part);
    }
  }

  /**
   * A table as CREATE_TABLE and an auto-creating submit carry it: a child table (stableName not
   * null, tags) or a normal one (columns).
   */
  public record Table(
      int flags,
      String name,
      long uid,
      long createTime,
      int ttl,
      @Nullable String comment,
      @Nullable String stableName,
      long suid,
      int tagCount,
      ByteBuffer tags,
      List<String> tagNames,
      @Nullable Schema columns) {
    /** Returns a child table. */
    public static Table child(String name, long uid, String stableName, long suid) {
      final ByteBuffer tags = ByteBuffer.wrap(NO_TAGS);
      return new Table(0, name, uid, 0, 0, null, stableName, suid, 1, tags, List.of("t"), null);
    }

    /** Returns a normal table with a timestamp and a value. */
    public static Table normal(String name, long uid) {
      final Schema columns = new Schema(1, List.of(Column.timestamp(), Column.integer(2, "v")));
      return new Table(0, name, uid, 0, 0, null, null, 0, 0, NO_BYTES, List.of(), columns);
    }

    void write(WalBody out) {
      final int part = out.beginPart();
      out.signed(flags).text(name).i64(uid).i64(createTime).i32(ttl);
      out.i8(stableName == null ? TYPE_NORMAL : TYPE_CHILD);
      out.i32(comment == null ? NO_COMMENT : comment.length());
      if (comment != null && !comment.isEmpty()) {
        out.text(comment);
      }
      if (stableName != null) {
        out.text(stableName).i8(tagCount).i64(suid).binary(bytesOf(tags)).i32(tagNames.size());
        tagNames.forEach(out::text);
        out.i32(0);
      } else if (columns != null) {
        columns.write(out);
        out.i32(0);
        columns.writeCompression(out, 0);
      }
      out.i8(0).endPart(part);
    }
  }

  /** A row of a submit in row format: its head and its data. */
  public record Row(int flags, int keyCount, int schemaVersion, long timestamp, ByteBuffer data) {
    /** Returns a row of one integer. */
    public static Row of(long timestamp, int value) {
      return new Row(0x4, 0, 1, timestamp, ByteBuffer.allocate(4).putInt(0, value));
    }

    void write(WalBody out) {
      out.i8(flags).i8(keyCount).i16(schemaVersion).i32(16 + data.remaining());
      out.i64(timestamp).raw(bytesOf(data));
    }
  }

  /**
   * A column of a submit in column format.
   *
   * @param offsets of each value, for types of variable length; else empty
   */
  public record Values(
      int id,
      int type,
      int count,
      int flag,
      ByteBuffer bitmap,
      ByteBuffer offsets,
      ByteBuffer values,
      int compressionFlag) {
    /** Returns the column of timestamps. */
    public static Values timestamps(long... timestamps) {
      final ByteBuffer values =
          ByteBuffer.allocate(8 * timestamps.length).order(ByteOrder.LITTLE_ENDIAN);
      values.asLongBuffer().put(timestamps);
      return new Values(1, 9, timestamps.length, 4, NO_BYTES, NO_BYTES, values, 0);
    }

    void write(WalBody out) {
      out.signed(id).i8(type).signed(count).i8(flag).raw(bytesOf(bitmap));
      if ((flag & 4) != 0) {
        out.raw(bytesOf(offsets));
        if (offsets.hasRemaining()) {
          out.signed(values.remaining());
        }
        out.raw(bytesOf(values));
      }
      out.i8(compressionFlag);
    }
  }

  /** The part of a submit about one table: rows, or else columns. */
  public record Block(
      int flags,
      @Nullable Table created,
      long suid,
      long uid,
      int schemaVersion,
      List<Row> rows,
      List<Values> columns,
      long createTime) {
    private static final int VERSION_1 = 0x100;

    /** Returns a block of rows. */
    public static Block rows(long suid, long uid, long... timestamps) {
      return new Block(VERSION_1, null, suid, uid, 1, rowsAt(timestamps), List.of(), 0);
    }

    /** Returns a block of rows that creates its table. */
    public static Block creating(Table table, long... timestamps) {
      return new Block(
          VERSION_1 | 1, table, table.suid, table.uid, 1, rowsAt(timestamps), List.of(), 0);
    }

    /** Returns a block of columns. */
    public static Block columns(long suid, long uid, long... timestamps) {
      final ByteBuffer values = ByteBuffer.allocate(4 * timestamps.length);
      final Values column = new Values(2, 4, timestamps.length, 4, NO_BYTES, NO_BYTES, values, 0);
      final List<Values> columns = List.of(Values.timestamps(timestamps), column);
      return new Block(VERSION_1 | 2, null, suid, uid, 1, List.of(), columns, 0);
    }

    private static List<Row> rowsAt(long... timestamps) {
      return Arrays.stream(timestamps).mapToObj(ts -> Row.of(ts, 1)).toList();
    }

    void write(WalBody out) {
      final int part = out.beginPart();
      out.signed(flags);
      if (created != null) {
        created.write(out);
      }
      out.i64(suid).i64(uid).signed(schemaVersion);
      if (columns.isEmpty()) {
        out.unsigned(rows.size());
        rows.forEach(row -> row.write(out));
      } else {
        out.unsigned(columns.size());
        columns.forEach(column -> column.write(out));
      }
      out.i64(createTime).endPart(part);
    }
  }

  /** A range of rows to delete. */
  public record Delete(
      long suid,
      List<Long> uids,
      long first,
      long last,
      long affectedRows,
      String tableName,
      String timestampColumn,
      long createTime,
      int source) {
    /** Returns the deletion of rows of one table. */
    public static Delete of(long suid, long uid, long first, long last, long affectedRows) {
      final List<Long> uids = Collections.singletonList(uid);
      return new Delete(suid, uids, first, last, affectedRows, "t", "ts", 0, 0);
    }

    void write(WalBody out) {
      out.i64(suid).signed(uids.size());
      uids.forEach(out::i64);
      out.i64(first).i64(last).signed(affectedRows).text(tableName).text(timestampColumn);
      out.i64(createTime).i8(source);
    }
  }

  static byte[] bytesOf(ByteBuffer buffer) {
    final byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
