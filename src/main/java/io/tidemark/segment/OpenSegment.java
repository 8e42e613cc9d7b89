package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.JournalEntries;
import io.tidemark.journal.JournalEntryHandler;
import io.tidemark.storage.PublishedFileWriter;
import io.tidemark.storage.StorageIO;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * The in-memory fold of the newest journal entries, not yet sealed into a file.
 *
 * <p>Fed in journal order by the tracker's thread only; one generation.
 */
public final class OpenSegment implements JournalEntryHandler {

  /** Bytes of control entries after which it is full, whatever the number of events. */
  private static final int MAX_CONTROL_LENGTH = 32 << 20;

  private final int generation;
  private final long firstPosition;
  private long lastPosition;
  private long nextBlockId;
  private final BlockEvents events = new BlockEvents();
  private boolean hasFlushAll;
  private long flushAllOffset;
  private ByteBuffer control =
      ByteBuffer.allocate(2 * ControlSection.MAX_LENGTH).order(ByteOrder.LITTLE_ENDIAN);

  /**
   * Creates an empty segment.
   *
   * @param generation generation of the engine's log that all its entries must have
   * @param firstPosition journal position of the first entry it will be given
   * @param nextBlockId higher than every block id given so far
   */
  public OpenSegment(int generation, long firstPosition, long nextBlockId) {
    this.generation = generation;
    this.firstPosition = firstPosition;
    this.lastPosition = firstPosition - 1;
    this.nextBlockId = nextBlockId;
  }

  /** Returns the generation of its entries. */
  public int generation() {
    return generation;
  }

  /** Returns the journal position of the first entry. */
  public long firstPosition() {
    return firstPosition;
  }

  /** Returns the journal position of the last entry folded. */
  public long lastPosition() {
    return lastPosition;
  }

  /** Returns a block id higher than every one given so far. */
  public long nextBlockId() {
    return nextBlockId;
  }

  /** Returns whether no entry was folded. */
  public boolean isEmpty() {
    return lastPosition < firstPosition;
  }

  /** Returns the number of block events folded. */
  public int eventCount() {
    return events.size();
  }

  /**
   * Returns whether it should be sealed.
   *
   * @param maxEvents number of block events that are enough
   */
  public boolean isFull(int maxEvents) {
    return eventCount() >= maxEvents || control.position() >= MAX_CONTROL_LENGTH;
  }

  @Override
  public void onEvent(
      long position,
      int entryGeneration,
      BlockEventType type,
      long blockId,
      long walOffset,
      long timestampNs) {
    advance(position, entryGeneration);
    events.add(type, blockId, walOffset, timestampNs);
  }

  @Override
  public void onFlushAll(long position, int entryGeneration, long walOffset, long timestampNs) {
    JournalEntries.writeFlushAll(control(position, entryGeneration), walOffset, timestampNs);
    if (!hasFlushAll || Long.compareUnsigned(walOffset, flushAllOffset) > 0) {
      flushAllOffset = walOffset;
    }
    hasFlushAll = true;
  }

  @Override
  public void onAssign(long position, int entryGeneration, long blockId, byte[] name) {
    JournalEntries.writeAssign(control(position, entryGeneration), blockId, name);
    if (Long.compareUnsigned(blockId, nextBlockId) >= 0) {
      nextBlockId = blockId + 1;
    }
  }

  @Override
  public void onCover(long position, int entryGeneration, long first, long last, byte[] mark) {
    JournalEntries.writeCover(control(position, entryGeneration), first, last, mark);
  }

  @Override
  public void onGap(long position, int entryGeneration, long first, long last, String reason) {
    JournalEntries.writeGap(control(position, entryGeneration), first, last, reason);
  }

  @Override
  public void onGeneration(long position, int entryGeneration, long firstOwn) {
    JournalEntries.writeGeneration(control(position, entryGeneration), firstOwn);
  }

  @Override
  public void onCommit(long position, int entryGeneration, String chain, long cursor) {
    JournalEntries.writeCommit(control(position, entryGeneration), chain, cursor);
  }

  @Override
  public void onPrepare(long position, int entryGeneration, String chain, long end) {
    JournalEntries.writePrepare(control(position, entryGeneration), chain, end);
  }

  @Override
  public void onAbort(long position, int entryGeneration, String chain, long end) {
    JournalEntries.writeAbort(control(position, entryGeneration), chain, end);
  }

  @Override
  public void onDrop(long position, int entryGeneration, String chain) {
    JournalEntries.writeDrop(control(position, entryGeneration), chain);
  }

  @Override
  public void onTombstone(long position, int entryGeneration, long walOffset, byte[] tombstone) {
    JournalEntries.writeTombstone(control(position, entryGeneration), walOffset, tombstone);
  }

  /** Takes the next position and returns the control section with room for one entry. */
  private ByteBuffer control(long position, int entryGeneration) {
    advance(position, entryGeneration);
    if (control.remaining() < ControlSection.MAX_LENGTH) {
      ByteBuffer larger =
          ByteBuffer.allocate(Math.multiplyExact(control.capacity(), 2))
              .order(ByteOrder.LITTLE_ENDIAN);
      control = larger.put(control.flip());
    }
    return control.putLong(position).putInt(entryGeneration);
  }

  private void advance(long position, int entryGeneration) {
    assert position > lastPosition
        : "journal went back: last=" + lastPosition + ", next=" + position;
    assert entryGeneration == generation
        : "segment of two generations: first=" + generation + ", next=" + entryGeneration;
    lastPosition = position;
  }

  /** Returns an image of what was folded so far; later entries do not show in it. */
  public ChangeSegment toSegment() {
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    try {
      SegmentWriter.write(content(), payload);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ChangeSegment.of(firstPosition, lastPosition, ByteBuffer.wrap(payload.toByteArray()));
  }

  /**
   * Publishes what was folded so far as a segment file; durable when it returns.
   *
   * <p>The tracker's thread may not fold while it runs.
   */
  public void publish(StorageIO io, Path file, long storeId) throws IOException {
    try (PublishedFileWriter out =
        new PublishedFileWriter(
            io, file, SegmentDescriptor.TYPE, SegmentDescriptor.VERSION, storeId)) {
      SegmentWriter.write(content(), out);
      out.publish(firstPosition, lastPosition);
    }
  }

  private SegmentContent content() {
    WalPosition flushAll = hasFlushAll ? new WalPosition(generation, flushAllOffset) : null;
    return new OpenContent(generation, events, flushAll, nextBlockId, control.duplicate().flip());
  }
}
