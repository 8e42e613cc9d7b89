package io.tidemark.tdengine;

import io.tidemark.block.BlockEventType;
import io.tidemark.ingest.BlockEventSink;
import io.tidemark.ingest.EmbeddedLogTail;
import io.tidemark.storage.StorageIO;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.EngineSink;
import io.tidemark.tracker.TrackerSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Brings the log of an embedded engine into its tracker, beside the engine, which may be open in
 * another process.
 *
 * <p>Used by the tracker's thread. Versions are WAL offsets, unsigned.
 */
final class EngineEventSource implements VgroupSource {
  private final EmbeddedLogTail tail;
  private final TrackerSink journal;
  private final IngestTally tally = new IngestTally();
  private final BlockEventSink counted = new Counted();
  private long events;

  private EngineEventSource(EmbeddedLogTail tail, TrackerSink journal) {
    this.tail = tail;
    this.journal = journal;
  }

  /**
   * Begins where the tracker's store left off.
   *
   * @throws IOException if the engine is not there, or the store has more than its log
   */
  static EngineEventSource open(StorageIO io, Path engine, ChangeTracker tracker)
      throws IOException {
    TrackerSink journal = new TrackerSink(tracker);
    try {
      EmbeddedLogTail tail =
          EmbeddedLogTail.open(io, engine, EngineSink.completeThrough(tracker.coverage()));
      return new EngineEventSource(tail, journal);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage() + ", directory=" + engine, e);
    }
  }

  @Override
  public IngestReport catchUp(long recordLimit) throws IOException {
    boolean isAtEnd;
    try {
      isAtEnd = tail.read(recordLimit, counted);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    journal.append();
    journal.takeHoles().forEach(tally::hole);
    tally.bytes(tail.takeBytes());
    long applied = events;
    events = 0;
    return tally.report(applied, null, isAtEnd);
  }

  @Override
  public long nextVersion() {
    return tail.nextWalOffset();
  }

  /** Returns none: blocks of an engine have numbers only. */
  @Override
  public List<Long> unnamed(int limit) {
    return List.of();
  }

  @Override
  public void name(List<RowFeed.Table> tables) {
    throw new IllegalStateException("blocks of an engine have no names: tables=" + tables);
  }

  @Override
  public void close() throws IOException {
    tail.close();
  }

  /** Passes on and counts. */
  private final class Counted implements BlockEventSink {
    @Override
    public void continueFrom(long walOffset) {
      journal.continueFrom(walOffset);
    }

    @Override
    public void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {
      journal.onEvent(type, blockId, walOffset, timestampNs);
      count(walOffset, timestampNs);
    }

    @Override
    public void onFlushAll(long walOffset, long timestampNs) {
      journal.onFlushAll(walOffset, timestampNs);
      count(walOffset, timestampNs);
    }

    private void count(long walOffset, long timestampNs) {
      events++;
      tally.records(1, walOffset, walOffset, TimeUnit.NANOSECONDS.toMicros(timestampNs));
    }

    @Override
    public void completeThrough(long walOffset) {
      journal.completeThrough(walOffset);
    }

    @Override
    public void gap(long first, long last, String reason) {
      journal.gap(first, last, reason);
    }

    @Override
    public void rolledBack(long firstOwn, long timestampNs) {
      journal.rolledBack(firstOwn, timestampNs);
      tally.generationBegun();
    }
  }
}
