package io.tidemark.journal;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.UnsupportedFormatException;
import io.tidemark.storage.Crc;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A flyweight over one intact journal record.
 *
 * <p>Valid until the reader that returned it moves on. Not thread-safe.
 */
public final class JournalRecord {
  private ByteBuffer buffer = ByteBuffer.allocate(0);

  /** Returns the CRC32C of a record's bytes behind the CRC field. */
  static int crc(ByteBuffer buffer, int length) {
    return Crc.of(
        buffer, RecordDescriptor.VERSION_OFFSET, length - RecordDescriptor.VERSION_OFFSET);
  }

  /**
   * Returns the length of the intact record that begins at an offset of a little-endian buffer.
   *
   * @return 0 if there is none; negative if the record needs that many bytes and the buffer ends
   *     before
   */
  static int intactLength(ByteBuffer buffer, int offset) {
    int available = buffer.limit() - offset;
    if (available < RecordDescriptor.HEADER_LENGTH) {
      return -RecordDescriptor.HEADER_LENGTH;
    }
    int length = buffer.getInt(offset + RecordDescriptor.LENGTH_OFFSET);
    if (length <= RecordDescriptor.HEADER_LENGTH || length > RecordDescriptor.MAX_LENGTH) {
      return 0;
    }
    if (available < length) {
      return -length;
    }
    ByteBuffer record = buffer.slice(offset, length).order(ByteOrder.LITTLE_ENDIAN);
    return record.getInt(RecordDescriptor.CRC_OFFSET) == crc(record, length) ? length : 0;
  }

  /**
   * Wraps an intact record that begins at the start of the buffer, whose position and limit move.
   */
  JournalRecord wrap(ByteBuffer record) {
    buffer = record.order(ByteOrder.LITTLE_ENDIAN);
    int version = version();
    if (version < RecordDescriptor.OLDEST_VERSION || version > RecordDescriptor.VERSION) {
      throw new UnsupportedFormatException(
          "journal record is of a version that this program does not read: oldest="
              + RecordDescriptor.OLDEST_VERSION
              + ", newest="
              + RecordDescriptor.VERSION
              + ", actual="
              + version
              + ", position="
              + firstPosition());
    }
    return this;
  }

  private int version() {
    return Short.toUnsignedInt(buffer.getShort(RecordDescriptor.VERSION_OFFSET));
  }

  /** Returns the length in bytes. */
  public int length() {
    return buffer.getInt(RecordDescriptor.LENGTH_OFFSET);
  }

  /** Returns the number of entries. */
  public int count() {
    return buffer.getInt(RecordDescriptor.COUNT_OFFSET);
  }

  /** Returns whether its first entry is the beginning of a chain's run. */
  public boolean beginsRun() {
    return JournalEntries.isPrepare(buffer, RecordDescriptor.HEADER_LENGTH);
  }

  /** Returns the generation of the engine's log that all entries belong to. */
  public int generation() {
    return buffer.getInt(RecordDescriptor.GENERATION_OFFSET);
  }

  /** Returns the identity of the store. */
  public long storeId() {
    return buffer.getLong(RecordDescriptor.STORE_ID_OFFSET);
  }

  /** Returns which opening of the store wrote the record. */
  public long epoch() {
    return buffer.getLong(RecordDescriptor.EPOCH_OFFSET);
  }

  /** Returns the journal position of the first entry. */
  public long firstPosition() {
    return buffer.getLong(RecordDescriptor.FIRST_POSITION_OFFSET);
  }

  /** Returns the journal position of the last entry. */
  public long lastPosition() {
    return firstPosition() + count() - 1;
  }

  /** Returns the highest journal position that was known durable when the record was written. */
  public long durableMark() {
    return buffer.getLong(RecordDescriptor.DURABLE_MARK_OFFSET);
  }

  /** Passes every entry on, in order. */
  public void forEach(JournalEntryHandler handler) {
    forEach(firstPosition(), lastPosition(), handler);
  }

  /**
   * Passes on the entries of a closed interval of positions, in order.
   *
   * @throws CorruptFileException if the entries do not fill the record
   */
  public void forEach(long from, long to, JournalEntryHandler handler) {
    ByteBuffer in = buffer.limit(length());
    RecordEvents events = new RecordEvents();
    boolean mayPack = version() >= RecordDescriptor.PACKING_VERSION;
    int generation = generation();
    long position = firstPosition();
    int at = RecordDescriptor.HEADER_LENGTH;
    try {
      for (int remaining = count(); remaining > 0; remaining--, position++) {
        boolean isWanted = position >= from && position <= to;
        if (mayPack && at < in.limit() && RecordEvents.isPacked(in.get(at))) {
          at = events.read(in, at);
          if (isWanted) {
            handler.onEvent(
                position,
                generation,
                events.type(),
                events.blockId(),
                events.walOffset(),
                events.timestampNs());
          }
        } else {
          in.position(at);
          JournalEntries.read(in, position, generation, isWanted ? handler : Skip.INSTANCE);
          at = in.position();
        }
      }
    } catch (BufferUnderflowException e) {
      throw new CorruptFileException(
          "corrupt journal record: entries are cut: position=" + position);
    }
    if (at < in.limit()) {
      throw new CorruptFileException(
          "corrupt journal record: bytes behind the entries: position=" + position);
    }
  }

  /**
   * Passes on the entries that are no block events, of a record that this process wrote.
   *
   * @param start where the first of them begins
   * @param entriesBefore how many entries lie before it
   */
  void forEachControl(int start, int entriesBefore, JournalEntryHandler handler) {
    ByteBuffer in = buffer.limit(length());
    int generation = generation();
    long position = firstPosition() + entriesBefore;
    int at = start;
    while (at < in.limit()) {
      byte head = in.get(at);
      if (RecordEvents.isPacked(head)) {
        at += RecordEvents.length(head);
      } else if (JournalEntries.isEvent(head)) {
        at += JournalEntries.EVENT_LENGTH;
      } else {
        in.position(at);
        JournalEntries.read(in, position, generation, handler);
        at = in.position();
      }
      position++;
    }
  }

  /** Passes over entries that were folded before. */
  private static final class Skip implements SomeEntriesHandler {
    private static final Skip INSTANCE = new Skip();
  }
}
