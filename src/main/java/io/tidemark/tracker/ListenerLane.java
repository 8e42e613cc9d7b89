package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Calls one listener for some of the blocks, one event after another; run by one thread of the pool
 * at a time.
 */
final class ListenerLane implements Runnable {

  /*
   * The feeder puts events in and schedules the lane if it is idle. A run ends when the lane is empty
   * or has had its turn; it says that it is idle and then looks once more, the feeder puts an event in
   * and then looks whether the lane is idle: both by an exchange, so that one of the two sees the other.
   * One run hands what it knows on to the next by the same exchanges.
   */

  /** Events of one turn; then the other lanes have theirs. */
  private static final int TURN = 256;

  private final BlockEventListener listener;
  private final BlockEventCallback callback;
  private final CallbackThreads threads;
  private final Runnable afterRun;
  private final LaneQueue queue;
  private final View view = new View();
  private final AtomicBoolean isScheduled = new AtomicBoolean();

  // Written by whoever runs the lane, read by any thread.
  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong missed = new AtomicLong();

  /**
   * Creates an empty lane.
   *
   * @param afterRun called when there may be room, or nothing left
   */
  ListenerLane(
      BlockEventListener listener,
      BlockEventCallback callback,
      CallbackThreads threads,
      int capacity,
      Runnable afterRun) {
    this.listener = listener;
    this.callback = callback;
    this.threads = threads;
    this.afterRun = afterRun;
    this.queue = new LaneQueue(capacity);
  }

  /** Returns what the feeder gives to. */
  LaneQueue queue() {
    return queue;
  }

  /** Returns how many calls returned. */
  long delivered() {
    return delivered.get();
  }

  /** Returns how many calls threw. */
  long failed() {
    return failed.get();
  }

  /** Returns how many positions were told to be missed. */
  long missed() {
    return missed.get();
  }

  /** Has the lane run if there is something in it and nobody does. */
  void schedule() {
    if (!queue.isEmpty() && !isScheduled.getAndSet(true)) {
      threads.execute(this);
    }
  }

  @Override
  public void run() {
    for (int i = 0; i < TURN && !listener.isClosed() && queue.hasNext(); i++) {
      call();
      queue.remove();
    }
    isScheduled.getAndSet(false);
    if (!listener.isClosed()) {
      schedule();
    }
    afterRun.run();
  }

  /** Nothing that a listener does may end the thread or hold up what comes behind it. */
  @SuppressWarnings("CatchingUnchecked") // It may throw what it does not declare.
  private void call() {
    try {
      switch (StagedEvents.kind(queue.number(StagedEvents.KIND))) {
        case StagedEvents.FLUSH_ALL ->
            callback.onFlushAll(view.walOffset(), view.timestampNs(), view.generation());
        case StagedEvents.MISSED -> {
          long first = queue.number(StagedEvents.BLOCK_ID);
          long last = queue.number(StagedEvents.WAL_OFFSET);
          missed.lazySet(missed.getPlain() + last - first + 1);
          listener.noteMissed(first, last);
          callback.missed(first, last);
        }
        default -> callback.onEvent(view);
      }
      delivered.lazySet(delivered.getPlain() + 1);
    } catch (Throwable e) {
      failed.lazySet(failed.getPlain() + 1);
      listener.noteFailure(e);
    } finally {
      // What it did with its own interrupts is not for the next one.
      Thread.interrupted();
    }
  }

  /** Shows the oldest event in the queue. */
  private final class View implements BlockEvent {
    @Override
    public BlockEventType type() {
      return BlockEventType.ofCode(StagedEvents.kind(queue.number(StagedEvents.KIND)));
    }

    @Override
    public long blockId() {
      return queue.number(StagedEvents.BLOCK_ID);
    }

    @Override
    public long walOffset() {
      return queue.number(StagedEvents.WAL_OFFSET);
    }

    @Override
    public long timestampNs() {
      return queue.number(StagedEvents.TIMESTAMP);
    }

    @Override
    public int generation() {
      return StagedEvents.generation(queue.number(StagedEvents.KIND));
    }

    @Override
    public long journalPosition() {
      return queue.number(StagedEvents.POSITION);
    }

    @Override
    public String toString() {
      return type()
          + " blockId="
          + Long.toUnsignedString(blockId())
          + ", walOffset="
          + Long.toUnsignedString(walOffset())
          + ", timestampNs="
          + timestampNs()
          + ", generation="
          + Integer.toUnsignedString(generation())
          + ", journalPosition="
          + journalPosition();
    }
  }
}
