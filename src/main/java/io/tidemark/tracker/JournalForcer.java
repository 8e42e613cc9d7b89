package io.tidemark.tracker;

import io.tidemark.block.WalPosition;
import io.tidemark.ingest.Watermark;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What forces a pipeline's journal, and says through where it is durable.
 *
 * <p>For GROUP and ASYNC a thread of its own runs {@link #run}; for STRICT the writer calls {@link
 * #force} after each batch.
 */
final class JournalForcer {

  /*
   * The thread says from which position on it wants to be woken, looks how far the writer is, and
   * sleeps; the writer moves its mark and then looks at that position. So a batch costs the writer one
   * read while there is nothing to wake.
   */

  private static final Logger LOG = LoggerFactory.getLogger(JournalForcer.class);
  private static final long NEVER = Long.MAX_VALUE;

  private final Runnable journal;
  private final Watermark applied;
  private final Watermark durable;
  private final Supplier<@Nullable WalPosition> completeThrough;
  private final List<DurabilityListener> listeners;
  private final long intervalNs;
  private final long maxEntries;
  private volatile @Nullable Thread thread;
  private volatile long wakeAt = NEVER;
  private volatile long requested;
  private volatile boolean isStopping;
  private final AtomicLong forces = new AtomicLong();

  /** Whether a failure of a listener was logged; one is enough. */
  private boolean hasComplained;

  /**
   * Creates a forcer.
   *
   * @param journal forces everything appended
   * @param applied moved by the writer
   * @param durable moved by this
   * @param completeThrough what is declared complete of what is applied
   */
  JournalForcer(
      Runnable journal,
      Watermark applied,
      Watermark durable,
      Supplier<@Nullable WalPosition> completeThrough,
      List<DurabilityListener> listeners,
      PipelineOptions options) {
    this.journal = journal;
    this.applied = applied;
    this.durable = durable;
    this.completeThrough = completeThrough;
    this.listeners = listeners;
    boolean isOnRequest = options.durability() == Durability.ASYNC;
    this.intervalNs =
        isOnRequest ? NEVER : TimeUnit.MILLISECONDS.toNanos(options.forceIntervalMs());
    this.maxEntries = isOnRequest ? NEVER : options.forceEntries();
    this.requested = durable.get();
  }

  /** Forces what is applied, again and again, until it is stopped; the last force comes after. */
  void run() {
    thread = Thread.currentThread();
    while (true) {
      long done = durable.get();
      sleepUntil(done + 1, NEVER, NEVER);
      if (applied.get() == done) {
        return;
      }
      sleepUntil(later(done, maxEntries), intervalNs, done);
      force();
    }
  }

  private static long later(long position, long entries) {
    return position > NEVER - entries ? NEVER : position + entries;
  }

  /**
   * Sleeps until the writer is at a position, the time is over, somebody asks for more than a
   * position, or it is stopped.
   */
  private void sleepUntil(long position, long timeNs, long unasked) {
    long startNs = System.nanoTime();
    wakeAt = position;
    while (applied.get() < position && requested <= unasked && !isStopping) {
      long remainingNs = timeNs - (System.nanoTime() - startNs);
      if (remainingNs <= 0) {
        break;
      }
      LockSupport.parkNanos(this, remainingNs);
    }
    wakeAt = NEVER;
  }

  /** Forces the journal through what is applied now, and tells it. */
  void force() {
    WalPosition complete = completeThrough.get();
    long position = applied.get();
    journal.run();
    durable.advance(position);
    forces.incrementAndGet();
    for (DurabilityListener listener : listeners) {
      tell(listener, position, complete);
    }
  }

  private void tell(DurabilityListener listener, long position, @Nullable WalPosition complete) {
    try {
      listener.onDurable(position, complete);
    } catch (RuntimeException e) {
      if (!hasComplained) {
        LOG.warn("listener failed: durable={}, listener={}", position, listener, e);
        hasComplained = true;
      }
    }
  }

  /** The writer has applied everything through a position; called by the writer. */
  void onApplied(long position) {
    if (position >= wakeAt) {
      LockSupport.unpark(thread);
    }
  }

  /** Asks for a force of everything applied through a position, without waiting for more. */
  void request(long position) {
    if (intervalNs == NEVER) {
      synchronized (this) {
        requested = Math.max(requested, position);
      }
      LockSupport.unpark(thread);
    }
  }

  /** Ends {@link #run} after what is applied was forced; the writer has ended. */
  void stop() {
    isStopping = true;
    LockSupport.unpark(thread);
  }

  /** Returns how often the journal was forced. */
  long forces() {
    return forces.get();
  }
}
