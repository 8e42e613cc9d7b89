package io.tidemark.tdengine.taosdump;

/**
 * What a call of taosdump is taken to cost; only estimates depend on it, and the choice between
 * many small calls and few large ones.
 *
 * @param callMs the least a call takes, however little it copies
 * @param rowsPerSecond how fast it copies
 * @param rowsPerBlock how many rows a block is taken to hold
 */
public record CallCosts(long callMs, long rowsPerSecond, long rowsPerBlock) {
  private static final long MS_PER_SECOND = 1_000;

  /** As measured with taosdump 3.3.7.5 on two cores, for blocks of a row every few seconds. */
  public static final CallCosts DEFAULTS = new CallCosts(1_500, 1_300_000, 10_000);

  /** Checks that a cost can be computed. */
  public CallCosts {
    if (callMs < 0 || rowsPerSecond < 1 || rowsPerBlock < 1) {
      throw new IllegalArgumentException(
          "impossible costs: callMs="
              + callMs
              + ", rowsPerSecond="
              + rowsPerSecond
              + ", rowsPerBlock="
              + rowsPerBlock);
    }
  }

  /** Returns how long a number of calls that copy a number of blocks in all take. */
  long ms(long calls, long blocks) {
    return (long) (calls * (double) callMs + rowsMs(blocks));
  }

  /** Returns whether copying blocks that nobody asked for takes less time than one more call. */
  boolean isCheaperThanACall(long surplusBlocks) {
    return rowsMs(surplusBlocks) <= callMs;
  }

  private double rowsMs(long blocks) {
    return blocks * (double) rowsPerBlock * MS_PER_SECOND / rowsPerSecond;
  }
}
