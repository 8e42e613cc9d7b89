package io.tidemark.ingest;

import io.tidemark.block.WalPosition;
import io.tidemark.storage.StorageIO;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The blocks of an embedded engine as they were at one moment, read without its lock: another
 * process may have it open and go on.
 *
 * <p>Thread-safe. Memory holds the ids of what was not flushed at that moment. The space of files
 * that the engine deletes meanwhile is given back when this is closed and collected.
 */
public final class EmbeddedView implements BlockReader, Closeable {
  private static final int ATTEMPTS_MAX = 64;

  private final ReentrantLock mutex = new ReentrantLock();
  private final EmbeddedBlocks blocks; // Guarded by the mutex.
  private final String shard;
  private final WalPosition position;

  private EmbeddedView(EmbeddedBlocks blocks, String shard, WalPosition position) {
    this.blocks = blocks;
    this.shard = shard;
    this.position = position;
  }

  /**
   * Looks at the engine in a directory as it is now.
   *
   * @throws io.tidemark.errors.NotAStoreException if there is none
   * @throws io.tidemark.errors.CorruptFileException if a file of it is damaged
   */
  public static EmbeddedView open(StorageIO io, Path directory) throws IOException {
    EmbeddedDirectory files = new EmbeddedDirectory(io, directory);
    for (int attempt = 1; ; attempt++) {
      try {
        return open(files, EmbeddedLogTail.newest(files));
      } catch (NoSuchFileException e) {
        // The engine replaced a file since its manifest was read.
        if (attempt == ATTEMPTS_MAX) {
          throw e;
        }
      }
    }
  }

  private static EmbeddedView open(EmbeddedDirectory files, EmbeddedManifest manifest)
      throws IOException {
    EmbeddedBlocks blocks = EmbeddedRecovery.load(files, manifest);
    try {
      long walOffset =
          manifest.isClosed() ? manifest.walOffset() : readOpen(files, manifest, blocks);
      return new EmbeddedView(
          blocks,
          EmbeddedEngine.shardOf(manifest.engineId()),
          new WalPosition(manifest.generation(), walOffset));
    } catch (IOException | RuntimeException e) {
      blocks.close();
      throw e;
    }
  }

  /** Takes in what the engine's open file holds; returns the WAL offset of its last record. */
  private static long readOpen(
      EmbeddedDirectory files, EmbeddedManifest manifest, EmbeddedBlocks blocks)
      throws IOException {
    long first = manifest.walOffset() + 1;
    int generation = manifest.generation();
    try (EmbeddedLogReader reader = files.readOpen(manifest)) {
      blocks.follow(
          EmbeddedLogFile.openToRead(
              files.io(),
              files.log(generation, first),
              manifest.engineId(),
              new EmbeddedManifest.LogFile(generation, first, first - 1, 0)));
      while (reader.tryNext()) {
        blocks.apply(reader.type(), reader.blockId(), reader.place(), reader.contentLength());
      }
      return reader.walOffset();
    }
  }

  /** Returns which log the engine has, as {@link EmbeddedEngine#shard} does. */
  public String shard() {
    return shard;
  }

  /** Returns the last position of the log whose changes are in it. */
  public WalPosition position() {
    return position;
  }

  @Override
  public boolean read(long blockId, ContentHandler handler) throws IOException {
    ByteBuffer content;
    mutex.lock();
    try {
      content = blocks.content(blockId);
    } finally {
      mutex.unlock();
    }
    if (content == null) {
      return false;
    }
    handler.onContent(content);
    return true;
  }

  @Override
  public int length(long blockId) {
    mutex.lock();
    try {
      return blocks.length(blockId);
    } finally {
      mutex.unlock();
    }
  }

  @Override
  public void forEachBlock(BlockHandler handler) throws IOException {
    EmbeddedRows rows;
    mutex.lock();
    try {
      rows = blocks.rows(0);
    } finally {
      mutex.unlock();
    }
    while (rows.next()) {
      if (rows.length() != EmbeddedDataDescriptor.DELETED) {
        handler.onBlock(rows.blockId(), rows.length());
      }
    }
  }

  /** Closes the files of the log. */
  @Override
  public void close() throws IOException {
    mutex.lock();
    try {
      blocks.close();
    } finally {
      mutex.unlock();
    }
  }
}
