package io.tidemark.segment;

import io.tidemark.block.BlockMaxima;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.UnsupportedFormatException;
import io.tidemark.journal.JournalEntryHandler;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.MappedBitmap;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * An immutable image of which blocks changed in one interval of the journal, and where and when
 * each did; usually a mapped file.
 *
 * <p>Immutable; any number of threads may read, each with its own {@link ChangeCursor}.
 */
public final class ChangeSegment extends PackedSource {
  private final long firstPosition;
  private final long lastPosition;

  private ChangeSegment(long firstPosition, long lastPosition, SegmentPayload payload) {
    super(payload);
    this.firstPosition = firstPosition;
    this.lastPosition = lastPosition;
  }

  /** Returns the segment over a payload in memory; the buffer must not change any more. */
  static ChangeSegment of(long firstPosition, long lastPosition, ByteBuffer payload) {
    String name = "segment " + firstPosition + "-" + lastPosition;
    return new ChangeSegment(firstPosition, lastPosition, new SegmentPayload(payload, true, name));
  }

  /**
   * Maps a segment file and checks every byte of it.
   *
   * @param storeId the store it must belong to, 0 for any
   * @throws CorruptFileException if any byte is wrong
   * @throws UnsupportedFormatException if another version of the program wrote it
   */
  public static ChangeSegment open(StorageIO io, Path file, long storeId) throws IOException {
    PublishedFile published =
        PublishedFile.open(io, file, SegmentDescriptor.TYPE, SegmentDescriptor.VERSION, storeId);
    SegmentDescriptor.checkVersion(published);
    return new ChangeSegment(
        published.header().firstPosition(),
        published.header().lastPosition(),
        new SegmentPayload(published.payload(), true, file.toString()));
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
        payload().bytes());
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
    return payload().generation();
  }

  /** Returns how long the bitmap of changed blocks is, in bytes. */
  public int bitmapLengthBytes() {
    return payload().section(SegmentDescriptor.CHANGED).capacity();
  }

  /** Returns how many changes were folded in, whether they are known by themselves or not. */
  public long eventCount() {
    return payload().eventCount();
  }

  /** Returns the lowest WAL offset of a change; meaningless if none changed. */
  public long minWalOffset() {
    return payload().first().walOffset();
  }

  /** Returns the highest WAL offset of a change; meaningless if none changed. */
  public long maxWalOffset() {
    return payload().last().walOffset();
  }

  /** Returns whether all blocks up to {@link #flushAllOffset} were flushed. */
  public boolean hasFlushAll() {
    return payload().flushAll() != null;
  }

  /** Returns the highest WAL offset up to which all blocks were flushed; 0 if there was none. */
  public long flushAllOffset() {
    WalPosition flushAll = payload().flushAll();
    return flushAll == null ? 0 : flushAll.walOffset();
  }

  /** Returns a block id higher than every one given until the segment's end. */
  public long nextBlockId() {
    return payload().nextBlockId();
  }

  /** Returns the ids of the blocks that changed. */
  public MappedBitmap changed() {
    return payload().bitmap(SegmentDescriptor.CHANGED);
  }

  @Override
  public MappedBitmap changedIds() {
    return changed();
  }

  /** Returns the ids of the blocks that were created. */
  public MappedBitmap created() {
    return payload().bitmap(SegmentDescriptor.CREATED);
  }

  /** Returns the ids of the blocks that were deleted. */
  public MappedBitmap deleted() {
    return payload().bitmap(SegmentDescriptor.DELETED);
  }

  /** Returns the ids of the blocks that were flushed or cleared. */
  public MappedBitmap flushed() {
    return payload().bitmap(SegmentDescriptor.FLUSHED);
  }

  /** Passes on the control entries in journal order. */
  public void forEachControl(JournalEntryHandler handler) {
    ControlSection.forEach(payload().section(SegmentDescriptor.CONTROL), handler);
  }

  /** Receives what one segment says of one block. */
  @FunctionalInterface
  public interface MaximaHandler {

    /** The maxima are valid during the call only; they do not include the flush-all. */
    void onBlock(long blockId, BlockMaxima maxima, long lastTimestampNs);
  }

  /** Passes on the maxima of every block that had an event, in unsigned order of ids. */
  public void forEachMaxima(MaximaHandler handler) {
    SegmentRows rows = new SegmentRows(payload());
    while (rows.next()) {
      BlockRow row = rows.row();
      handler.onBlock(
          row.blockId(), row.maxima(), row.hasChange() ? row.lastTimestampNs() : Long.MIN_VALUE);
    }
  }
}
