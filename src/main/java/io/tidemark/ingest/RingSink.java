package io.tidemark.ingest;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.Hole;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * What puts events into a ring, and says what happens when it is full: whoever gives one is held
 * back, up to a limit; then the event is lost and its WAL offset becomes part of a gap.
 *
 * <p>What is declared of the log is never lost: it waits as long as it takes. Interrupts do not end
 * the waiting, and are kept for the caller. Thread-safe; no allocation for an event that finds
 * room.
 */
public final class RingSink implements BlockEventSink {

  /** Waits as long as it takes: no event is lost. */
  public static final long WITHOUT_LIMIT = Long.MAX_VALUE;

  private static final long MIN_PARK_NS = 1_000;
  private static final long MAX_PARK_NS = 1_000_000;

  private final EventRing ring;
  private final LostInterval lost;
  private final long limitNs;
  private final LongAdder heldBackNs = new LongAdder();
  private final Watermark drained;

  /**
   * Creates a sink.
   *
   * @param lost takes the WAL offsets of events that were given up
   * @param drained the place in the ring through which everything is done with
   * @param limitMs how long an event waits for room at most: 0 for not at all, {@link
   *     #WITHOUT_LIMIT}
   */
  public RingSink(EventRing ring, LostInterval lost, Watermark drained, long limitMs) {
    this.ring = ring;
    this.lost = lost;
    this.drained = drained;
    this.limitNs = TimeUnit.MILLISECONDS.toNanos(limitMs);
  }

  /** Returns for how long threads were held back so far, all together, in ns. */
  public long heldBackNs() {
    return heldBackNs.sum();
  }

  /** Something that is offered again until there is room. */
  @FunctionalInterface
  private interface Offer {
    boolean isTaken();
  }

  @Override
  public void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {
    if (!ring.offerEvent(type, blockId, walOffset, timestampNs)
        && !isTaken(() -> ring.offerEvent(type, blockId, walOffset, timestampNs), limitNs)) {
      lose(walOffset);
    }
  }

  @Override
  public void onFlushAll(long walOffset, long timestampNs) {
    if (!ring.offerFlushAll(walOffset, timestampNs)
        && !isTaken(() -> ring.offerFlushAll(walOffset, timestampNs), limitNs)) {
      lose(walOffset);
    }
  }

  private void lose(long walOffset) {
    lost.add(walOffset);
    ring.wake();
  }

  @Override
  public void completeThrough(long walOffset) {
    if (!ring.offerCompleteThrough(walOffset)) {
      declare(() -> ring.offerCompleteThrough(walOffset));
    }
  }

  @Override
  public void continueFrom(long walOffset) {
    declare(() -> ring.offerContinueFrom(walOffset));
  }

  @Override
  public void gap(long first, long last, String reason) {
    Hole.checkBounds(first, last);
    declare(() -> ring.offerGap(first, last, reason));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Returns when it is journaled, so that what is lost from now on is lost of the new content.
   */
  @Override
  public void rolledBack(long firstOwn, long timestampNs) {
    declare(() -> ring.offerRolledBack(firstOwn, timestampNs));
    long end = ring.tail();
    boolean wasInterrupted = false;
    while (true) {
      try {
        drained.await(end, Long.MAX_VALUE);
        break;
      } catch (InterruptedException e) {
        wasInterrupted = true;
      }
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void declare(Offer offer) {
    boolean isTaken = isTaken(offer, Long.MAX_VALUE);
    assert isTaken : "declaration was given up: tail=" + ring.tail();
  }

  /** Offers until it is taken or the time is over. */
  private boolean isTaken(Offer offer, long timeNs) {
    if (offer.isTaken()) {
      return true;
    }
    long startNs = System.nanoTime();
    long parkNs = MIN_PARK_NS;
    boolean wasInterrupted = false;
    boolean isTaken = false;
    try {
      while (!isTaken && System.nanoTime() - startNs < timeNs) {
        LockSupport.parkNanos(this, parkNs);
        wasInterrupted |= Thread.interrupted();
        parkNs = Math.min(parkNs * 2, MAX_PARK_NS);
        isTaken = offer.isTaken();
      }
      return isTaken;
    } finally {
      heldBackNs.add(System.nanoTime() - startNs);
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
