package io.tidemark.restore;

/**
 * Which runs are to be kept; one that any of the rules keeps, or that another one needs, is kept.
 *
 * @param keepRuns the newest of each chain; at least 1
 * @param keepMs those not older than this; 0 for no such rule
 * @param maxBytes the oldest are let go until the archive takes no more than this; {@link
 *     Long#MAX_VALUE} for no such rule. It goes before the other rules but for the newest run
 */
public record PrunePolicy(int keepRuns, long keepMs, long maxBytes) {

  /** Checks the limits. */
  public PrunePolicy {
    if (keepRuns < 1 || keepMs < 0 || maxBytes < 0) {
      throw new IllegalArgumentException(
          "prune rule out of range: keepRuns="
              + keepRuns
              + ", keepMs="
              + keepMs
              + ", maxBytes="
              + maxBytes);
    }
  }
}
