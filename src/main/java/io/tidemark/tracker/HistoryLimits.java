package io.tidemark.tracker;

/**
 * How long every single change is kept; older history is folded into the base, which keeps the
 * first and last change of each block.
 *
 * @param horizonNs age of a change behind the newest one, by event timestamps, ns
 * @param maxBytes length of all segments together
 */
public record HistoryLimits(long horizonNs, long maxBytes) {
  private static final long DAY_NS = 86_400_000_000_000L;

  /** Everything is kept for ever. */
  public static final HistoryLimits NONE = new HistoryLimits(Long.MAX_VALUE, Long.MAX_VALUE);

  /** 30 days, 64 GiB. */
  public static final HistoryLimits DEFAULTS = new HistoryLimits(30 * DAY_NS, 64L << 30);

  /** Checks the limits. */
  public HistoryLimits {
    if (horizonNs < 0 || maxBytes < 0) {
      throw new IllegalArgumentException(
          "history limit is negative: horizonNs=" + horizonNs + ", maxBytes=" + maxBytes);
    }
  }
}
