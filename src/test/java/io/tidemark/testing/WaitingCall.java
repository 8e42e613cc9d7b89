package io.tidemark.testing;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** A call in a thread of its own that is known to wait for something. */
public final class WaitingCall<T> extends FutureTask<T> {
  private final Thread thread;

  private WaitingCall(Callable<T> call) {
    super(call);
    thread = new Thread(this);
    thread.setDaemon(true);
  }

  /** Starts a call and returns when it waits; fails if it ends instead. */
  public static <T> WaitingCall<T> start(Callable<T> call) {
    WaitingCall<T> started = new WaitingCall<>(call);
    started.thread.start();
    while (!started.isWaiting()) {
      if (started.isDone()) {
        throw new AssertionError("it did not wait");
      }
      Thread.onSpinWait();
    }
    return started;
  }

  private boolean isWaiting() {
    Thread.State state = thread.getState();
    return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
  }

  /** Interrupts its thread, and returns when that has taken note. */
  public void interrupt() {
    thread.interrupt();
    while (thread.isInterrupted()) {
      Thread.onSpinWait();
    }
  }
}
