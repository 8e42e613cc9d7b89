package io.tidemark.tracker;

import io.tidemark.errors.MovedOnException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Long answers that readers turn the pages of: each is held until its last page was read, or until
 * nobody asked for a page of it for the length of a lease.
 *
 * <p>Thread-safe.
 */
final class AnswerLeases {

  /** Answers held at most; one more gives up the one that was asked for least recently. */
  static final int MAX_LEASES = 64;

  private static final long NS_PER_MS = 1_000_000;

  /** An answer and when it was last asked for. */
  private record Lease(ChangeSet answer, long usedNs) {}

  private final long epoch;
  private final long leaseMs;
  private final LongSupplier nanoClock;

  /** By number, the least recently used first. */
  private final Map<Long, Lease> leases = new LinkedHashMap<>();

  private long lastLease;

  /**
   * Creates no leases.
   *
   * @param epoch opening of the store; cursors of another one are refused
   * @param leaseMs how long an answer is held for its next page
   * @param nanoClock monotonic, ns
   */
  AnswerLeases(long epoch, long leaseMs, LongSupplier nanoClock) {
    this.epoch = epoch;
    this.leaseMs = leaseMs;
    this.nanoClock = nanoClock;
  }

  /**
   * Returns the first page of an answer, which is held if it has more than one.
   *
   * @param maxBlocks blocks of the page, at least 1
   */
  synchronized BlockPage first(ChangeSet answer, int maxBlocks) {
    giveUpOld();
    return page(answer, ++lastLease, 0, maxBlocks);
  }

  /**
   * Returns the page that begins at a cursor, and renews the lease.
   *
   * @throws MovedOnException if the answer is not held any more
   */
  synchronized BlockPage next(PageCursor cursor, int maxBlocks) {
    giveUpOld();
    Lease lease = cursor.epoch() == epoch ? leases.remove(cursor.lease()) : null;
    if (lease == null) {
      throw new MovedOnException(
          "answer is not held any more: leaseMs=" + leaseMs + ", cursor=" + cursor);
    }
    if (cursor.next() < 0 || cursor.next() > lease.answer.changes().size()) {
      leases.put(cursor.lease(), lease);
      throw new IllegalArgumentException("cursor is of no page: cursor=" + cursor);
    }
    return page(lease.answer, cursor.lease(), cursor.next(), maxBlocks);
  }

  private BlockPage page(ChangeSet answer, long number, int first, int maxBlocks) {
    int size = answer.changes().size();
    if (size - first <= maxBlocks) {
      return BlockPage.of(answer, first, size, null);
    }
    while (leases.size() >= MAX_LEASES) {
      leases.remove(leases.keySet().iterator().next());
    }
    leases.put(number, new Lease(answer, nanoClock.getAsLong()));
    int end = first + maxBlocks;
    return BlockPage.of(answer, first, end, new PageCursor(epoch, number, end));
  }

  private void giveUpOld() {
    long nowNs = nanoClock.getAsLong();
    Iterator<Lease> oldest = leases.values().iterator();
    while (oldest.hasNext() && nowNs - oldest.next().usedNs > leaseMs * NS_PER_MS) {
      oldest.remove();
    }
  }

  /** Lets go of an answer whose other pages are not wanted; does nothing if it is not held. */
  synchronized void release(PageCursor cursor) {
    if (cursor.epoch() == epoch) {
      leases.remove(cursor.lease());
    }
  }

  /** Lets go of all answers. */
  synchronized void releaseAll() {
    leases.clear();
  }
}
