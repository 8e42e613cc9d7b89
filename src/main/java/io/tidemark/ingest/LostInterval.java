package io.tidemark.ingest;

/**
 * The WAL offsets of events that were given up because the ring was full, until they are journaled
 * as a gap: one interval that grows.
 *
 * <p>Any number of threads add; one takes.
 */
public final class LostInterval {
  private long first;
  private long last;
  private long added;
  private long taken;

  /** Whether there is something to take; written under the lock, read without it. */
  private volatile boolean isPending;

  /** Adds an event that will not be offered again. */
  synchronized void add(long walOffset) {
    if (!isPending) {
      first = walOffset;
      last = walOffset;
      isPending = true;
    } else if (Long.compareUnsigned(walOffset, first) < 0) {
      first = walOffset;
    } else if (Long.compareUnsigned(walOffset, last) > 0) {
      last = walOffset;
    }
    added++;
  }

  /** Returns whether there is something to take. */
  public boolean isPending() {
    return isPending;
  }

  /** Returns how many events were added so far. */
  public synchronized long added() {
    return added;
  }

  /** A closed interval of WAL offsets in which {@code count} events were lost. */
  public record Taken(long first, long last, long count) {}

  /** Takes what was added since the last time; {@link #isPending} must be true. */
  public synchronized Taken take() {
    assert isPending : "nothing was lost: added=" + added;
    Taken result = new Taken(first, last, added - taken);
    taken = added;
    isPending = false;
    return result;
  }
}
