package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.StoreFullException;
import io.tidemark.ingest.BlockEventSink;
import io.tidemark.ingest.EventRing;
import io.tidemark.ingest.LostInterval;
import io.tidemark.ingest.Watermark;
import io.tidemark.journal.RecordBuffer;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that takes a pipeline's events out of the ring, journals and folds them.
 *
 * <p>Ends when the ring is closed and drained. Counters may be read by any thread.
 */
final class PipelineWriter {

  /*
   * A step holds the engine alone. It drains a batch into the record, journals what was lost, and then
   * appends the batch, and behind it what is complete with it.
   *
   * Lost events. An event that was lost before somebody declared its offset complete is in the slot
   * before the declaration is in the ring. The slot is therefore looked at after the drain, and what is
   * in it is journaled before the batch: a gap is never behind the promise that would hide it.
   *
   * Refusals. A step that the store refuses for want of space is done again. What it got done it does
   * not do twice: the record is empty, the loss or the declaration forgotten, as soon as it is applied.
   * Only events are kept in the record: what is declared is worked out anew, because somebody else may
   * have declared a gap meanwhile.
   *
   * Order of publication: applied, durable if every batch is forced, then the place in the ring. Who
   * waits for the place finds the others.
   */

  private static final Logger LOG = LoggerFactory.getLogger(PipelineWriter.class);

  /** Events and promises of one batch; more make readers wait longer for the engine. */
  private static final int MAX_BATCH = 4096;

  private static final long MIN_RETRY_NS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long MAX_RETRY_NS = TimeUnit.MILLISECONDS.toNanos(250);

  /** Something that is said of the log, and not together with events. */
  @FunctionalInterface
  private interface Declaration {
    void make(ChangeTracker tracker, LogDeclarations declarations) throws IOException;
  }

  /** What is told of every step before it counts as done. */
  @FunctionalInterface
  interface AppliedHandler {

    /** Everything through a journal position is applied; called by the writer. */
    void onApplied(long position);
  }

  private final BitmapEngine engine;
  private final EventRing ring;
  private final LostInterval lost;
  private final Watermark applied;
  private final Watermark drained;
  private final AppliedHandler handler;
  private final RecordBuffer record = new RecordBuffer();
  private final Batch batch = new Batch();
  private final Watermark lossesJournaled = new Watermark(0);
  private final BitmapEngine.PipelineStep step = this::step;
  private final IdleStrategy beingWritten = new BackoffIdleStrategy();

  private LostInterval.@Nullable Taken loss;
  private long losses;
  private long events;
  private long position;
  private @Nullable WalPosition complete;

  // Written by the writer, read by any thread.
  private final AtomicLong eventsTaken = new AtomicLong();
  private final AtomicLong eventsApplied = new AtomicLong();
  private final AtomicLong batches = new AtomicLong();
  private final AtomicLong eventsBehind = new AtomicLong();
  private final AtomicLong eventsLate = new AtomicLong();
  private final AtomicLong gaps = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();
  private volatile @Nullable String refusal;
  private volatile @Nullable WalPosition completeThrough;

  PipelineWriter(
      BitmapEngine engine,
      EventRing ring,
      LostInterval lost,
      Watermark applied,
      Watermark drained,
      AppliedHandler handler) {
    this.engine = engine;
    this.ring = ring;
    this.lost = lost;
    this.applied = applied;
    this.drained = drained;
    this.handler = handler;
    this.position = applied.get();
  }

  /**
   * Works until the ring is closed and drained.
   *
   * @throws StoreFullException if it was closed while the store refused events: those are not
   *     applied
   * @throws IOException if it was closed while a segment could not be written
   */
  void run() throws IOException {
    while (!ring.isDrained() || lost.isPending()) {
      if (ring.isEmpty() && !lost.isPending()) {
        ring.awaitMessage();
      } else {
        beingWritten.idle(doBatch() ? 1 : 0);
      }
    }
  }

  /** Returns false if there was nothing to do yet. */
  private boolean doBatch() throws IOException {
    long before = position;
    stepUntilTaken();
    long end = ring.head();
    if (position == before && end == drained.get()) {
      return false;
    }
    completeThrough = complete;
    eventsApplied.set(events);
    batches.incrementAndGet();
    applied.advance(position);
    handler.onApplied(position);
    lossesJournaled.advance(losses);
    drained.advance(end);
    return true;
  }

  private void stepUntilTaken() throws IOException {
    long retryNs = MIN_RETRY_NS;
    while (true) {
      // A stop that comes now is seen after the next refusal.
      boolean isLastTry = ring.isClosed();
      try {
        engine.step(step);
        if (refusal != null) {
          LOG.info("store takes events again: position={}", position);
          refusal = null;
        }
        return;
      } catch (StoreFullException | IOException e) {
        refusals.incrementAndGet();
        if (refusal == null) {
          LOG.warn("store refuses events, they are held back: cause={}", e.toString());
        }
        refusal = e.toString();
        if (isLastTry) {
          throw e;
        }
      }
      LockSupport.parkNanos(this, retryNs);
      retryNs = Math.min(2 * retryNs, MAX_RETRY_NS);
    }
  }

  private void step(ChangeTracker tracker, LogDeclarations declarations) throws IOException {
    int generation = tracker.coverage().generation();
    if (record.count() > 0) {
      if (record.generation() != generation) {
        throw new IllegalStateException(
            "generation began while events of the one before were refused: events="
                + record.count()
                + ", generation="
                + generation);
      }
      tracker.append(record);
    } else if (!batch.isPending()) {
      record.generation(generation);
      batch.drain(tracker);
    }
    LostInterval.Taken taken = loss;
    if (taken == null && lost.isPending()) {
      taken = lost.take();
      loss = taken;
    }
    if (taken != null) {
      declarations.gap(taken.first(), taken.last(), "event ring was full: events=" + taken.count());
      loss = null;
      losses += taken.count();
      gaps.incrementAndGet();
    }
    batch.append(tracker, declarations);
    position = tracker.position();
  }

  /** Returns how many events were taken out of the ring. */
  long eventsTaken() {
    return eventsTaken.get();
  }

  /** Returns how many events were applied. */
  long eventsApplied() {
    return eventsApplied.get();
  }

  /** Returns how many batches were applied. */
  long batches() {
    return batches.get();
  }

  /** Returns how many events were below one that was given before. */
  long behind() {
    return eventsBehind.get();
  }

  /** Returns how many events were at or below what had been declared complete. */
  long late() {
    return eventsLate.get();
  }

  /** Returns how many gaps were journaled for want of room in the ring. */
  long gaps() {
    return gaps.get();
  }

  /** Returns how often the store refused a batch. */
  long refusals() {
    return refusals.get();
  }

  /** Returns why the store refuses events now; null if it does not. */
  @Nullable String refusal() {
    return refusal;
  }

  /** Returns through where the log was declared complete by what is applied. */
  @Nullable WalPosition completeThrough() {
    return completeThrough;
  }

  /** Returns how many lost events lie in a journaled gap. */
  Watermark lossesJournaled() {
    return lossesJournaled;
  }

  /** What was drained and is not applied yet. */
  private final class Batch implements BlockEventSink {
    private boolean isComplete;
    private long completeThrough;
    private @Nullable Declaration declaration;
    private int generation;

    // Of the present generation; below nothing is unusual. An offset is unsigned.
    private boolean hasHighest;
    private long highest;
    private boolean hasPromised;
    private long promised;
    private long behind;
    private long late;

    boolean isPending() {
      return record.count() > 0 || isComplete || declaration != null;
    }

    void drain(ChangeTracker tracker) {
      if (generation != record.generation()) {
        generation = record.generation();
        hasHighest = false;
        beginPromises(tracker.coverage());
      }
      ring.drain(this, MAX_BATCH);
      eventsTaken.set(events);
      eventsBehind.lazySet(behind);
      eventsLate.lazySet(late);
    }

    /** What was complete before a rollback is, as far as the log did not go back. */
    private void beginPromises(Coverage coverage) {
      Long through = coverage.completeThrough();
      long firstOwn = coverage.firstOwn(generation);
      if (through != null) {
        hasPromised = true;
        promised = through;
      } else if (firstOwn == 0) {
        hasPromised = false;
      } else if (Long.compareUnsigned(promised, firstOwn - 1) > 0) {
        promised = firstOwn - 1;
      }
    }

    private void look(long walOffset) {
      if (!hasHighest || Long.compareUnsigned(walOffset, highest) >= 0) {
        hasHighest = true;
        highest = walOffset;
      } else {
        behind++;
      }
      if (hasPromised && Long.compareUnsigned(walOffset, promised) <= 0) {
        late++;
      }
    }

    void append(ChangeTracker tracker, LogDeclarations declarations) throws IOException {
      Declaration alone = declaration;
      if (alone != null) {
        alone.make(tracker, declarations);
        declaration = null;
      }
      if (record.count() > 0) {
        tracker.append(record);
      }
      if (isComplete) {
        declarations.completeThrough(completeThrough);
        isComplete = false;
        WalPosition declared = new WalPosition(record.generation(), completeThrough);
        WalPosition before = complete;
        complete = before == null || declared.compareTo(before) > 0 ? declared : before;
      }
    }

    @Override
    public void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {
      record.event(type, blockId, walOffset, timestampNs);
      look(walOffset);
      events++;
    }

    @Override
    public void onFlushAll(long walOffset, long timestampNs) {
      record.flushAll(walOffset, timestampNs);
      events++;
    }

    /** What is declared last holds: nothing that comes between promises can be taken back. */
    @Override
    public void completeThrough(long walOffset) {
      if (!isComplete || Long.compareUnsigned(walOffset, completeThrough) > 0) {
        completeThrough = walOffset;
      }
      isComplete = true;
      if (!hasPromised || Long.compareUnsigned(walOffset, promised) > 0) {
        hasPromised = true;
        promised = walOffset;
      }
    }

    @Override
    public void continueFrom(long walOffset) {
      declaration = (tracker, declarations) -> declarations.continueFrom(walOffset);
    }

    @Override
    public void gap(long first, long last, String reason) {
      declaration = (tracker, declarations) -> declarations.gap(first, last, reason);
    }

    /** A generation that was begun and then refused is ended by the next step itself. */
    @Override
    public void rolledBack(long firstOwn, long timestampNs) {
      int old = generation;
      declaration =
          (tracker, declarations) -> {
            if (tracker.coverage().generation() == old) {
              declarations.beginGeneration(firstOwn, timestampNs);
            }
          };
    }
  }
}
