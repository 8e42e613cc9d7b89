package io.tidemark.journal;

import io.tidemark.block.BlockEventType;
import io.tidemark.errors.CorruptFileException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of one journal entry, as journal records and the control sections of segments hold
 * them; layout in {@code RecordDescriptor}.
 *
 * <p>Buffers are little-endian.
 */
public final class JournalEntries {

  /** Longest name, mark, reason or tombstone, in bytes. */
  public static final int MAX_TEXT_LENGTH = 0xFFFF;

  /** Longest entry, in bytes. */
  public static final int MAX_LENGTH = Byte.BYTES + 2 * Long.BYTES + Short.BYTES + MAX_TEXT_LENGTH;

  /** Length of an event, in bytes; no packed one is longer. */
  static final int EVENT_LENGTH = RecordEvents.MAX_LENGTH;

  private static final int LAST_EVENT = 3;
  private static final int FLUSH_ALL = 4;
  private static final int ASSIGN = 5;
  private static final int COVER = 6;
  private static final int GAP = 7;
  private static final int GENERATION = 8;
  private static final int COMMIT = 9;
  private static final int TOMBSTONE = 10;
  private static final int CLEAR = 11;
  private static final int PREPARE = 12;
  private static final int ABORT = 13;
  private static final int DROP = 14;

  private JournalEntries() {}

  /** Writes a change, flush or clearing of one block. */
  public static void writeEvent(
      ByteBuffer out, BlockEventType type, long blockId, long walOffset, long timestampNs) {
    int entryType = type == BlockEventType.CLEAR ? CLEAR : type.code();
    out.put((byte) entryType).putLong(blockId).putLong(walOffset).putLong(timestampNs);
  }

  /** Writes a flush of every block up to a WAL offset. */
  public static void writeFlushAll(ByteBuffer out, long walOffset, long timestampNs) {
    out.put((byte) FLUSH_ALL).putLong(walOffset).putLong(timestampNs);
  }

  /** Writes the giving of an id to what {@code name} names. */
  public static void writeAssign(ByteBuffer out, long blockId, byte[] name) {
    checkLength(name);
    bytes(out.put((byte) ASSIGN).putLong(blockId), name);
  }

  /** Writes the source's promise that everything in a closed interval was delivered. */
  public static void writeCover(ByteBuffer out, long first, long last, byte[] mark) {
    checkLength(mark);
    bytes(out.put((byte) COVER).putLong(first).putLong(last), mark);
  }

  /** Writes a closed interval about which nothing is known. */
  public static void writeGap(ByteBuffer out, long first, long last, String reason) {
    byte[] text = utf8(reason);
    checkLength(text);
    bytes(out.put((byte) GAP).putLong(first).putLong(last), text);
  }

  /** Writes the beginning of a generation that shares the log below an offset. */
  public static void writeGeneration(ByteBuffer out, long firstOwn) {
    out.put((byte) GENERATION).putLong(firstOwn);
  }

  /** Writes the move of a chain's cursor to a journal position. */
  public static void writeCommit(ByteBuffer out, String chain, long cursor) {
    chain(out, COMMIT, chain, cursor);
  }

  /** Returns whether an entry that begins with this byte is an event of one block, not packed. */
  static boolean isEvent(byte type) {
    return (type >= 0 && type <= LAST_EVENT) || type == CLEAR;
  }

  /** Returns whether the entry at an offset is the beginning of a chain's run. */
  static boolean isPrepare(ByteBuffer in, int offset) {
    return in.get(offset) == PREPARE;
  }

  /** Writes the beginning of a chain's run that ends at a journal position. */
  public static void writePrepare(ByteBuffer out, String chain, long end) {
    chain(out, PREPARE, chain, end);
  }

  /** Writes that a chain's prepared run was given up. */
  public static void writeAbort(ByteBuffer out, String chain, long end) {
    chain(out, ABORT, chain, end);
  }

  /** Writes that a chain is no more. */
  public static void writeDrop(ByteBuffer out, String chain) {
    chain(out, DROP, chain, 0);
  }

  private static void chain(ByteBuffer out, int type, String chain, long position) {
    byte[] text = utf8(chain);
    checkLength(text);
    bytes(out.put((byte) type).putLong(position), text);
  }

  /** Writes a deletion of rows inside blocks. */
  public static void writeTombstone(ByteBuffer out, long walOffset, byte[] tombstone) {
    checkLength(tombstone);
    bytes(out.put((byte) TOMBSTONE).putLong(walOffset), tombstone);
  }

  /** Refuses a text before any byte of its entry is written. */
  private static void checkLength(byte[] value) {
    if (value.length > MAX_TEXT_LENGTH) {
      throw new IllegalArgumentException(
          "journal entry is too long: limit=" + MAX_TEXT_LENGTH + ", length=" + value.length);
    }
  }

  private static void bytes(ByteBuffer out, byte[] value) {
    out.putShort((short) value.length).put(value);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads the entry at the buffer's position and passes it on.
   *
   * @throws CorruptFileException if its type is unknown
   * @throws java.nio.BufferUnderflowException if it is cut
   */
  public static void read(
      ByteBuffer in, long position, int generation, JournalEntryHandler handler) {
    int type = in.get();
    switch (type) {
      case 0, 1, 2, LAST_EVENT ->
          handler.onEvent(
              position,
              generation,
              BlockEventType.ofCode(type),
              in.getLong(),
              in.getLong(),
              in.getLong());
      case CLEAR ->
          handler.onEvent(
              position, generation, BlockEventType.CLEAR, in.getLong(), in.getLong(), in.getLong());
      case FLUSH_ALL -> handler.onFlushAll(position, generation, in.getLong(), in.getLong());
      case ASSIGN -> handler.onAssign(position, generation, in.getLong(), bytes(in));
      case COVER -> handler.onCover(position, generation, in.getLong(), in.getLong(), bytes(in));
      case GAP -> handler.onGap(position, generation, in.getLong(), in.getLong(), text(in));
      case GENERATION -> handler.onGeneration(position, generation, in.getLong());
      case COMMIT -> {
        long cursor = in.getLong();
        handler.onCommit(position, generation, text(in), cursor);
      }
      case PREPARE -> {
        long end = in.getLong();
        handler.onPrepare(position, generation, text(in), end);
      }
      case ABORT -> {
        long end = in.getLong();
        handler.onAbort(position, generation, text(in), end);
      }
      case DROP -> {
        in.getLong();
        handler.onDrop(position, generation, text(in));
      }
      case TOMBSTONE -> handler.onTombstone(position, generation, in.getLong(), bytes(in));
      default ->
          throw new CorruptFileException(
              "corrupt journal entry: unknown type: position=" + position + ", type=" + type);
    }
  }

  private static byte[] bytes(ByteBuffer in) {
    byte[] result = new byte[Short.toUnsignedInt(in.getShort())];
    in.get(result);
    return result;
  }

  private static String text(ByteBuffer in) {
    return new String(bytes(in), StandardCharsets.UTF_8);
  }
}
