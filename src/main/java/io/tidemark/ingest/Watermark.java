package io.tidemark.ingest;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A position that one thread advances and any thread reads or waits for.
 *
 * <p>It never goes back. To advance it costs one volatile write while nobody waits.
 */
public final class Watermark {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private volatile long position;
  private final AtomicInteger waiters = new AtomicInteger();
  private volatile @Nullable Supplier<RuntimeException> refusal;

  /** Creates a watermark that stands at a position. */
  public Watermark(long position) {
    this.position = position;
  }

  /** Returns where it stands. */
  public long get() {
    return position;
  }

  /** Moves it; one thread at a time. */
  public void advance(long newPosition) {
    assert newPosition >= position
        : "position went back: last=" + position + ", next=" + newPosition;
    position = newPosition;
    // Who waits says so before looking at the position.
    if (waiters.get() > 0) {
      wakeAll();
    }
  }

  /**
   * Lets nobody wait any more, because it stands still from now on.
   *
   * @param why makes what is thrown at whoever waits
   */
  public void close(Supplier<RuntimeException> why) {
    refusal = why;
    wakeAll();
  }

  private void wakeAll() {
    lock.lock();
    try {
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until it stands at a position or behind it.
   *
   * @param timeoutMs how long at most; {@link Long#MAX_VALUE} for as long as it takes
   * @return false if the time was over before
   * @throws RuntimeException if it will never be reached: the one that {@link #close} was given
   */
  public boolean await(long wanted, long timeoutMs) throws InterruptedException {
    if (position >= wanted) {
      return true;
    }
    long remainingNs = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    lock.lockInterruptibly();
    waiters.incrementAndGet();
    try {
      while (position < wanted) {
        Supplier<RuntimeException> why = refusal;
        if (why != null) {
          throw why.get();
        }
        if (remainingNs <= 0) {
          return false;
        }
        remainingNs = moved.awaitNanos(remainingNs);
      }
      return true;
    } finally {
      waiters.decrementAndGet();
      lock.unlock();
    }
  }
}
