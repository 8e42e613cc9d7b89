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
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
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

  private final EmbeddedView view;
  private final Source source;

  private LiveEngine(EmbeddedView view, Source source) {
    this.view = view;
    this.source = source;
  }

  /**
   * Looks at an engine and brings its store to that moment.
   *
   * @param directory the engine's
   * @param store tracks it; stays the caller's
   */
  public static LiveEngine open(StorageIO io, Path directory, BitmapEngine store)
      throws IOException {
    for (int attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      EmbeddedView view = EmbeddedView.open(io, directory);
      Source source = new Source(io, directory, view);
      try {
        EngineSink.start(source, store);
        if (source.isAtMoment) {
          return new LiveEngine(view, source);
        }
      } catch (IOException | RuntimeException e) {
        source.close();
        view.close();
        throw e;
      }
      source.close();
      view.close();
    }
    throw new IOException(
        "engine is rolled back faster than it can be looked at: attempts="
            + ATTEMPTS_MAX
            + ", directory="
            + directory);
  }

  /**
   * Returns which log the engine in a directory has, as its store has to name it.
   *
   * @throws io.tidemark.errors.NotAStoreException if there is no engine in the directory
   */
  public static String shard(StorageIO io, Path directory) throws IOException {
    return EmbeddedLogTail.shard(io, directory);
  }

  @Override
  public BlockEventSource events() {
    return source;
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
    source.follow();
  }

  @Override
  public void close() throws IOException {
    try (view) {
      source.close();
    }
  }

  /** The engine's log, through a moment when it is started, and further when it is followed. */
  private static final class Source implements BlockEventSource {
    private final StorageIO io;
    private final Path directory;
    private final EmbeddedView view;
    private @Nullable EmbeddedLogTail tail;
    private @Nullable BlockEventSink sink;
    private boolean isAtMoment;

    Source(StorageIO io, Path directory, EmbeddedView view) {
      this.io = io;
      this.directory = directory;
      this.view = view;
    }

    @Override
    public String shard() {
      return view.shard();
    }

    @Override
    public void start(@Nullable WalPosition completeThrough, BlockEventSink to) throws IOException {
      EmbeddedLogTail opened = EmbeddedLogTail.open(io, directory, completeThrough);
      tail = opened;
      sink = to;
      isAtMoment = opened.readThrough(view.position(), to);
    }

    void follow() {
      EmbeddedLogTail open = tail;
      BlockEventSink to = sink;
      if (open == null || to == null) {
        return;
      }
      try {
        open.read(Long.MAX_VALUE, to);
      } catch (IOException
          | UncheckedIOException
          | TidemarkException
          | IllegalArgumentException e) {
        sink = null; // whoever follows the log next meets the same
      }
    }

    @Override
    public void stop() throws IOException {
      EmbeddedLogTail open = tail;
      tail = null;
      sink = null;
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
