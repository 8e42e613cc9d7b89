package io.tidemark.tools.agent;

import io.tidemark.tdengine.WalWatch;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Gives each vgroup of an agent one turn after another, until it wants no more.
 *
 * <p>Thread-safe. The threads are its caller's.
 */
final class Turns implements AutoCloseable {
  /*
   * One at a time. A vgroup's next turn is scheduled when its last one ended, or by who ended the wait
   * for it; whoever takes a turn, and nobody else, sees to the next.
   *
   * Rest. A vgroup whose log had nothing new for a while is looked at seldom. Meanwhile the system is
   * asked to tell of the next write to it, which ends the wait. The wait begins before that is asked,
   * and a watch that began just now is followed by one more look: no write falls between. Where the
   * system tells nothing the wait goes on to its end.
   */

  private static final long AFTER_ERROR_MS = 1000;

  private final ScheduledExecutorService workers;
  private final WalWatch walWatch = WalWatch.open();

  /** By identity: one that ended may have a successor of its name, and may not take its turns. */
  private final Map<FollowedVgroup, NextTurn> nextTurns = new ConcurrentHashMap<>();

  Turns(ScheduledExecutorService workers) {
    this.workers = workers;
  }

  /** Gives a vgroup its first turn, and all that follow. */
  void begin(FollowedVgroup vgroup) {
    schedule(vgroup, 0);
  }

  private void schedule(FollowedVgroup vgroup, long waitMs) {
    NextTurn next = new NextTurn();
    nextTurns.put(vgroup, next);
    try {
      next.waiting = workers.schedule(() -> turn(vgroup, next), waitMs, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // The agent is stopping: there is no next turn.
    }
  }

  private void turn(FollowedVgroup vgroup, NextTurn mine) {
    if (!mine.take()) {
      return;
    }
    long waitMs = AFTER_ERROR_MS;
    try {
      waitMs = vgroup.turn();
    } finally {
      // A turn that cannot even tell that it failed is not the last.
      if (waitMs < 0) {
        nextTurns.remove(vgroup, mine);
      } else {
        schedule(vgroup, waitMs);
      }
    }
    if (waitMs >= 0
        && vgroup.isAtRest()
        && walWatch.once(vgroup.place().logDirectory(), () -> stir(vgroup))) {
      wake(vgroup);
    }
  }

  private void stir(FollowedVgroup vgroup) {
    vgroup.stir();
    wake(vgroup);
  }

  /** Gives a vgroup its next turn at once, unless it has it already. */
  private void wake(FollowedVgroup vgroup) {
    NextTurn next = nextTurns.get(vgroup);
    if (next != null && next.take()) {
      Future<?> waiting = next.waiting;
      if (waiting != null) {
        waiting.cancel(false);
      }
      schedule(vgroup, 0);
    }
  }

  /** Ends no wait any more; turns end with the threads. */
  @Override
  public void close() throws IOException {
    walWatch.close();
  }

  /** A turn that a vgroup waits for. */
  private static final class NextTurn {
    private final AtomicBoolean isTaken = new AtomicBoolean();

    /** What waits for it; null until that is known. */
    private volatile @Nullable Future<?> waiting;

    /** Returns whether the turn is the caller's. */
    boolean take() {
      return isTaken.compareAndSet(false, true);
    }
  }
}
