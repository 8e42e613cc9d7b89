package io.tidemark.ingest;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How one thread waits for others that are mostly busy: it looks again at once, then soon, and at
 * last sleeps until it is woken.
 *
 * <p>Interrupts do not end the waiting. No allocation.
 */
public final class Sleeper {

  /*
   * While something comes every few microseconds, short sleeps take it in batches and nobody pays for
   * waking anybody. After some milliseconds without anything the thread says that it sleeps, looks once
   * more, and sleeps without end. What is waited for is made true before a waker looks for a sleeper,
   * so one of the two sees the other.
   */

  private static final VarHandle SLEEPING;

  static {
    try {
      SLEEPING = MethodHandles.lookup().findVarHandle(Sleeper.class, "sleeping", Thread.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final int SPINS = 20;
  private static final int NAPS = 40;

  /** The kernel adds some 50 us. */
  private static final long NAP_NS = 20_000;

  private final BooleanSupplier isDue;
  private volatile @Nullable Thread sleeping;
  private volatile boolean isCalled;

  /**
   * Creates a sleeper.
   *
   * @param isDue whether there is something to do; asked by the thread that waits
   */
  public Sleeper(BooleanSupplier isDue) {
    this.isDue = isDue;
  }

  /** Waits until there is something to do, or {@link #call} was called. One thread. */
  public void sleep() {
    for (int i = 0; i < SPINS + NAPS; i++) {
      if (isOver()) {
        return;
      }
      if (i < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(this, NAP_NS);
      }
    }
    boolean wasInterrupted = false;
    sleeping = Thread.currentThread();
    while (!isOver()) {
      LockSupport.park(this);
      wasInterrupted |= Thread.interrupted();
      // Whoever woke it took it for awake.
      sleeping = Thread.currentThread();
    }
    sleeping = null;
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isOver() {
    if (isCalled) {
      isCalled = false;
      return true;
    }
    return isDue.getAsBoolean();
  }

  /** Wakes the thread if it sleeps, because there is something to do now. */
  public void wake() {
    Thread thread = sleeping;
    if (thread != null && SLEEPING.compareAndSet(this, thread, (Thread) null)) {
      LockSupport.unpark(thread);
    }
  }

  /** Ends the waiting once, whether there is something to do or not. */
  public void call() {
    isCalled = true;
    wake();
  }
}
