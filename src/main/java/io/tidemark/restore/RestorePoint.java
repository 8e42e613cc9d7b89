package io.tidemark.restore;

import io.tidemark.archive.ArchivedRun;
import io.tidemark.block.WalPosition;
import io.tidemark.tracker.ChangeBounds;
import io.tidemark.tracker.CoveredInterval;
import java.time.Instant;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A run, and the stretch of the engine's log in which the engine was what the run holds.
 *
 * <p>The stretch begins with the last change the run has, and ends before the first one it has not.
 * There is none if the engine changed while the run was taken: each of its blocks then has a value
 * that it had at some time between the run's beginning and its end.
 */
public final class RestorePoint {
  private static final long NS_PER_MS = 1_000_000;

  private final ArchivedRun run;
  private final @Nullable ChangeBounds later;
  private final boolean hasLaterRun;

  /**
   * Takes a run.
   *
   * @param later where and when the changes lie that later runs have; null if there are none
   * @param hasLaterRun whether there is a later run, so that all changes before its end are known
   */
  RestorePoint(ArchivedRun run, @Nullable ChangeBounds later, boolean hasLaterRun) {
    this.run = run;
    this.later = later;
    this.hasLaterRun = hasLaterRun;
  }

  /** Returns the run. */
  public ArchivedRun run() {
    return run;
  }

  /** Returns whether the engine was ever what the run holds. */
  public boolean isExact() {
    return run.manifest().end().isQuiet();
  }

  /** Returns the position of the last change it has; before all if nothing ever changed. */
  public WalPosition firstPosition() {
    ChangeBounds all = run.manifest().plan().allChanges();
    return all == null ? WalPosition.BEFORE_ALL : all.last();
  }

  /** Returns the timestamp of the last change it has, ns. */
  public long firstTimestampNs() {
    ChangeBounds all = run.manifest().plan().allChanges();
    return all == null ? Long.MIN_VALUE : all.maxTimestampNs();
  }

  /** Returns whether the engine was at a position what the run holds. */
  boolean holds(WalPosition position) {
    return isExact()
        && position.compareTo(firstPosition()) >= 0
        && (later == null || position.compareTo(later.first()) < 0)
        && isKnown(position);
  }

  /** What lies behind the end of the newest run nobody knows. */
  private boolean isKnown(WalPosition position) {
    WalPosition through = run.manifest().end().completeThrough();
    return hasLaterRun ? later != null || isBefore(position, through) : isBefore(position, through);
  }

  private static boolean isBefore(WalPosition position, @Nullable WalPosition through) {
    return through != null && position.compareTo(through) <= 0;
  }

  /** Returns whether it was so at a WAL offset of a generation the store had complete. */
  boolean holdsOffset(long walOffset) {
    TreeSet<Integer> generations = new TreeSet<>(Integer::compareUnsigned);
    for (CoveredInterval interval : run.manifest().plan().covered()) {
      generations.add(interval.generation());
    }
    return generations.stream()
        .anyMatch(generation -> holds(new WalPosition(generation, walOffset)));
  }

  /** Returns whether it was so at a time by the timestamps of changes. */
  boolean holdsTime(long timestampNs) {
    return isExact()
        && timestampNs >= firstTimestampNs()
        && (later == null
            ? timestampNs <= run.manifest().end().finishedMs() * NS_PER_MS
            : timestampNs < later.minTimestampNs());
  }

  /** Returns the run, its last change, and when that was. */
  @Override
  public String toString() {
    ChangeBounds all = run.manifest().plan().allChanges();
    return run.runId()
        + " (wal:"
        + firstPosition()
        + (all == null ? "" : ", time:" + Instant.ofEpochSecond(0, all.maxTimestampNs()).toString())
        + ")";
  }
}
