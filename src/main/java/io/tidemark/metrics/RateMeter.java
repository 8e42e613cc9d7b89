package io.tidemark.metrics;

/**
 * How fast a total grows, over the last whole interval of a second or more.
 *
 * <p>Reads no clock: whoever brings the total brings the time. Single thread.
 */
public final class RateMeter {
  private static final long INTERVAL_NS_MIN = 1_000_000_000L;

  private long total;
  private long sinceNs;
  private long perSecond;

  /**
   * Begins to measure.
   *
   * @param nowNs time of any clock that does not go back
   */
  public RateMeter(long nowNs) {
    this.sinceNs = nowNs;
  }

  /** Takes in the total at a later time and returns the rate, rounded, per second. */
  public long update(long newTotal, long nowNs) {
    long elapsedNs = nowNs - sinceNs;
    if (elapsedNs >= INTERVAL_NS_MIN) {
      perSecond = Math.round((newTotal - total) * 1e9 / elapsedNs);
      total = newTotal;
      sinceNs = nowNs;
    }
    return perSecond;
  }
}
