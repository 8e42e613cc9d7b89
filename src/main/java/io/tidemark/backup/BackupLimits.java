package io.tidemark.backup;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * How fast a backup may read: bytes and blocks a second, which may be changed while it runs.
 *
 * <p>Thread-safe. A block is never cut: one that is longer than a second's worth is read at once
 * and paid for afterwards.
 */
public final class BackupLimits {

  /** No limit. */
  public static final long UNLIMITED = 0;

  private static final long NS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  /** A change of the limits, and a cancellation, is noticed within this. */
  private static final long MAX_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Something that lets time pass. */
  @FunctionalInterface
  public interface Pause {

    /** Returns after about so many ns. */
    void pause(long ns) throws InterruptedException;
  }

  private final LongSupplier nanoClock;
  private final Pause pause;
  private volatile long bytesPerSecond;
  private volatile long blocksPerSecond;

  // Guarded by this. What may still be read, negative if it has to be paid for first.
  private double bytesLeft;
  private double blocksLeft;
  private long lastNs;

  /** Begins without limits. */
  public BackupLimits(LongSupplier nanoClock, Pause pause) {
    this.nanoClock = nanoClock;
    this.pause = pause;
    this.lastNs = nanoClock.getAsLong();
  }

  /**
   * Sets both limits; they hold from now on.
   *
   * @param newBytesPerSecond {@link #UNLIMITED} for none
   * @param newBlocksPerSecond {@link #UNLIMITED} for none
   */
  public void change(long newBytesPerSecond, long newBlocksPerSecond) {
    if (newBytesPerSecond < 0 || newBlocksPerSecond < 0) {
      throw new IllegalArgumentException(
          "limit is negative: bytesPerSecond="
              + newBytesPerSecond
              + ", blocksPerSecond="
              + newBlocksPerSecond);
    }
    bytesPerSecond = newBytesPerSecond;
    blocksPerSecond = newBlocksPerSecond;
  }

  /**
   * Takes note of a block that was read, and waits until the limits allow the next one.
   *
   * @param isStopped asked between pauses; true ends the wait
   */
  void pay(long bytes, BooleanSupplier isStopped) throws InterruptedException {
    synchronized (this) {
      refill();
      bytesLeft -= bytes;
      blocksLeft -= 1;
    }
    for (long ns = debtNs(); ns > 0 && !isStopped.getAsBoolean(); ns = debtNs()) {
      pause.pause(Math.min(ns, MAX_PAUSE_NS));
    }
  }

  private synchronized long debtNs() {
    refill();
    return Math.max(debtNs(bytesLeft, bytesPerSecond), debtNs(blocksLeft, blocksPerSecond));
  }

  private static long debtNs(double left, long perSecond) {
    return perSecond == UNLIMITED || left >= 0 ? 0 : (long) (-left / perSecond * NS_PER_SECOND) + 1;
  }

  /** What was not used is kept for a tenth of a second. */
  private void refill() {
    long now = nanoClock.getAsLong();
    double seconds = (double) (now - lastNs) / NS_PER_SECOND;
    lastNs = now;
    bytesLeft = refilled(bytesLeft, bytesPerSecond, seconds);
    blocksLeft = refilled(blocksLeft, blocksPerSecond, seconds);
  }

  private static double refilled(double left, long perSecond, double seconds) {
    return perSecond == UNLIMITED ? 0 : Math.min(left + perSecond * seconds, perSecond / 10.0);
  }
}
