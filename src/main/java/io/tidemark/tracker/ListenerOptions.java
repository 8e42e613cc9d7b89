package io.tidemark.tracker;

import org.agrona.BitUtil;

/**
 * Where a listener begins, and how much of the pool it takes.
 *
 * @param from journal position of the first event it gets; {@link #PRESENT} for the first one that
 *     is applied after it was added
 * @param lanes how many of its calls may run at once, each for blocks of its own; {@link
 *     #AS_MANY_AS_THREADS}; with 1 it gets all events in the order of the journal
 * @param laneEvents events that wait in a lane at most; the next power of two is taken. The rest
 *     waits in the journal
 */
public record ListenerOptions(long from, int lanes, int laneEvents) {

  /** Begins with what comes next. */
  public static final long PRESENT = 0;

  /** One lane for each thread of the pool. */
  public static final int AS_MANY_AS_THREADS = 0;

  static final int MAX_LANES = 256;
  private static final int MIN_EVENTS = 2;
  private static final int MAX_EVENTS = 1 << 20;
  private static final ListenerOptions DEFAULTS =
      new ListenerOptions(PRESENT, AS_MANY_AS_THREADS, 1 << 10);

  /** Checks the limits. */
  public ListenerOptions {
    if (from < PRESENT
        || lanes < AS_MANY_AS_THREADS
        || lanes > MAX_LANES
        || laneEvents < MIN_EVENTS
        || laneEvents > MAX_EVENTS) {
      throw new IllegalArgumentException(
          "listener option out of range: from="
              + from
              + ", lanes="
              + lanes
              + ", laneEvents="
              + laneEvents);
    }
    laneEvents = BitUtil.findNextPositivePowerOfTwo(laneEvents);
  }

  /** Returns options for most listeners: from now on, on all threads, 1024 events a lane. */
  public static ListenerOptions defaults() {
    return DEFAULTS;
  }

  /** Returns the same options with another beginning. */
  public ListenerOptions withFrom(long journalPosition) {
    return new ListenerOptions(journalPosition, lanes, laneEvents);
  }

  /** Returns the same options with another number of lanes. */
  public ListenerOptions withLanes(int count) {
    return new ListenerOptions(from, count, laneEvents);
  }

  /** Returns the same options with other lengths of the lanes. */
  public ListenerOptions withLaneEvents(int events) {
    return new ListenerOptions(from, lanes, events);
  }
}
