package io.tidemark.ingest;

import io.tidemark.block.WalPosition;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.errors.NotAStoreException;
import io.tidemark.storage.StorageIO;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log of an embedded engine that another process may have open: takes no lock, writes
 * nothing.
 *
 * <p>Not thread-safe. After an exception only {@link #close} may be called; whoever goes on opens
 * another one with what the store has.
 */
public final class EmbeddedLogTail implements Closeable {

  /*
   * A manifest names the whole files of the log, whose records all count, and the file that the engine
   * appends to. A record of that one counts once all of it is there: one that is being written, or was
   * left half by a full disk and will be written over, is looked at again later.
   *
   * Where the open file ends, the newest manifest is looked for. If there is one, the file was ended
   * before it was published: so what the file holds by now is read first. Then the log goes on as the new
   * manifest says, behind what was given. A file that is open here can be read to its end though the
   * engine has deleted it.
   *
   * Rollback. Records that a rollback took back may have been read before, or after it from a file that
   * was open; then the new manifest's generation tells the store of it, as the engine itself would.
   *
   * A store that has more than the open file holds is not ahead of the engine: the engine was cut off
   * before these records were durable, and nobody has opened it since. The next opening begins a
   * generation; until then nothing is given.
   */

  /** The highest WAL offset there could be. */
  private static final long END = -1;

  private static final int RECORDS_PER_PROMISE = 1024;
  private static final int LOOKS_MAX = 64;

  private final EmbeddedDirectory directory;
  private EmbeddedManifest manifest;

  /** What was published since; adopted when the open file was read to its end. */
  private @Nullable EmbeddedManifest newer;

  /** What the store had when this was opened; null if it was never given anything. */
  private final @Nullable WalPosition had;

  /** WAL offset behind everything that was given, or named a gap; 0 before that is known. */
  private long next;

  private boolean isAnnounced;
  private boolean isPromised = true;
  private long given;
  private long bytes;
  private @Nullable EmbeddedLogReader reader;

  /** WAL offset of the last record that counts in the file being read; END for the open one. */
  private long lastOfFile;

  private EmbeddedLogTail(
      EmbeddedDirectory directory, EmbeddedManifest manifest, @Nullable WalPosition had) {
    this.directory = directory;
    this.manifest = manifest;
    this.had = had;
    this.next = had == null ? 0 : had.walOffset() + 1;
  }

  /**
   * Opens the log of an engine behind what a store has.
   *
   * @param completeThrough position through which the store has every change, in its newest
   *     generation; null if it was never given anything
   * @throws NotAStoreException if there is no engine in the directory
   * @throws IllegalArgumentException if the store has more than the log: it was fed from another
   *     copy of this engine
   */
  public static EmbeddedLogTail open(
      StorageIO io, Path directory, @Nullable WalPosition completeThrough) throws IOException {
    EmbeddedDirectory files = new EmbeddedDirectory(io, directory);
    EmbeddedManifest manifest = newest(files);
    EmbeddedFeed.check(completeThrough, manifest, manifest.isClosed() ? manifest.walOffset() : END);
    return new EmbeddedLogTail(files, manifest, completeThrough);
  }

  /** Returns whether a directory holds an embedded engine. */
  public static boolean isEngine(StorageIO io, Path directory) throws IOException {
    return new EmbeddedDirectory(io, directory).newestManifestNumber() > 0;
  }

  /**
   * Returns which log the engine in a directory has, as {@link EmbeddedEngine#shard} does.
   *
   * @throws NotAStoreException if there is no engine in the directory
   */
  public static String shard(StorageIO io, Path directory) throws IOException {
    return EmbeddedEngine.shardOf(newest(new EmbeddedDirectory(io, directory)).engineId());
  }

  /**
   * Returns how many records lie in files of the log that the engine has ended, from a WAL offset
   * on: those it may delete at any flush.
   */
  public static long endedRecordsFrom(StorageIO io, Path directory, long walOffset)
      throws IOException {
    long last = newest(new EmbeddedDirectory(io, directory)).walOffset();
    return Long.compareUnsigned(last, walOffset) < 0 ? 0 : last - walOffset + 1;
  }

  /** Returns the newest manifest, which may be replaced while it is looked for. */
  static EmbeddedManifest newest(EmbeddedDirectory directory) throws IOException {
    for (int look = 1; ; look++) {
      try {
        EmbeddedManifest found = directory.newestManifest();
        if (found == null) {
          throw new NotAStoreException(
              "not an embedded engine: no manifest: directory=" + directory.root());
        }
        return found;
      } catch (NoSuchFileException e) {
        if (look == LOOKS_MAX) {
          throw e;
        }
      }
    }
  }

  /** Returns the WAL offset that is due next; unsigned. */
  public long nextWalOffset() {
    return next;
  }

  /**
   * Returns the position through which everything was given, or named a gap; null before the first
   * read if the store has nothing.
   */
  public @Nullable WalPosition position() {
    return isAnnounced ? new WalPosition(manifest.generation(), next - 1) : had;
  }

  /** Returns the length of the records that were given since it was asked last. */
  public long takeBytes() {
    long taken = bytes;
    bytes = 0;
    return taken;
  }

  /**
   * Gives what follows to a sink: rollbacks, gaps and events, and then the promise that nothing is
   * missing.
   *
   * @param recordLimit records to read at most, at least 1
   * @return whether the end of the log was reached
   */
  public boolean read(long recordLimit, BlockEventSink to) throws IOException {
    return read(recordLimit, END, to);
  }

  /**
   * Gives what follows through a position, if the log has it.
   *
   * @return whether everything was given through just this position
   */
  public boolean readThrough(WalPosition position, BlockEventSink to) throws IOException {
    read(Long.MAX_VALUE, position.walOffset(), to);
    return position.equals(position());
  }

  private boolean read(long recordLimit, long last, BlockEventSink to) throws IOException {
    if (!isAnnounced) {
      announce(had, to);
    }
    boolean isAtEnd = false;
    long left = recordLimit;
    while (!isAtEnd && left > 0 && Long.compareUnsigned(next, last) <= 0) {
      if (reader == null) {
        isAtEnd = !openNext() && !adopt(look(), to);
      } else if (hasNext(reader)) {
        left -= give(reader, to);
      } else {
        isAtEnd = !leaveFile(to);
      }
    }
    promise(to);
    return isAtEnd;
  }

  private void announce(@Nullable WalPosition through, BlockEventSink to) {
    long firstAvailable = manifest.firstAvailable();
    // Below the engine's first record there is nothing to give.
    next =
        EmbeddedFeed.max(
            EmbeddedFeed.announce(through, manifest, firstAvailable, to), firstAvailable);
    isAnnounced = true;
    isPromised = false;
  }

  /** Opens the file that holds the next record; returns false if the log ends before it. */
  private boolean openNext() throws IOException {
    try {
      for (EmbeddedManifest.LogFile log : manifest.logs()) {
        if (Long.compareUnsigned(log.last(), next) >= 0) {
          reader = directory.read(log, manifest.engineId());
          lastOfFile = log.last();
          return true;
        }
      }
      if (manifest.isClosed()) {
        return false;
      }
      reader = directory.readOpen(manifest);
      lastOfFile = END;
      return true;
    } catch (NoSuchFileException e) {
      if (look() == null) {
        throw e;
      }
      return false; // deleted since the manifest was read
    }
  }

  /** Moves to the next record of the file if there is one that counts. */
  private boolean hasNext(EmbeddedLogReader from) throws IOException {
    if (lastOfFile == END) {
      return from.tryNext();
    }
    if (from.walOffset() == lastOfFile) {
      return false;
    }
    from.next();
    return true;
  }

  /** Gives a record unless the store has it; returns how many were given. */
  private int give(EmbeddedLogReader from, BlockEventSink to) {
    long walOffset = from.walOffset();
    if (Long.compareUnsigned(walOffset, next) < 0) {
      return 0;
    }
    assert walOffset == next : "records are not dense: walOffset=" + walOffset;
    EmbeddedFeed.give(from.type(), from.blockId(), walOffset, from.timestampNs(), to);
    next = walOffset + 1;
    bytes += from.end() - from.place();
    isPromised = false;
    given++;
    if (given % RECORDS_PER_PROMISE == 0) {
      promise(to);
    }
    return 1;
  }

  private void promise(BlockEventSink to) {
    if (!isPromised) {
      to.completeThrough(next - 1);
      isPromised = true;
    }
  }

  /** Goes on behind a file that was read to its end; returns false if that is the log's end. */
  private boolean leaveFile(BlockEventSink to) throws IOException {
    if (lastOfFile != END) {
      closeReader();
      return true;
    }
    if (newer == null) {
      newer = look();
      return newer != null; // the file holds all now that it ever will
    }
    EmbeddedManifest published = newer;
    newer = null;
    return adopt(published, to);
  }

  /** Returns the newest manifest if it is another one than that in hand. */
  private @Nullable EmbeddedManifest look() throws IOException {
    if (directory.newestManifestNumber() == manifest.number()) {
      return null;
    }
    EmbeddedManifest found = newest(directory);
    if (found.engineId() != manifest.engineId()) {
      throw new ForeignFileException(
          "another engine is here now: expected="
              + EmbeddedEngine.shardOf(manifest.engineId())
              + ", actual="
              + EmbeddedEngine.shardOf(found.engineId())
              + ", directory="
              + directory.root());
    }
    return found.number() == manifest.number() ? null : found;
  }

  /** Goes on as another manifest says; returns false if there is none. */
  private boolean adopt(@Nullable EmbeddedManifest published, BlockEventSink to)
      throws IOException {
    if (published == null) {
      return false;
    }
    closeReader();
    promise(to);
    WalPosition through = position();
    EmbeddedFeed.check(through, published, published.isClosed() ? published.walOffset() : END);
    manifest = published;
    announce(through, to);
    return true;
  }

  private void closeReader() throws IOException {
    EmbeddedLogReader open = reader;
    reader = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() throws IOException {
    closeReader();
  }
}
