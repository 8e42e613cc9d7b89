package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import io.tidemark.ingest.BlockEventSink;
import io.tidemark.ingest.BlockEventSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * A sink that applies events to an engine at once, on the caller's thread: for small programs and
 * tests.
 *
 * <p>Thread-safe. What the engine refuses is thrown to the source: a {@code TidemarkException} as
 * it is, an {@link IOException} as {@link UncheckedIOException}.
 */
public final class EngineSink implements BlockEventSink {
  private final BitmapEngine engine;

  /** Makes a sink of an engine, which stays the caller's to close. */
  public EngineSink(BitmapEngine engine) {
    this.engine = engine;
  }

  /** Starts a source with what an engine has; the source is the caller's to stop. */
  public static void start(BlockEventSource source, BitmapEngine engine) throws IOException {
    EngineSink sink = new EngineSink(engine);
    source.start(sink.completeThrough(), sink);
  }

  /**
   * Returns the position through which the engine has every change, in its newest generation; null
   * if nothing was ever declared complete.
   */
  public @Nullable WalPosition completeThrough() throws IOException {
    return completeThrough(engine.call(tracker -> tracker.coverage().copy()));
  }

  /** Returns the same of a store with this coverage. */
  public static @Nullable WalPosition completeThrough(Coverage coverage) {
    int generation = coverage.generation();
    Long through = coverage.completeThrough();
    if (through != null) {
      return new WalPosition(generation, through);
    }
    // Below its first own offset a generation shares what the ones before have.
    long firstOwn = coverage.firstOwn(generation);
    return firstOwn == 0 ? null : new WalPosition(generation, firstOwn - 1);
  }

  @Override
  public void continueFrom(long walOffset) {
    run(() -> engine.continueFrom(walOffset));
  }

  @Override
  public void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {
    run(() -> engine.onEvent(type, blockId, walOffset, timestampNs));
  }

  @Override
  public void onFlushAll(long walOffset, long timestampNs) {
    run(() -> engine.onFlushAll(walOffset, timestampNs));
  }

  @Override
  public void completeThrough(long walOffset) {
    run(() -> engine.completeThrough(walOffset));
  }

  @Override
  public void gap(long first, long last, String reason) {
    run(() -> engine.gap(first, last, reason));
  }

  @Override
  public void rolledBack(long firstOwn, long timestampNs) {
    run(() -> engine.beginGeneration(firstOwn, timestampNs));
  }

  /** A call of the engine. */
  @FunctionalInterface
  private interface EngineCall {
    void run() throws IOException;
  }

  private static void run(EngineCall call) {
    try {
      call.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
