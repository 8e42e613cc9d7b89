package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.journal.JournalEntries;
import io.tidemark.journal.JournalEntryHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Control entries in journal order: for each its position u64, its generation u32, and the entry as
 * in a journal record.
 *
 * <p>As a handler it writes the entries it is given. Used by one thread.
 */
final class ControlSection implements JournalEntryHandler {

  /** Bytes before the entry. */
  static final int PREFIX_LENGTH = Long.BYTES + Integer.BYTES;

  /** Longest entry with what stands before it, in bytes. */
  static final int MAX_LENGTH = PREFIX_LENGTH + JournalEntries.MAX_LENGTH;

  /** Takes the bytes of whole entries. */
  @FunctionalInterface
  interface Output {

    /** Takes bytes; the array is reused afterwards. */
    void put(byte[] bytes, int offset, int length) throws IOException;
  }

  private final Output out;
  private final ByteBuffer entry = ByteBuffer.allocate(MAX_LENGTH).order(ByteOrder.LITTLE_ENDIAN);

  ControlSection(Output out) {
    this.out = out;
  }

  /** Passes on the entries that a little-endian buffer holds. */
  static void forEach(ByteBuffer in, JournalEntryHandler handler) {
    try {
      while (in.hasRemaining()) {
        long position = in.getLong();
        int generation = in.getInt();
        JournalEntries.read(in, position, generation, handler);
      }
    } catch (BufferUnderflowException e) {
      throw new CorruptFileException(
          "corrupt segment: control entries are cut: length=" + in.capacity());
    }
  }

  private ByteBuffer begin(long position, int generation) {
    return entry.clear().putLong(position).putInt(generation);
  }

  private void end() {
    try {
      out.put(entry.array(), 0, entry.position());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onEvent(
      long position,
      int generation,
      BlockEventType type,
      long blockId,
      long walOffset,
      long timestampNs) {
    throw new IllegalArgumentException(
        "event among control entries: position=" + position + ", type=" + type);
  }

  @Override
  public void onFlushAll(long position, int generation, long walOffset, long timestampNs) {
    JournalEntries.writeFlushAll(begin(position, generation), walOffset, timestampNs);
    end();
  }

  @Override
  public void onAssign(long position, int generation, long blockId, byte[] name) {
    JournalEntries.writeAssign(begin(position, generation), blockId, name);
    end();
  }

  @Override
  public void onCover(long position, int generation, long first, long last, byte[] mark) {
    JournalEntries.writeCover(begin(position, generation), first, last, mark);
    end();
  }

  @Override
  public void onGap(long position, int generation, long first, long last, String reason) {
    JournalEntries.writeGap(begin(position, generation), first, last, reason);
    end();
  }

  @Override
  public void onGeneration(long position, int generation, long firstOwn) {
    JournalEntries.writeGeneration(begin(position, generation), firstOwn);
    end();
  }

  @Override
  public void onCommit(long position, int generation, String chain, long cursor) {
    JournalEntries.writeCommit(begin(position, generation), chain, cursor);
    end();
  }

  @Override
  public void onPrepare(long position, int generation, String chain, long end) {
    JournalEntries.writePrepare(begin(position, generation), chain, end);
    end();
  }

  @Override
  public void onAbort(long position, int generation, String chain, long end) {
    JournalEntries.writeAbort(begin(position, generation), chain, end);
    end();
  }

  @Override
  public void onDrop(long position, int generation, String chain) {
    JournalEntries.writeDrop(begin(position, generation), chain);
    end();
  }

  @Override
  public void onTombstone(long position, int generation, long walOffset, byte[] tombstone) {
    JournalEntries.writeTombstone(begin(position, generation), walOffset, tombstone);
    end();
  }
}
