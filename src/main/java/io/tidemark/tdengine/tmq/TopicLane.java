package io.tidemark.tdengine.tmq;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one consumer brought for one vgroup and nobody has taken yet: stretches that adjoin.
 *
 * <p>Used by one thread at a time.
 */
final class TopicLane {
  private static final int ROWS_MAX = 1 << 18;

  /** What came between two versions; the second is behind the stretch. */
  record Stretch(long first, TopicPlace place, List<TopicRow> rows) {}

  private final ArrayDeque<Stretch> waiting = new ArrayDeque<>();
  private long due;

  /** How many polls there were when its reader looked last. */
  private long polls;

  private int rowCount;
  private boolean isLost = true;

  /** Begins at a version, behind a number of polls; what waited is dropped. */
  void beginAt(long version, long pollsBefore) {
    waiting.clear();
    rowCount = 0;
    due = version;
    polls = pollsBefore;
    isLost = false;
  }

  /** Returns whether there was a poll since its reader looked last, or since it began. */
  boolean look(long pollsNow) {
    boolean isPolled = pollsNow > polls;
    polls = pollsNow;
    return isPolled;
  }

  /** Returns whether what comes next begins at a version. */
  boolean isAt(long version) {
    Stretch first = waiting.peek();
    return !isLost && (first == null ? due : first.first) == version;
  }

  /**
   * Takes in what a poll brought.
   *
   * @return whether something was passed that is no row
   */
  boolean add(TopicPlace place, List<TopicRow> rows) {
    if (isLost || (place.next() <= due && place.begin() <= due)) {
      return false;
    }
    rowCount += rows.size();
    if (rowCount > ROWS_MAX) {
      lose();
      return false;
    }
    boolean hasHidden = rows.isEmpty() || place.begin() > due;
    waiting.add(new Stretch(due, place, rows));
    due = Math.max(place.next(), place.begin());
    return hasHidden;
  }

  /** Drops what waits: nobody takes it. It is read again by whoever does. */
  private void lose() {
    waiting.clear();
    rowCount = 0;
    isLost = true;
  }

  /** Returns what comes next; null if nothing waits. */
  @Nullable Stretch peek() {
    return waiting.peek();
  }

  /** Takes away what comes next. */
  void remove() {
    rowCount -= waiting.remove().rows.size();
  }
}
