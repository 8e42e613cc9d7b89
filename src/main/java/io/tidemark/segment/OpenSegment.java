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
import org.jspecify.annotations.Nullable;

/**
 * What the newest journal entries say, in memory, not yet sealed into a file.
 *
 * <p>Fed in journal order by the tracker's thread only; one generation. Its snapshots may be read
 * by any thread. No allocation per event once segments before it gave their memory back.
 */
public final class OpenSegment implements JournalEntryHandler {

  /*
   * Events are appended to pages as they come and looked at by nobody: there is no table of blocks.
   * Questions scan the pages whose bounds they meet. Rows are made when the segment is sealed, by
   * sorting the ids.
   *
   * Sorting may begin while nobody folds, and goes on where the segment is published, by whichever
   * thread: it is the one that the segment was handed over to. What was sorted counts only if no event
   * came behind it; control entries take no part in it.
   *
   * Memory. A snapshot reads the pages where they lie. So the pages of a segment go to the next ones
   * when it was sealed, unless it ever gave a snapshot; then they are left to the snapshots.
   */

  /** Bytes of control entries after which it is full, whatever the number of events. */
  private static final int MAX_CONTROL_LENGTH = 32 << 20;

  /** Events after which it is full; half of those that can be sorted, so there is room for more. */
  private static final int MAX_EVENTS = EventsByBlock.MAX_EVENTS / 2;

  private final int generation;
  private final long firstPosition;
  private long lastPosition;
  private long nextBlockId;
  private final EventPagePool pool;
  private final OpenEvents changes;
  private final OpenEvents flushes;
  private @Nullable EventsByBlock prepared;
  private boolean isSeen;
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
    this(generation, firstPosition, nextBlockId, new EventPagePool());
  }

  private OpenSegment(int generation, long firstPosition, long nextBlockId, EventPagePool pool) {
    this.generation = generation;
    this.firstPosition = firstPosition;
    this.lastPosition = firstPosition - 1;
    this.nextBlockId = nextBlockId;
    this.pool = pool;
    this.changes = new OpenEvents(pool);
    this.flushes = new OpenEvents(pool);
  }

  /**
   * Returns the empty segment that goes on behind this one's last entry; it uses the memory that
   * this one and those before give back.
   *
   * @param nextGeneration generation that all its entries must have
   */
  public OpenSegment next(int nextGeneration) {
    return new OpenSegment(nextGeneration, lastPosition + 1, nextBlockId, pool);
  }

  /**
   * Gives its memory to the segments after it, unless there are snapshots of it. Only its
   * positions, generation and next block id may be asked for any more.
   */
  public void release() {
    if (!isSeen) {
      changes.release();
      flushes.release();
    }
  }

  /** Keeps no more memory for the segments after it than so many events need. */
  public void keepAtMost(int events) {
    pool.keepAtMost(events / EventCursor.PAGE_EVENTS + 1);
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
    return changes.size() + flushes.size();
  }

  /**
   * Returns whether it should be sealed.
   *
   * @param maxEvents number of block events that are enough
   */
  public boolean isFull(int maxEvents) {
    return eventCount() >= Math.min(maxEvents, MAX_EVENTS)
        || control.position() >= MAX_CONTROL_LENGTH;
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
    (type.isChange() ? changes : flushes).add(type, blockId, walOffset, timestampNs);
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

  /** Returns whether all blocks up to {@link #flushAllOffset} were flushed. */
  public boolean hasFlushAll() {
    return hasFlushAll;
  }

  /** Returns the highest WAL offset up to which all blocks were flushed; 0 if there was none. */
  public long flushAllOffset() {
    return flushAllOffset;
  }

  /** Receives block events. */
  @FunctionalInterface
  public interface EventHandler {

    /** One event. */
    void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs);
  }

  /** Passes on all block events so far: the changes in order of arrival, then the flushes. */
  public void forEachEvent(EventHandler handler) {
    forEach(changes.image(), handler);
    forEach(flushes.image(), handler);
  }

  private static void forEach(EventImage events, EventHandler handler) {
    for (int event = 0; event < events.size(); event++) {
      handler.onEvent(
          BlockEventType.ofCode(events.typeCode(event)),
          events.blockId(event),
          events.walOffset(event),
          events.timestampNs(event));
    }
  }

  /** Returns what it holds now; later entries do not show in it. Costs the same however much. */
  public OpenSnapshot snapshot() {
    isSeen = true;
    return new OpenSnapshot(generation, firstPosition, lastPosition, changes.image());
  }

  /** Returns the segment in memory, with rows, of what was folded so far. */
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
   * Does a part of what publishing will have to do, which takes no file and some ms for a million
   * events; returns false if there is nothing more of the kind.
   *
   * <p>What is folded afterwards makes it vain. Takes as much memory as publishing, until that.
   */
  public boolean prepare() {
    EventsByBlock events = preparedOrNew();
    prepared = events;
    return events.step();
  }

  private EventsByBlock preparedOrNew() {
    EventsByBlock events = prepared;
    return events != null && events.size() == eventCount()
        ? events
        : new EventsByBlock(changes.image(), flushes.image());
  }

  /**
   * Publishes what was folded so far as a segment file; durable when it returns.
   *
   * <p>The tracker's thread may not fold nor prepare while it runs.
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
    EventsByBlock events = preparedOrNew();
    prepared = null;
    return new OpenContent(
        generation, changes.image(), events, flushAll, nextBlockId, control.duplicate().flip());
  }
}
