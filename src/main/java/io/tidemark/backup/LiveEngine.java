package io.tidemark.backup;

import io.tidemark.block.WalPosition;
import io.tidemark.errors.TidemarkException;
import io.tidemark.ingest.BlockEventSink;
import io.tidemark.ingest.BlockEventSource;
import io.tidemark.ingest.BlockReader;
import io.tidemark.ingest.EmbeddedLogTail;
import io.tidemark.ingest.EmbeddedView;
import io.tidemark.storage.StorageIO;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.EngineSink;
import io.tidemark.tracker.TrackerSink;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An embedded engine that another process may have open and change, as a backup sees it.
 *
 * <p>It shows the blocks of one moment, and its store has everything through just that moment when
 * this is opened: a run that is prepared then holds what there was at its end, whatever the engine
 * does meanwhile. One thread.
 */
public final class LiveEngine implements StorageEngine, Closeable {

  /** An engine that is rolled back so often while it is looked at cannot be backed up now. */
  private static final int ATTEMPTS_MAX = 16;

  private final StorageIO io;
  private final Path directory;
  private final EmbeddedView view;
  private final EmbeddedLogTail tail;
  private final BitmapEngine store;
  private boolean isFollowing = true;

  private LiveEngine(
      StorageIO io, Path directory, EmbeddedView view, EmbeddedLogTail tail, BitmapEngine store) {
    this.io = io;
    this.directory = directory;
    this.view = view;
    this.tail = tail;
    this.store = store;
  }

  /**
   * Looks at an engine and brings its store to that moment.
   *
   * @param directory the engine's
   * @param store tracks it; stays the caller's
   * @throws IllegalArgumentException if the store has more than the engine: it was fed from another
   *     copy of it
   */
  public static LiveEngine open(StorageIO io, Path directory, BitmapEngine store)
      throws IOException {
    for (int attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      LiveEngine opened = tryOpen(io, directory, store);
      if (opened != null) {
        return opened;
      }
    }
    throw new IOException(
        "engine is rolled back faster than it can be looked at: attempts="
            + ATTEMPTS_MAX
            + ", directory="
            + directory);
  }

  /** Returns null if the engine was rolled back to before what was looked at. */
  private static @Nullable LiveEngine tryOpen(StorageIO io, Path directory, BitmapEngine store)
      throws IOException {
    EmbeddedView view = EmbeddedView.open(io, directory);
    boolean isAtMoment = false;
    try {
      WalPosition had =
          store
              .<Optional<WalPosition>>call(
                  tracker -> Optional.ofNullable(EngineSink.completeThrough(tracker.coverage())))
              .orElse(null);
      EmbeddedLogTail tail = EmbeddedLogTail.open(io, directory, had);
      try {
        isAtMoment = feed(store, sink -> tail.readThrough(view.position(), sink));
        return isAtMoment ? new LiveEngine(io, directory, view, tail, store) : null;
      } finally {
        if (!isAtMoment) {
          tail.close();
        }
      }
    } finally {
      if (!isAtMoment) {
        view.close();
      }
    }
  }

  /** Something that reads a log into a sink. */
  @FunctionalInterface
  private interface Reading {
    boolean read(BlockEventSink sink) throws IOException;
  }

  private static boolean feed(BitmapEngine store, Reading reading) throws IOException {
    return store.<Boolean>call(
        tracker -> {
          TrackerSink sink = new TrackerSink(tracker);
          try {
            boolean isRead = reading.read(sink);
            sink.append();
            return isRead;
          } catch (UncheckedIOException e) {
            throw e.getCause();
          }
        });
  }

  /**
   * Returns which log the engine in a directory has, as its store has to name it.
   *
   * @throws io.tidemark.errors.NotAStoreException if there is no engine in the directory
   */
  public static String shard(StorageIO io, Path directory) throws IOException {
    return EmbeddedLogTail.shard(io, directory);
  }

  /** Returns a source that gives what the log holds when it is started. */
  @Override
  public BlockEventSource events() {
    return new Source();
  }

  @Override
  public BlockReader blocks() {
    return view;
  }

  /** Does nothing: the store has had the moment that is read since this was opened. */
  @Override
  public void settle() {}

  /**
   * Gives the store what the engine has changed since, so that it is not recycled unread. If the
   * log cannot be read, whoever follows it after this finds out: a backup does not need it.
   */
  public void follow() {
    if (isFollowing) {
      try {
        feed(store, sink -> tail.read(Long.MAX_VALUE, sink));
      } catch (IOException | TidemarkException | IllegalArgumentException e) {
        isFollowing = false; // whoever follows the log next meets the same
      }
    }
  }

  @Override
  public void close() throws IOException {
    try (view) {
      tail.close();
    }
  }

  private final class Source implements BlockEventSource {
    private @Nullable EmbeddedLogTail log;

    @Override
    public String shard() {
      return view.shard();
    }

    @Override
    public void start(@Nullable WalPosition completeThrough, BlockEventSink sink)
        throws IOException {
      EmbeddedLogTail opened = EmbeddedLogTail.open(io, directory, completeThrough);
      log = opened;
      opened.read(Long.MAX_VALUE, sink);
    }

    @Override
    public void stop() throws IOException {
      EmbeddedLogTail open = log;
      log = null;
      if (open != null) {
        open.close();
      }
    }

    @Override
    public void close() throws IOException {
      stop();
    }
  }
}
