package io.tidemark.ingest;

import io.tidemark.block.WalPosition;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Something that changes blocks and tells which: a storage engine, or a reader of its log.
 *
 * <p>Started once, by one thread; it may give its events from threads of its own.
 */
public interface BlockEventSource extends AutoCloseable {

  /**
   * Returns which log it is, in words that never change: a store that was fed from one log is never
   * fed from another.
   */
  String shard();

  /**
   * Begins to give events, from the first change that the store does not have.
   *
   * <p>Before anything else it says where it goes on by {@link BlockEventSink#continueFrom}.
   *
   * @param completeThrough position through which the store has every change, in its newest
   *     generation; null if it was never given anything
   * @param sink takes the events until {@link #stop} returns
   */
  void start(@Nullable WalPosition completeThrough, BlockEventSink sink) throws IOException;

  /** Gives no more events when this returns; does nothing if it was not started. */
  void stop() throws IOException;

  /** Stops and lets go of everything. */
  @Override
  void close() throws IOException;
}
