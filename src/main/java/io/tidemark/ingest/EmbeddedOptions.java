package io.tidemark.ingest;

import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.SystemEpochNanoClock;

/**
 * How an embedded engine keeps its files.
 *
 * @param firstWalOffset WAL offset of the first change of an engine that is created, at least 1;
 *     unsigned; of no meaning for one that is there
 * @param flushBytes log after which the next change flushes first; so much is replayed at an
 *     opening at most, and the ids of what was changed since the last flush are held in memory
 * @param logRollBytes length at which a file of the log is followed by the next one
 * @param logKeepBytes log that is kept although everything in it was flushed: how far a source can
 *     go back, and the engine be rolled back
 * @param dataFileBytes length at which a data file is followed by the next one
 * @param mergeFanIn runs of data files of about one size that are merged into one, at least 2
 * @param clock timestamps of changes, ns since the epoch
 */
public record EmbeddedOptions(
    long firstWalOffset,
    long flushBytes,
    long logRollBytes,
    long logKeepBytes,
    int dataFileBytes,
    int mergeFanIn,
    EpochNanoClock clock) {

  private static final long MAX_FLUSH_BYTES = 1L << 38;
  private static final int MAX_DATA_FILE_BYTES = 1 << 30;

  /** Checks the limits. */
  public EmbeddedOptions {
    if (firstWalOffset == 0
        || Long.compareUnsigned(firstWalOffset, EmbeddedEngine.LAST_WAL_OFFSET) > 0
        || flushBytes < 1
        || flushBytes > MAX_FLUSH_BYTES
        || logRollBytes < 1
        || logKeepBytes < 0
        || dataFileBytes < 1
        || dataFileBytes > MAX_DATA_FILE_BYTES
        || mergeFanIn < 2) {
      throw new IllegalArgumentException(
          "embedded engine option out of range: firstWalOffset="
              + Long.toUnsignedString(firstWalOffset)
              + ", flushBytes="
              + flushBytes
              + ", logRollBytes="
              + logRollBytes
              + ", logKeepBytes="
              + logKeepBytes
              + ", dataFileBytes="
              + dataFileBytes
              + ", mergeFanIn="
              + mergeFanIn);
    }
  }

  /** Returns the usual options: a flush each 64 MiB, 256 MiB of log kept, the system's clock. */
  public static EmbeddedOptions defaults() {
    return new EmbeddedOptions(
        1, 64L << 20, 16L << 20, 256L << 20, 64 << 20, 4, SystemEpochNanoClock.INSTANCE);
  }
}
