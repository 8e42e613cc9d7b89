package io.tidemark.ingest;

import io.tidemark.block.WalPosition;
import io.tidemark.errors.InvalidTransitionException;
import io.tidemark.errors.UnknownBlockException;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.StorageIO;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.EpochNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * A small storage engine in files: blocks of bytes, a write-ahead log, and flushes.
 *
 * <p>For demos, tests, examples and programs that have no engine of their own. Block ids are any
 * unsigned 64-bit numbers, contents 0 bytes to 16 MiB. A change survives a killed process when its
 * call returns, and a power cut after the next {@link #flush}. Thread-safe.
 *
 * <p>It is a source of block events. The sink is called by the thread that changes the engine, with
 * the engine's lock held: a sink that blocks holds all changes up, and one that throws gets nothing
 * more; the change it was called for is done. {@link #start} goes on from there.
 *
 * <p>An {@link IOException} of a call that changes something means that nothing changed: a full
 * disk holds the engine up until there is space. After a {@code StoreFailedException} only {@link
 * #close} may be called.
 */
public final class EmbeddedEngine implements BlockEventSource, BlockReader {

  /** Longest content of a block. */
  public static final int MAX_BLOCK_LENGTH = 16 << 20;

  /** The highest WAL offset of a record, unsigned: there is always one after it. */
  public static final long LAST_WAL_OFFSET = -2;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final ReentrantLock mutex = new ReentrantLock();
  private final EpochNanoClock clock;
  private final Closeable writerLock;
  private final long engineId;

  // All below are guarded by the mutex.
  private final EmbeddedFeed feed = new EmbeddedFeed();
  private final EmbeddedStore store;
  private boolean isClosed;

  private EmbeddedEngine(EmbeddedStore store, EpochNanoClock clock, Closeable writerLock) {
    this.store = store;
    this.clock = clock;
    this.writerLock = writerLock;
    this.engineId = store.manifest().engineId();
  }

  /**
   * Opens an engine in a directory of the operating system, and creates it if there is none.
   *
   * @throws io.tidemark.errors.StoreLockedException if it is open already
   * @throws io.tidemark.errors.CorruptFileException if a file that is not the end of the log is
   *     damaged
   * @throws io.tidemark.errors.ForeignFileException if a file is another engine's
   */
  public static EmbeddedEngine open(Path directory, EmbeddedOptions options) throws IOException {
    return open(FileStorageIO.INSTANCE, directory, options);
  }

  /** Opens an engine in a directory of {@code io}; see {@link #open(Path, EmbeddedOptions)}. */
  public static EmbeddedEngine open(StorageIO io, Path directory, EmbeddedOptions options)
      throws IOException {
    EmbeddedDirectory files = new EmbeddedDirectory(io, directory);
    io.createDurably(directory);
    Closeable lock = io.lock(files.lock());
    try {
      return new EmbeddedEngine(EmbeddedRecovery.open(files, options), options.clock(), lock);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  // Changes.

  /**
   * Creates a block.
   *
   * @param content from position to limit; its position does not move
   * @return WAL offset of the change
   * @throws InvalidTransitionException if there is such a block; nothing was changed
   */
  public long create(long blockId, ByteBuffer content) throws IOException {
    return change(EmbeddedRecordType.CREATE, blockId, content);
  }

  /** Creates a block; see {@link #create(long, ByteBuffer)}. */
  public long create(long blockId, byte[] content) throws IOException {
    return create(blockId, ByteBuffer.wrap(content));
  }

  /**
   * Gives a block other content.
   *
   * @param content from position to limit; its position does not move
   * @return WAL offset of the change
   * @throws UnknownBlockException if there is no such block; nothing was changed
   */
  public long update(long blockId, ByteBuffer content) throws IOException {
    return change(EmbeddedRecordType.UPDATE, blockId, content);
  }

  /** Gives a block other content; see {@link #update(long, ByteBuffer)}. */
  public long update(long blockId, byte[] content) throws IOException {
    return update(blockId, ByteBuffer.wrap(content));
  }

  /**
   * Deletes a block.
   *
   * @return WAL offset of the change
   * @throws UnknownBlockException if there is no such block; nothing was changed
   */
  public long delete(long blockId) throws IOException {
    return change(EmbeddedRecordType.DELETE, blockId, NOTHING);
  }

  private long change(EmbeddedRecordType type, long blockId, ByteBuffer content)
      throws IOException {
    if (content.remaining() > MAX_BLOCK_LENGTH) {
      throw new IllegalArgumentException(
          "content is too long: longest=" + MAX_BLOCK_LENGTH + ", length=" + content.remaining());
    }
    mutex.lock();
    try {
      checkOpen();
      checkExists(type, blockId);
      store.makeRoom();
      return append(type, blockId, content);
    } finally {
      mutex.unlock();
    }
  }

  private void checkExists(EmbeddedRecordType type, long blockId) {
    boolean exists = store.blocks().length(blockId) != EmbeddedBlocks.ABSENT;
    if (exists && type == EmbeddedRecordType.CREATE) {
      throw new InvalidTransitionException(
          "block exists: blockId=" + Long.toUnsignedString(blockId));
    }
    if (!exists && type != EmbeddedRecordType.CREATE) {
      throw new UnknownBlockException(
          "block does not exist: blockId=" + Long.toUnsignedString(blockId));
    }
  }

  /** Appends a record and gives it to the sink; returns its WAL offset. */
  private long append(EmbeddedRecordType type, long blockId, ByteBuffer content)
      throws IOException {
    long timestampNs = clock.nanoTime();
    store.append(type, blockId, timestampNs, content);
    feed.onRecord(type, blockId, store.walOffset(), timestampNs);
    return store.walOffset();
  }

  /**
   * Writes everything that changed to data files; it is durable when this returns. Log that need
   * not be kept is deleted.
   *
   * @return WAL offset of the flush itself: it flushes every block up to it
   */
  public long flush() throws IOException {
    mutex.lock();
    try {
      checkOpen();
      store.flush();
      return append(EmbeddedRecordType.FLUSH, 0, NOTHING);
    } finally {
      mutex.unlock();
    }
  }

  /**
   * Forgets every change above a WAL offset, as a database does that comes back from an older copy
   * of itself or loses an election. Durable when it returns. The next record begins a new
   * generation of the log.
   *
   * @param last the last WAL offset that stays; at least {@link #oldestRollback}
   * @throws IllegalArgumentException if the log that it takes is not kept, or not written yet
   */
  public void rollbackTo(long last) throws IOException {
    mutex.lock();
    try {
      checkOpen();
      long oldest = store.oldestRollback();
      if (Long.compareUnsigned(last, oldest) < 0
          || Long.compareUnsigned(last, store.walOffset()) > 0) {
        throw new IllegalArgumentException(
            "cannot roll back to this offset: oldest="
                + Long.toUnsignedString(oldest)
                + ", newest="
                + Long.toUnsignedString(store.walOffset())
                + ", requested="
                + Long.toUnsignedString(last));
      }
      store.rollBack(last);
      feed.onRollback(last + 1, store.manifest().newestGeneration().timestampNs());
    } finally {
      mutex.unlock();
    }
  }

  /** Returns the lowest WAL offset that the engine can be rolled back to; unsigned. */
  public long oldestRollback() {
    mutex.lock();
    try {
      checkOpen();
      return store.oldestRollback();
    } finally {
      mutex.unlock();
    }
  }

  // What there is.

  /**
   * Returns the content of a block; null if there is no such block.
   *
   * @throws io.tidemark.errors.CorruptFileException if it is not what was written
   */
  public byte @Nullable [] read(long blockId) throws IOException {
    ByteBuffer content = content(blockId);
    if (content == null) {
      return null;
    }
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    return bytes;
  }

  @Override
  public boolean read(long blockId, ContentHandler handler) throws IOException {
    ByteBuffer content = content(blockId);
    if (content == null) {
      return false;
    }
    handler.onContent(content);
    return true;
  }

  private @Nullable ByteBuffer content(long blockId) throws IOException {
    mutex.lock();
    try {
      checkOpen();
      return store.blocks().content(blockId);
    } finally {
      mutex.unlock();
    }
  }

  @Override
  public int length(long blockId) {
    mutex.lock();
    try {
      checkOpen();
      return store.blocks().length(blockId);
    } finally {
      mutex.unlock();
    }
  }

  @Override
  public void forEachBlock(BlockHandler handler) throws IOException {
    EmbeddedRows rows;
    mutex.lock();
    try {
      checkOpen();
      rows = store.blocks().rows(0);
    } finally {
      mutex.unlock();
    }
    while (rows.next()) {
      if (rows.length() != EmbeddedDataDescriptor.DELETED) {
        handler.onBlock(rows.blockId(), rows.length());
      }
    }
  }

  /** Returns the WAL offset of the last record; unsigned. */
  public long walOffset() {
    mutex.lock();
    try {
      return store.walOffset();
    } finally {
      mutex.unlock();
    }
  }

  /** Returns what the engine holds. */
  public EmbeddedStatistics statistics() {
    mutex.lock();
    try {
      checkOpen();
      EmbeddedBlocks blocks = store.blocks();
      EmbeddedManifest manifest = store.manifest();
      return new EmbeddedStatistics(
          blocks.blocks(),
          blocks.bytes(),
          blocks.unflushedBlocks(),
          manifest.runs().stream().mapToLong(EmbeddedManifest.Run::lengthBytes).sum(),
          store.wholeLogs().stream().mapToLong(EmbeddedManifest.LogFile::lengthBytes).sum(),
          manifest.firstAvailable(),
          store.walOffset(),
          manifest.generation());
    } finally {
      mutex.unlock();
    }
  }

  // As a source.

  /** Returns {@code embedded-} and the engine's id, a random number that its files carry. */
  @Override
  public String shard() {
    return shardOf(engineId);
  }

  static String shardOf(long engineId) {
    return String.format(Locale.ROOT, "embedded-%016x", engineId);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Everything the log holds is replayed before this returns; changes wait meanwhile.
   *
   * @throws IllegalArgumentException if the store has more than the log: it was fed from another
   *     copy of this engine
   */
  @Override
  public void start(@Nullable WalPosition completeThrough, BlockEventSink sink) throws IOException {
    mutex.lock();
    try {
      checkOpen();
      feed.start(completeThrough, sink, store);
    } finally {
      mutex.unlock();
    }
  }

  @Override
  public void stop() {
    mutex.lock();
    try {
      feed.stop();
    } finally {
      mutex.unlock();
    }
  }

  private void checkOpen() {
    if (isClosed) {
      throw new IllegalStateException("engine is closed");
    }
    store.checkNotFailed();
  }

  /** Makes the log durable and closes the engine; what was not flushed stays in the log. */
  @Override
  public void close() throws IOException {
    mutex.lock();
    try {
      if (isClosed) {
        return;
      }
      isClosed = true;
      feed.stop();
      try {
        store.close();
      } finally {
        writerLock.close();
      }
    } finally {
      mutex.unlock();
    }
  }
}
