package io.tidemark.backup;

import io.tidemark.backup.BackupLimits.Pause;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How a coordinator works.
 *
 * @param batchSize blocks of a batch, at least 1: what is done again after a crash at most
 * @param retryCount how often a batch that failed is tried again
 * @param retryIntervalMs wait before the first of these; twice as long before each that follows, to
 *     half a minute
 * @param epochClock ms since the epoch
 * @param nanoClock monotonic, ns
 * @param pause lets time pass
 */
public record BackupOptions(
    int batchSize,
    int retryCount,
    long retryIntervalMs,
    LongSupplier epochClock,
    LongSupplier nanoClock,
    Pause pause) {

  /** Most blocks of a batch: their ids are held in memory. */
  public static final int MAX_BATCH_SIZE = 1_000_000;

  private static final long MAX_RETRY_INTERVAL_MS = 30_000;
  private static final int MAX_RETRY_COUNT = 1000;

  /** Checks the limits. */
  public BackupOptions {
    if (batchSize < 1
        || batchSize > MAX_BATCH_SIZE
        || retryCount < 0
        || retryCount > MAX_RETRY_COUNT
        || retryIntervalMs < 0) {
      throw new IllegalArgumentException(
          "backup option out of range: batchSize="
              + batchSize
              + ", retryCount="
              + retryCount
              + ", retryIntervalMs="
              + retryIntervalMs);
    }
  }

  /** Returns the usual options, those of the specification: batches of 1000, three retries. */
  public static BackupOptions defaults() {
    return new BackupOptions(
        1000, 3, 1000, System::currentTimeMillis, System::nanoTime, TimeUnit.NANOSECONDS::sleep);
  }

  /** Returns the same with another size of batches. */
  public BackupOptions withBatchSize(int size) {
    return new BackupOptions(size, retryCount, retryIntervalMs, epochClock, nanoClock, pause);
  }

  /** Returns the same with other retries. */
  public BackupOptions withRetries(int count, long intervalMs) {
    return new BackupOptions(batchSize, count, intervalMs, epochClock, nanoClock, pause);
  }

  /**
   * Returns how long to wait before a batch is tried again.
   *
   * @param attempt which of the tries that failed it follows, from 1
   */
  long retryIntervalNs(int attempt) {
    long doubled = retryIntervalMs << Math.min(attempt - 1, 15);
    return TimeUnit.MILLISECONDS.toNanos(Math.min(doubled, MAX_RETRY_INTERVAL_MS));
  }
}
