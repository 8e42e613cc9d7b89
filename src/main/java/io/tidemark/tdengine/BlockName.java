package io.tidemark.tdengine;

import io.tidemark.errors.CorruptFileException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a block of a vgroup is: what one export call can copy.
 *
 * @param kind data of a table in one file set, or the definition of a table or stable
 * @param uid the table's or the stable's uid
 * @param suid uid of the table's stable, 0 if it has none; for a stable its own
 * @param fileSet file-set number of a data block, else 0
 * @param table the table's name; empty for a stable, and where the log did not tell
 * @param stable the stable's name; empty for a normal table, and where the log did not tell
 */
public record BlockName(Kind kind, long uid, long suid, long fileSet, String table, String stable) {

  /*
   * Bytes, little-endian: version u8 = 1, kind u8, uid u64, suid u64, file set i64, table name length
   * u16, table name UTF-8, stable name length u16, stable name UTF-8.
   */
  private static final byte VERSION = 1;

  private static final int FIXED_LENGTH = 2 * Byte.BYTES + 3 * Long.BYTES + 2 * Short.BYTES;

  /** What a block is. */
  public enum Kind {
    /** The rows of one table in one file set. */
    DATA(1),
    /** Schema, tags and existence of a table. */
    TABLE(2),
    /** Schema and existence of a stable. */
    STABLE(3);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    private static @Nullable Kind ofCode(int code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      return null;
    }
  }

  /** Returns the rows of a table in a file set. */
  static BlockName data(long uid, long suid, long fileSet) {
    return new BlockName(Kind.DATA, uid, suid, fileSet, "", "");
  }

  /** Returns the definition of a table. */
  static BlockName table(long uid, long suid, String table, String stable) {
    return new BlockName(Kind.TABLE, uid, suid, 0, table, stable);
  }

  /** Returns the definition of a stable. */
  static BlockName stable(long suid, String stable) {
    return new BlockName(Kind.STABLE, suid, suid, 0, "", stable);
  }

  /** Returns the bytes that the journal keeps. */
  byte[] encode() {
    byte[] tableBytes = table.getBytes(StandardCharsets.UTF_8);
    byte[] stableBytes = stable.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(FIXED_LENGTH + tableBytes.length + stableBytes.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(VERSION)
        .put((byte) kind.code)
        .putLong(uid)
        .putLong(suid)
        .putLong(fileSet)
        .putShort((short) tableBytes.length)
        .put(tableBytes)
        .putShort((short) stableBytes.length)
        .put(stableBytes)
        .array();
  }

  /**
   * Reads a name from the bytes that the journal kept.
   *
   * @throws CorruptFileException if they are no such name
   */
  public static BlockName decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try {
      int version = in.get();
      Kind kind = Kind.ofCode(in.get());
      if (version != VERSION || kind == null) {
        throw new CorruptFileException(
            "corrupt block name: unknown version or kind: version=" + version + ", kind=" + kind);
      }
      return new BlockName(kind, in.getLong(), in.getLong(), in.getLong(), text(in), text(in));
    } catch (BufferUnderflowException e) {
      throw new CorruptFileException("corrupt block name: cut: length=" + bytes.length);
    }
  }

  private static String text(ByteBuffer in) {
    byte[] text = new byte[Short.toUnsignedInt(in.getShort())];
    in.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
