package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.journal.JournalEntries;
import io.tidemark.journal.JournalEntryHandler;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.MappedBitmap;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * An immutable image of which blocks changed in one interval of the journal, and where and when
 * each did; usually a mapped file.
 *
 * <p>Immutable; any number of threads may read, each with its own {@link ChangeCursor}.
 */
public final class ChangeSegment {
  private final long firstPosition;
  private final long lastPosition;
  private final ByteBuffer payload;
  private final int changedCount;
  private final int eventCount;
  private final MappedBitmap changed;
  private final MappedBitmap created;
  private final MappedBitmap deleted;
  private final MappedBitmap flushed;
  private final MappedBitmap cleared;

  private ChangeSegment(long firstPosition, long lastPosition, ByteBuffer payload) {
    this.firstPosition = firstPosition;
    this.lastPosition = lastPosition;
    this.payload = payload;
    this.changedCount = Math.toIntExact(payload.getLong(SegmentDescriptor.CHANGED_COUNT_OFFSET));
    this.eventCount = Math.toIntExact(payload.getLong(SegmentDescriptor.EVENT_COUNT_OFFSET));
    this.changed = MappedBitmap.of(section(SegmentDescriptor.CHANGED));
    this.created = MappedBitmap.of(section(SegmentDescriptor.CREATED));
    this.deleted = MappedBitmap.of(section(SegmentDescriptor.DELETED));
    this.flushed = MappedBitmap.of(section(SegmentDescriptor.FLUSHED));
    this.cleared = MappedBitmap.of(section(SegmentDescriptor.CLEARED));
  }

  /** Returns the segment over a payload in memory; the buffer must not change any more. */
  static ChangeSegment of(long firstPosition, long lastPosition, ByteBuffer payload) {
    return new ChangeSegment(
        firstPosition, lastPosition, payload.duplicate().order(ByteOrder.LITTLE_ENDIAN));
  }

  /**
   * Maps a segment file and checks every byte of it.
   *
   * @param storeId the store it must belong to, 0 for any
   * @throws CorruptFileException if any byte is wrong
   */
  public static ChangeSegment open(StorageIO io, Path file, long storeId) throws IOException {
    PublishedFile published =
        PublishedFile.open(io, file, SegmentDescriptor.TYPE, SegmentDescriptor.VERSION, storeId);
    return of(
        published.header().firstPosition(), published.header().lastPosition(), published.payload());
  }

  /** Maps a segment file of the operating system and checks every byte of it. */
  public static ChangeSegment open(Path file, long storeId) throws IOException {
    return open(FileStorageIO.INSTANCE, file, storeId);
  }

  /** Publishes this segment as a file of the operating system; durable when it returns. */
  public void publish(Path file, long storeId) throws IOException {
    publish(FileStorageIO.INSTANCE, file, storeId);
  }

  /** Publishes this segment as a file; durable when it returns. */
  public void publish(StorageIO io, Path file, long storeId) throws IOException {
    PublishedFile.publish(
        io,
        file,
        SegmentDescriptor.TYPE,
        SegmentDescriptor.VERSION,
        storeId,
        firstPosition,
        lastPosition,
        payload.duplicate());
  }

  private ByteBuffer section(int section) {
    int entry =
        SegmentDescriptor.DIRECTORY_OFFSET + section * SegmentDescriptor.DIRECTORY_ENTRY_LENGTH;
    int offset = Math.toIntExact(payload.getLong(entry));
    int length = Math.toIntExact(payload.getLong(entry + Long.BYTES));
    return payload.slice(offset, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns the first journal position folded in. */
  public long firstPosition() {
    return firstPosition;
  }

  /** Returns the last journal position folded in. */
  public long lastPosition() {
    return lastPosition;
  }

  /** Returns the generation of the engine's log all events belong to. */
  public int generation() {
    return payload.getInt(SegmentDescriptor.GENERATION_OFFSET);
  }

  /** Returns how many blocks changed. */
  public int changedCount() {
    return changedCount;
  }

  /** Returns how long the bitmap of changed blocks is, in bytes. */
  public int bitmapLengthBytes() {
    return section(SegmentDescriptor.CHANGED).capacity();
  }

  /** Returns how many changes were folded in. */
  public int eventCount() {
    return eventCount;
  }

  /** Returns the lowest WAL offset of a change; meaningless if none changed. */
  public long minWalOffset() {
    return payload.getLong(SegmentDescriptor.MIN_WAL_OFFSET);
  }

  /** Returns the highest WAL offset of a change; meaningless if none changed. */
  public long maxWalOffset() {
    return payload.getLong(SegmentDescriptor.MAX_WAL_OFFSET);
  }

  /** Returns the lowest timestamp of a change, ns; meaningless if none changed. */
  public long minTimestampNs() {
    return payload.getLong(SegmentDescriptor.MIN_TIMESTAMP_OFFSET);
  }

  /** Returns the highest timestamp of a change, ns; meaningless if none changed. */
  public long maxTimestampNs() {
    return payload.getLong(SegmentDescriptor.MAX_TIMESTAMP_OFFSET);
  }

  /** Returns whether all blocks up to {@link #flushAllOffset} were flushed. */
  public boolean hasFlushAll() {
    return (payload.getInt(SegmentDescriptor.FLAGS_OFFSET) & SegmentDescriptor.FLAG_FLUSH_ALL) != 0;
  }

  /** Returns the highest WAL offset up to which all blocks were flushed. */
  public long flushAllOffset() {
    return payload.getLong(SegmentDescriptor.FLUSH_ALL_OFFSET);
  }

  /** Returns a block id higher than every one given until the segment's end. */
  public long nextBlockId() {
    return payload.getLong(SegmentDescriptor.NEXT_BLOCK_ID_OFFSET);
  }

  /** Returns the blocks that changed. */
  public MappedBitmap changed() {
    return changed;
  }

  /** Returns the blocks that had a CREATE. */
  public MappedBitmap created() {
    return created;
  }

  /** Returns the blocks that had a DELETE. */
  public MappedBitmap deleted() {
    return deleted;
  }

  /** Passes on the last WAL offset at which each block was flushed, and at which it was cleared. */
  public void forEachFlush(LongConsumer handler) {
    for (int last : List.of(SegmentDescriptor.FLUSHED_LAST, SegmentDescriptor.CLEARED_LAST)) {
      ByteBuffer offsets = section(last);
      while (offsets.hasRemaining()) {
        handler.accept(offsets.getLong());
      }
    }
  }

  /** Returns a cursor over the changed blocks. */
  public ChangeCursor changes() {
    return new ChangeCursor(
        changed.cursor(),
        created,
        deleted,
        section(SegmentDescriptor.COLUMNS),
        section(SegmentDescriptor.EVENT_STARTS),
        section(SegmentDescriptor.EVENTS),
        changedCount,
        eventCount);
  }

  /** Passes on the control entries in journal order. */
  public void forEachControl(JournalEntryHandler handler) {
    ByteBuffer in = section(SegmentDescriptor.CONTROL);
    int generation = generation();
    try {
      while (in.hasRemaining()) {
        JournalEntries.read(in, in.getLong(), generation, handler);
      }
    } catch (BufferUnderflowException e) {
      throw new CorruptFileException(
          "corrupt segment: control entries are cut: first=" + firstPosition);
    }
  }

  /** Receives what one segment says of one block. */
  @FunctionalInterface
  public interface MaximaHandler {

    /** The maxima are valid during the call only; they do not include the flush-all. */
    void onBlock(long blockId, BlockMaxima maxima, long lastTimestampNs);
  }

  /** Passes on the maxima of every block that had an event, in unsigned order of ids. */
  public void forEachMaxima(MaximaHandler handler) {
    int generation = generation();
    ChangeCursor changes = changes();
    TypedCursor create = typed(created, SegmentDescriptor.CREATED_LAST);
    TypedCursor delete = typed(deleted, SegmentDescriptor.DELETED_LAST);
    TypedCursor flush = typed(flushed, SegmentDescriptor.FLUSHED_LAST);
    TypedCursor clear = typed(cleared, SegmentDescriptor.CLEARED_LAST);
    BlockMaxima maxima = new BlockMaxima();
    boolean more = changes.next();
    while (more || flush.hasId()) {
      boolean isChange = more && (!flush.hasId() || !isBelow(flush.id(), changes.blockId()));
      long id = isChange ? changes.blockId() : flush.id();
      maxima.reset();
      long timestamp = Long.MIN_VALUE;
      if (isChange) {
        timestamp = changes.lastTimestampNs();
        if (changes.lastType() == BlockEventType.UPDATE) {
          maxima.fold(BlockEventType.UPDATE, generation, changes.lastOffset());
        }
        create.foldIf(id, BlockEventType.CREATE, generation, maxima);
        delete.foldIf(id, BlockEventType.DELETE, generation, maxima);
        more = changes.next();
      }
      flush.foldIf(id, BlockEventType.FLUSH, generation, maxima);
      clear.foldIf(id, BlockEventType.CLEAR, generation, maxima);
      handler.onBlock(id, maxima, timestamp);
    }
  }

  private static boolean isBelow(long a, long b) {
    return Long.compareUnsigned(a, b) < 0;
  }

  private TypedCursor typed(MappedBitmap ids, int lastSection) {
    return new TypedCursor(ids.cursor(), section(lastSection));
  }

  /** Walks the blocks that had one type of event, with the last WAL offset of each. */
  private static final class TypedCursor {
    private final MappedBitmap.Cursor ids;
    private final ByteBuffer lastOffsets;
    private boolean hasId;
    private long id;
    private long lastOffset;

    TypedCursor(MappedBitmap.Cursor ids, ByteBuffer lastOffsets) {
      this.ids = ids;
      this.lastOffsets = lastOffsets;
      advance();
    }

    private void advance() {
      hasId = ids.hasNext();
      if (hasId) {
        id = ids.next();
        lastOffset = lastOffsets.getLong();
      }
    }

    boolean hasId() {
      return hasId;
    }

    long id() {
      return id;
    }

    void foldIf(long wanted, BlockEventType type, int generation, BlockMaxima maxima) {
      if (hasId && id == wanted) {
        maxima.fold(type, generation, lastOffset);
        advance();
      }
    }
  }
}
