package io.tidemark.tdengine.taosdump;

/**
 * How a {@link TaosdumpRunner} works.
 *
 * @param program taosdump's name or path
 * @param connection to the server
 * @param retryCount how often a call that failed is made again, 0 or more
 * @param retryIntervalMs how long before it is, milliseconds, 0 or more
 */
public record RunOptions(
    String program, Connection connection, int retryCount, long retryIntervalMs) {
  /** The taosdump on PATH with its defaults, and three more tries, five seconds apart. */
  public static final RunOptions DEFAULTS =
      new RunOptions("taosdump", Connection.DEFAULTS, 3, 5_000);

  /** Checks the limits. */
  public RunOptions {
    if (retryCount < 0 || retryIntervalMs < 0) {
      throw new IllegalArgumentException(
          "retries out of range: min=0, retryCount="
              + retryCount
              + ", retryIntervalMs="
              + retryIntervalMs);
    }
  }
}
