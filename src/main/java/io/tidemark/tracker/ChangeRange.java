package io.tidemark.tracker;

import io.tidemark.block.WalPosition;

/**
 * The stretch of the engine's log that a question asks about.
 *
 * <p>Ranges are closed: both ends belong to them. Immutable.
 */
public abstract class ChangeRange {
  private ChangeRange() {}

  /**
   * Returns the range of WAL offsets whose generation the caller does not know; see {@link
   * StoreView#changedInOffsets}.
   *
   * @param first unsigned
   * @param last unsigned
   * @throws IllegalArgumentException if the range ends before it begins
   */
  public static ChangeRange offsets(long first, long last) {
    check(
        Long.compareUnsigned(first, last) <= 0,
        Long.toUnsignedString(first),
        Long.toUnsignedString(last));
    return new Offsets(first, last);
  }

  /**
   * Returns the range of positions.
   *
   * @throws IllegalArgumentException if the range ends before it begins
   */
  public static ChangeRange positions(WalPosition first, WalPosition last) {
    check(first.compareTo(last) <= 0, first, last);
    return new Positions(first, last);
  }

  /**
   * Returns everything after a position, as far as the log was delivered: how a reader goes on that
   * saw everything through it.
   */
  public static ChangeRange after(WalPosition base) {
    return new After(base);
  }

  /**
   * Returns the range of event timestamps, ns.
   *
   * @param lastNs {@code Long.MAX_VALUE} for "as far as the log was delivered"
   * @throws IllegalArgumentException if the range ends before it begins
   */
  public static ChangeRange timestamps(long firstNs, long lastNs) {
    check(firstNs <= lastNs, firstNs, lastNs);
    return new Timestamps(firstNs, lastNs);
  }

  private static void check(boolean isOrdered, Object first, Object last) {
    if (!isOrdered) {
      throw new IllegalArgumentException(
          "range ends before it begins: first=" + first + ", last=" + last);
    }
  }

  /** Returns the question to a view. */
  abstract RangeQuestion question(StoreView view);

  /** Returns whether the range ends beyond what the source has delivered, so that waiting helps. */
  abstract boolean isBeyond(ChangeTracker tracker);

  /** A gap is delivered too: an answer across it is never complete, however long one waits. */
  private static boolean isUndelivered(Coverage coverage, WalPosition position) {
    int newest = Integer.compareUnsigned(position.generation(), coverage.generation());
    Long delivered = coverage.deliveredThrough(coverage.generation());
    return newest > 0
        || (newest == 0
            && (delivered == null || Long.compareUnsigned(position.walOffset(), delivered) > 0));
  }

  private static final class Offsets extends ChangeRange {
    private final long first;
    private final long last;

    Offsets(long first, long last) {
      this.first = first;
      this.last = last;
    }

    @Override
    RangeQuestion question(StoreView view) {
      return view.inOffsets(first, last);
    }

    @Override
    boolean isBeyond(ChangeTracker tracker) {
      Coverage coverage = tracker.coverage();
      return isUndelivered(
          coverage, coverage.normalize(new WalPosition(coverage.generation(), last)));
    }
  }

  private static final class Positions extends ChangeRange {
    private final WalPosition first;
    private final WalPosition last;

    Positions(WalPosition first, WalPosition last) {
      this.first = first;
      this.last = last;
    }

    @Override
    RangeQuestion question(StoreView view) {
      return view.in(first, last);
    }

    @Override
    boolean isBeyond(ChangeTracker tracker) {
      return isUndelivered(tracker.coverage(), last);
    }
  }

  private static final class After extends ChangeRange {
    private final WalPosition base;

    After(WalPosition base) {
      this.base = base;
    }

    @Override
    RangeQuestion question(StoreView view) {
      return view.after(base);
    }

    @Override
    boolean isBeyond(ChangeTracker tracker) {
      Coverage coverage = tracker.coverage();
      boolean isLastOfAll = base.walOffset() == -1 && base.generation() == coverage.generation();
      return !isLastOfAll
          && (coverage.deliveredThrough(coverage.generation()) == null
              || isUndelivered(coverage, coverage.normalize(base)));
    }
  }

  private static final class Timestamps extends ChangeRange {
    private final long firstNs;
    private final long lastNs;

    Timestamps(long firstNs, long lastNs) {
      this.firstNs = firstNs;
      this.lastNs = lastNs;
    }

    @Override
    RangeQuestion question(StoreView view) {
      return view.between(firstNs, lastNs);
    }

    @Override
    boolean isBeyond(ChangeTracker tracker) {
      return tracker.view().isBeyond(lastNs);
    }
  }
}
