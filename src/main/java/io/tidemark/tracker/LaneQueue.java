package io.tidemark.tracker;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bounded queue of staged events from one thread to one other, of which any thread can tell how
 * far it is.
 *
 * <p>No allocation per event.
 */
final class LaneQueue {

  /*
   * Rows lie in an array that is used as a ring. The giver writes a row and then moves the tail; the
   * taker is done with a row and then moves the head, so a row that is being dealt with is still in
   * the queue. The giver overwrites a row only after it saw the head behind it.
   *
   * Who asks for the oldest position reads a row that may be overwritten meanwhile. It is what it
   * looks like if the head has not moved since.
   *
   * The array is not volatile; a fence keeps the row's reading before that of the head. Numbers of 64
   * bits are not torn on JVMs of 64 bits, which the off-heap structures need anyway.
   */

  /** The oldest position of an empty queue. */
  static final long NOTHING = Long.MAX_VALUE;

  private final long[] rows;
  private final int mask;
  private final AtomicLong head = new AtomicLong();
  private final AtomicLong tail = new AtomicLong();

  /** The giver's: how far it knows the head to be. */
  private long seenHead;

  /** The taker's: how far it knows the tail to be. */
  private long seenTail;

  /**
   * Creates an empty queue.
   *
   * @param capacity rows; a power of two
   */
  LaneQueue(int capacity) {
    assert Integer.bitCount(capacity) == 1 : "no power of two: capacity=" + capacity;
    this.rows = new long[capacity * StagedEvents.ROW];
    this.mask = capacity - 1;
  }

  private int index(long place) {
    return ((int) place & mask) * StagedEvents.ROW;
  }

  /**
   * Gives a row.
   *
   * @param from numbers of rows
   * @param at where the row begins
   * @return false if the queue is full; nothing was given
   */
  boolean offer(long[] from, int at) {
    long place = tail.getPlain();
    if (place - seenHead > mask) {
      seenHead = head.get();
      if (place - seenHead > mask) {
        return false;
      }
    }
    System.arraycopy(from, at, rows, index(place), StagedEvents.ROW);
    tail.lazySet(place + 1);
    return true;
  }

  /** Returns whether there is a row to take; the taker's. */
  boolean hasNext() {
    long place = head.getPlain();
    if (place == seenTail) {
      seenTail = tail.get();
    }
    return place < seenTail;
  }

  /** Returns a number of the oldest row; the taker's, if there is one. */
  long number(int column) {
    return rows[index(head.getPlain()) + column];
  }

  /** Removes the oldest row, which was dealt with; the taker's. */
  void remove() {
    head.lazySet(head.getPlain() + 1);
  }

  /** Returns whether everything given was dealt with; from any thread. */
  boolean isEmpty() {
    return head.get() == tail.get();
  }

  /**
   * Returns the journal position of the oldest row that was not dealt with; {@link #NOTHING} if
   * there is none. From any thread.
   */
  long oldest() {
    while (true) {
      long place = head.get();
      if (place == tail.get()) {
        return NOTHING;
      }
      long position = rows[index(place) + StagedEvents.POSITION];
      VarHandle.acquireFence();
      if (head.get() == place) {
        return position;
      }
    }
  }
}
