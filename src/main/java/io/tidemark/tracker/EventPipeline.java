package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.errors.StoreFailedException;
import io.tidemark.ingest.BlockEventSink;
import io.tidemark.ingest.EventRing;
import io.tidemark.ingest.LostInterval;
import io.tidemark.ingest.RingSink;
import io.tidemark.ingest.Watermark;
import io.tidemark.state.StateAnomalies;
import io.tidemark.tracker.PipelineStatistics.Status;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the events of a storage engine from any number of threads, at the price of a place in a
 * ring, and applies them in a thread of its own.
 *
 * <p>The specification's event interceptor. When the ring is full a thread that gives an event is
 * held back; if that is limited, the event is lost and its WAL offset lies in a journaled gap, so
 * that an answer which needs it is FULL_REQUIRED. An event is applied when {@link #flush} returns,
 * and survives a power cut when {@link #awaitDurable} does.
 *
 * <p>Thread-safe. After the store failed, whoever gives or waits gets {@link StoreFailedException},
 * and nothing is acknowledged that was not before.
 */
public final class EventPipeline implements AutoCloseable {

  /*
   * Threads. Producers write into the ring; the writer drains it, journals and folds; the forcer makes
   * the journal durable beside it. STRICT has no forcer: the writer forces. Whichever of the two fails
   * takes the pipeline down: the ring and all marks are closed with the reason.
   *
   * Invariants, at every moment:
   *   durable <= applied
   *   given = accepted + dropped;  accepted = applied + waiting;  dropped events lie in gaps before
   *   anything is complete that would hide them
   */

  private static final Logger LOG = LoggerFactory.getLogger(EventPipeline.class);

  private final String shard;
  private final StateAnomalies anomalies;
  private final EventRing ring;
  private final LostInterval lost = new LostInterval();
  private final Watermark applied;
  private final Watermark durable;
  private final Watermark drained = new Watermark(0);
  private final RingSink sink;
  private final PipelineWriter writer;
  private final JournalForcer forcer;
  private final Thread writerThread;
  private final @Nullable Thread forcerThread;
  private volatile @Nullable Throwable failure;
  private volatile boolean isClosed;

  private EventPipeline(
      BitmapEngine engine,
      ChangeTracker tracker,
      PipelineOptions options,
      List<DurabilityListener> listeners) {
    long position = tracker.position();
    this.shard = tracker.identity().shard();
    this.anomalies = tracker.anomalies();
    this.ring = new EventRing(options.ringCapacity());
    this.applied = new Watermark(position);
    this.durable = new Watermark(position);
    this.sink = new RingSink(ring, lost, drained, options.waitLimitMs());
    boolean isStrict = options.durability() == Durability.STRICT;
    this.writer = new PipelineWriter(engine, ring, lost, applied, drained, this::onApplied);
    this.forcer =
        new JournalForcer(
            engine::force,
            applied,
            durable,
            writer::completeThrough,
            List.copyOf(listeners),
            options);
    this.writerThread = thread("writer", writer::run);
    this.forcerThread = isStrict ? null : thread("force", forcer::run);
  }

  /** What a thread of the pipeline does. */
  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }

  private Thread thread(String role, Work work) {
    Thread thread = new Thread(() -> run(work), "tidemark-" + role + "-" + shard);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Starts a pipeline into an engine, which stays the caller's: close the pipeline first.
   *
   * <p>The engine may be asked, and called, at the same time. One pipeline an engine.
   *
   * @param listeners told when more is durable
   */
  public static EventPipeline start(
      BitmapEngine engine, PipelineOptions options, List<DurabilityListener> listeners)
      throws IOException {
    EventPipeline pipeline =
        engine.call(
            tracker -> {
              tracker.force();
              return new EventPipeline(engine, tracker, options, listeners);
            });
    pipeline.writerThread.start();
    if (pipeline.forcerThread != null) {
      pipeline.forcerThread.start();
    }
    return pipeline;
  }

  /** Starts a pipeline that tells nobody. */
  public static EventPipeline start(BitmapEngine engine, PipelineOptions options)
      throws IOException {
    return start(engine, options, List.of());
  }

  private void run(Work work) {
    try {
      work.run();
    } catch (IOException | RuntimeException | Error e) {
      fail(e);
    }
  }

  private void onApplied(long position) {
    if (forcerThread == null) {
      forcer.force();
    } else {
      forcer.onApplied(position);
    }
  }

  private synchronized void fail(Throwable cause) {
    if (failure != null) {
      return;
    }
    failure = cause;
    LOG.error("pipeline failed: applied={}, shard={}", applied.get(), shard, cause);
    closeAll(() -> new StoreFailedException(failureMessage(cause)));
    forcer.stop();
  }

  private String failureMessage(Throwable cause) {
    return "pipeline failed: durable="
        + durable.get()
        + ", applied="
        + applied.get()
        + ", cause="
        + cause
        + ", shard="
        + shard;
  }

  private void closeAll(Supplier<RuntimeException> why) {
    ring.close(why);
    drained.close(why);
    applied.close(why);
    durable.close(why);
    writer.lossesJournaled().close(why);
  }

  /** Returns what takes events, for sources and for threads of an engine. */
  public BlockEventSink sink() {
    return sink;
  }

  /** Takes the creation of a block. */
  public void onBlockCreate(long blockId, long walOffset, long timestampNs) {
    sink.onEvent(BlockEventType.CREATE, blockId, walOffset, timestampNs);
  }

  /** Takes a change of a block. */
  public void onBlockUpdate(long blockId, long walOffset, long timestampNs) {
    sink.onEvent(BlockEventType.UPDATE, blockId, walOffset, timestampNs);
  }

  /** Takes that a block was written to the engine's data files. */
  public void onBlockFlush(long blockId, long walOffset, long timestampNs) {
    sink.onEvent(BlockEventType.FLUSH, blockId, walOffset, timestampNs);
  }

  /** Takes the end of a block. */
  public void onBlockDelete(long blockId, long walOffset, long timestampNs) {
    sink.onEvent(BlockEventType.DELETE, blockId, walOffset, timestampNs);
  }

  /**
   * Waits until everything that this thread gave before is applied, or lies in a journaled gap. In
   * STRICT it is durable then.
   *
   * @return a journal position behind all of it, for {@link #awaitDurable}
   */
  public long flush() throws InterruptedException {
    long end = ring.tail();
    long losses = lost.added();
    drained.await(end, Long.MAX_VALUE);
    writer.lossesJournaled().await(losses, Long.MAX_VALUE);
    return applied.get();
  }

  /**
   * Waits until everything through a journal position is visible to questions.
   *
   * @return false if the time was over before
   */
  public boolean awaitApplied(long position, long timeoutMs) throws InterruptedException {
    return applied.await(position, timeoutMs);
  }

  /**
   * Waits until everything through a journal position survives a power cut; in ASYNC it has it
   * forced.
   *
   * @param position what {@link #flush} returned
   * @return false if the time was over before
   */
  public boolean awaitDurable(long position, long timeoutMs) throws InterruptedException {
    forcer.request(position);
    return durable.await(position, timeoutMs);
  }

  /** Returns what was done so far. */
  public PipelineStatistics statistics() {
    Throwable failed = failure;
    String refusal = writer.refusal();
    int waiting = ring.size();
    return new PipelineStatistics(
        failed != null
            ? Status.FAILED
            : isClosed ? Status.CLOSED : refusal != null ? Status.HELD_BACK : Status.RUNNING,
        failed != null ? failed.toString() : refusal,
        writer.eventsTaken() + waiting,
        writer.eventsApplied(),
        lost.added(),
        writer.gaps(),
        sink.heldBackNs(),
        waiting,
        ring.capacity(),
        writer.batches(),
        writer.refusals(),
        forcer.forces(),
        applied.get(),
        durable.get(),
        new PipelineAnomalies(
            writer.behind(),
            writer.late(),
            anomalies.createsOnDirty(),
            anomalies.updatesOnDeleted()),
        writer.completeThrough());
  }

  /**
   * Lets nothing more in, applies everything that was given before, forces it and ends; does
   * nothing if it is closed already. Interrupts do not end the waiting.
   *
   * @throws StoreFailedException if the pipeline failed: what was not applied is not in the store,
   *     and what is not durable may be missing when it is opened again. The same if the store had
   *     no space to the end
   */
  @Override
  public void close() {
    if (isClosed) {
      return;
    }
    if (failure == null) {
      ring.close(() -> new IllegalStateException("pipeline is closed: shard=" + shard));
    }
    join(writerThread);
    forcer.stop();
    if (forcerThread != null) {
      join(forcerThread);
    }
    isClosed = true;
    Throwable failed = failure;
    if (failed != null) {
      throw new StoreFailedException(failureMessage(failed));
    }
    closeAll(() -> new IllegalStateException("pipeline is closed: shard=" + shard));
  }

  private static void join(Thread thread) {
    boolean wasInterrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        wasInterrupted = true;
      }
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
