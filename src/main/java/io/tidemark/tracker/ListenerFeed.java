package io.tidemark.tracker;

import io.tidemark.errors.TidemarkException;
import io.tidemark.journal.JournalFollower;
import io.tidemark.journal.JournalRecord;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the journal for one listener and puts its events into its lanes, as far as there is room.
 *
 * <p>Used by the feeder's thread; never waits for a listener.
 */
final class ListenerFeed {

  /*
   * A record is taken apart at once and dealt out as the lanes have room. What concerns all blocks is
   * put into the first lane when all are empty, and nothing behind it is until that lane is empty again.
   */

  /** How often the journal is read again before what cannot be read is given up. */
  private static final int ATTEMPTS = 3;

  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

  private final BlockEventListener listener;
  private final List<ListenerLane> lanes;
  private final JournalFollower follower;
  private final StagedEvents staged = new StagedEvents();
  private int next;
  private long stagedThrough;
  private boolean isForAllUnderWay;

  ListenerFeed(BlockEventListener listener, JournalFollower follower) {
    this.listener = listener;
    this.lanes = listener.lanes();
    this.follower = follower;
    this.stagedThrough = follower.next() - 1;
  }

  BlockEventListener listener() {
    return listener;
  }

  /**
   * Feeds the next record, or as much of it as the lanes have room for.
   *
   * @param applied a position through which everything is journaled
   * @return whether there was something to do
   */
  boolean feed(long applied) {
    boolean hasFed = (next < staged.length() || stage(applied)) && dealOut();
    listener.publish();
    return hasFed;
  }

  /** Takes the next record apart; returns false if there is none. */
  private boolean stage(long applied) {
    if (follower.next() > applied) {
      return false;
    }
    next = 0;
    stagedThrough = 0;
    for (int attempt = 1; stagedThrough == 0; attempt++) {
      staged.clear();
      try {
        stagedThrough = take(attempt > ATTEMPTS ? null : follower.read(applied), applied);
      } catch (IOException | TidemarkException e) {
        listener.noteFailure(e);
        close();
      }
    }
    follower.passThrough(stagedThrough);
    return true;
  }

  /** Returns the position through which everything is staged. */
  private long take(@Nullable JournalRecord record, long applied) {
    long first = follower.next();
    if (record == null) {
      staged.missed(first, applied);
      return applied;
    }
    if (record.firstPosition() > first) {
      staged.missed(first, record.firstPosition() - 1);
      first = record.firstPosition();
    }
    long last = Math.min(applied, record.lastPosition());
    record.forEach(first, last, staged);
    return last;
  }

  /** Returns false if there was no room. */
  private boolean dealOut() {
    int before = next;
    long[] rows = staged.rows();
    while (next < staged.length()) {
      LaneQueue queue = queueFor(rows);
      if (queue == null || !queue.offer(rows, next)) {
        break;
      }
      next += StagedEvents.ROW;
    }
    boolean isDone = next == staged.length();
    listener.fedThrough(isDone ? stagedThrough : rows[next + StagedEvents.POSITION] - 1);
    for (ListenerLane lane : lanes) {
      lane.schedule();
    }
    return isDone || next > before;
  }

  /** Returns where the next row goes; null if it must not yet. */
  private @Nullable LaneQueue queueFor(long[] rows) {
    if (StagedEvents.kind(rows[next + StagedEvents.KIND]) >= StagedEvents.FLUSH_ALL) {
      isForAllUnderWay = areLanesEmpty();
      return isForAllUnderWay ? lanes.get(0).queue() : null;
    }
    if (isForAllUnderWay) {
      if (!lanes.get(0).queue().isEmpty()) {
        return null;
      }
      isForAllUnderWay = false;
    }
    return lanes.get(lane(rows[next + StagedEvents.BLOCK_ID], lanes.size())).queue();
  }

  private boolean areLanesEmpty() {
    for (ListenerLane lane : lanes) {
      if (!lane.queue().isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** Returns the lane of a block, the same every time; neighbours are spread. */
  static int lane(long blockId, int lanes) {
    long mixed = (blockId ^ (blockId >>> Integer.SIZE)) * GOLDEN;
    return (int) (((mixed >>> Integer.SIZE) * lanes) >>> Integer.SIZE);
  }

  /** Lets go of the journal; feeding takes it up again. */
  void close() {
    try {
      follower.close();
    } catch (IOException e) {
      listener.noteFailure(e);
    }
  }
}
