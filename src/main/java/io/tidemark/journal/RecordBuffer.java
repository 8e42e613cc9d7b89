package io.tidemark.journal;

import io.tidemark.block.BlockEventType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One journal record under construction: entries are added, then the journal writes it whole.
 *
 * <p>Reused: cleared after it was appended and folded. Not thread-safe. No allocation per event.
 */
public final class RecordBuffer {

  /** Bytes after which a record is full enough to be written. */
  public static final int PREFERRED_LENGTH = RecordDescriptor.MAX_LENGTH / 4;

  /** Entries that one record holds at most; so many block events always fit. */
  public static final int MAX_EVENTS =
      (RecordDescriptor.MAX_LENGTH - RecordDescriptor.HEADER_LENGTH) / JournalEntries.EVENT_LENGTH;

  /** Entries after which a record is full enough, however short they are. */
  private static final int PREFERRED_COUNT = MAX_EVENTS / 4;

  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(RecordDescriptor.MAX_LENGTH + RecordEvents.SPOILED_LENGTH)
          .order(ByteOrder.LITTLE_ENDIAN);
  private final RecordEvents events = new RecordEvents();
  private final JournalRecord written = new JournalRecord();
  private int count;

  /** Where the first entry that is no block event begins, and its number; 0 for none. */
  private int firstControl;

  private int entriesBeforeControl;
  private int generation = 1;
  private boolean needsForce;

  /** Creates an empty record of generation 1. */
  public RecordBuffer() {
    clear();
  }

  /** Removes all entries; the generation stays. */
  public void clear() {
    buffer.clear().position(RecordDescriptor.HEADER_LENGTH);
    events.reset();
    count = 0;
    firstControl = 0;
    needsForce = false;
  }

  /** Sets the generation of all entries; the record must be empty. */
  public void generation(int newGeneration) {
    if (count != 0) {
      throw new IllegalStateException("record has entries of another generation: count=" + count);
    }
    generation = newGeneration;
  }

  /** Returns the generation of the entries. */
  public int generation() {
    return generation;
  }

  /** Returns the number of entries. */
  public int count() {
    return count;
  }

  /** Returns whether there is room for two more entries of any kind. */
  public boolean hasRoom() {
    return count <= MAX_EVENTS - 2 && remaining() >= 2 * JournalEntries.MAX_LENGTH;
  }

  /** Returns whether the record is long enough that it should be written. */
  public boolean isFull() {
    return buffer.position() >= PREFERRED_LENGTH || count >= PREFERRED_COUNT;
  }

  /** Returns whether the record must be durable before anybody acts on it. */
  public boolean needsForce() {
    return needsForce;
  }

  /** Adds a change, flush or clearing of one block. */
  public void event(BlockEventType type, long blockId, long walOffset, long timestampNs) {
    room(JournalEntries.EVENT_LENGTH);
    if (RecordEvents.canPack(type)) {
      int at = buffer.position();
      buffer.position(events.write(buffer, at, type, blockId, walOffset, timestampNs));
    } else {
      JournalEntries.writeEvent(buffer, type, blockId, walOffset, timestampNs);
    }
    count++;
  }

  /** Adds a flush of every block up to a WAL offset. */
  public void flushAll(long walOffset, long timestampNs) {
    control(JournalEntries.EVENT_LENGTH);
    JournalEntries.writeFlushAll(buffer, walOffset, timestampNs);
    count++;
  }

  /** Adds the giving of an id to what {@code name} names. */
  public void assign(long blockId, byte[] name) {
    control(JournalEntries.MAX_LENGTH);
    JournalEntries.writeAssign(buffer, blockId, name);
    count++;
    needsForce = true;
  }

  /** Adds the source's promise that everything in the closed interval was delivered. */
  public void cover(long first, long last, byte[] mark) {
    assert Long.compareUnsigned(first, last) <= 0 : "cover is empty: first=" + first;
    control(JournalEntries.EVENT_LENGTH + mark.length);
    JournalEntries.writeCover(buffer, first, last, mark);
    count++;
  }

  /** Adds a closed interval about which nothing is known. */
  public void gap(long first, long last, String reason) {
    assert Long.compareUnsigned(first, last) <= 0 : "gap is empty: first=" + first;
    control(JournalEntries.MAX_LENGTH);
    JournalEntries.writeGap(buffer, first, last, reason);
    count++;
    needsForce = true;
  }

  /** Adds the beginning of the record's generation, which shares the log below an offset. */
  public void beginGeneration(long firstOwn) {
    control(JournalEntries.EVENT_LENGTH);
    JournalEntries.writeGeneration(buffer, firstOwn);
    count++;
    needsForce = true;
  }

  /** Adds the move of a chain's cursor. */
  public void commit(String chain, long cursor) {
    control(JournalEntries.MAX_LENGTH);
    JournalEntries.writeCommit(buffer, chain, cursor);
    count++;
    needsForce = true;
  }

  /** Adds the beginning of a chain's run whose set ends at a journal position. */
  public void prepare(String chain, long end) {
    control(JournalEntries.MAX_LENGTH);
    JournalEntries.writePrepare(buffer, chain, end);
    count++;
    needsForce = true;
  }

  /** Adds that a chain's prepared run was given up. */
  public void abort(String chain, long end) {
    control(JournalEntries.MAX_LENGTH);
    JournalEntries.writeAbort(buffer, chain, end);
    count++;
    needsForce = true;
  }

  /** Adds that a chain is no more. */
  public void drop(String chain) {
    control(JournalEntries.MAX_LENGTH);
    JournalEntries.writeDrop(buffer, chain);
    count++;
    needsForce = true;
  }

  /** Adds a deletion of rows inside blocks. */
  public void tombstone(long walOffset, byte[] tombstone) {
    control(JournalEntries.MAX_LENGTH);
    JournalEntries.writeTombstone(buffer, walOffset, tombstone);
    count++;
  }

  /** Sees to it that there is room for an entry that is no block event. */
  private void control(int length) {
    room(length);
    if (firstControl == 0) {
      firstControl = buffer.position();
      entriesBeforeControl = count;
    }
  }

  private void room(int length) {
    if (count == MAX_EVENTS || remaining() < length) {
      throw new IllegalStateException(
          "record is full: capacity=" + RecordDescriptor.MAX_LENGTH + ", count=" + count);
    }
  }

  private int remaining() {
    return RecordDescriptor.MAX_LENGTH - buffer.position();
  }

  /** Passes on the entries of the record as the journal wrote it; call after the append only. */
  public void forEach(JournalEntryHandler handler) {
    written.wrap(buffer).forEach(handler);
  }

  /**
   * Passes on the same without the block events, which it does not look at if nothing follows them;
   * call after the append only.
   */
  public void forEachControl(JournalEntryHandler handler) {
    if (firstControl > 0) {
      written.wrap(buffer).forEachControl(firstControl, entriesBeforeControl, handler);
    }
  }

  /** Returns the bytes of the record; before it is sealed only. */
  int length() {
    return buffer.position();
  }

  /** Completes the header; the buffer is ready to be copied from 0 to its limit. */
  ByteBuffer seal(long storeId, long epoch, long firstPosition, long durableMark) {
    if (count == 0) {
      throw new IllegalStateException("record is empty: firstPosition=" + firstPosition);
    }
    int length = buffer.position();
    buffer.putLong(RecordDescriptor.MAGIC_OFFSET, RecordDescriptor.MAGIC);
    buffer.putInt(RecordDescriptor.LENGTH_OFFSET, length);
    buffer.putInt(RecordDescriptor.VERSION_OFFSET, RecordDescriptor.VERSION);
    buffer.putInt(RecordDescriptor.COUNT_OFFSET, count);
    buffer.putLong(RecordDescriptor.GENERATION_OFFSET, Integer.toUnsignedLong(generation));
    buffer.putLong(RecordDescriptor.STORE_ID_OFFSET, storeId);
    buffer.putLong(RecordDescriptor.EPOCH_OFFSET, epoch);
    buffer.putLong(RecordDescriptor.FIRST_POSITION_OFFSET, firstPosition);
    buffer.putLong(RecordDescriptor.DURABLE_MARK_OFFSET, durableMark);
    buffer.putInt(RecordDescriptor.CRC_OFFSET, JournalRecord.crc(buffer, length));
    buffer.flip();
    return buffer;
  }
}
