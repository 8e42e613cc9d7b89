package io.tidemark.restore;

import io.tidemark.archive.ArchivedRun;
import io.tidemark.backup.RunPlan;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.MissingRunException;
import io.tidemark.tracker.ChangeBounds;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The points that a chain of runs can be restored to.
 *
 * <p>Immutable.
 */
public final class RestorePoints {
  private final List<RestorePoint> points = new ArrayList<>();
  private final String chain;

  private RestorePoints(String chain, List<ArchivedRun> runs) {
    this.chain = chain;
    ChangeBounds later = null;
    boolean hasLaterRun = false;
    for (int i = runs.size() - 1; i >= 0; i--) {
      RunPlan plan = runs.get(i).manifest().plan();
      boolean isLast = i + 1 == runs.size();
      boolean isStandIn = !isLast && runs.get(i + 1).manifest().plan().end() == plan.end();
      if (!isLast && !isStandIn) {
        RunPlan next = runs.get(i + 1).manifest().plan();
        // What happened in a stretch that no run tells of may be anything.
        boolean isUnknown = next.base() > plan.end();
        later = isUnknown ? null : later(later, next.changes());
        hasLaterRun = !isUnknown;
      }
      points.add(0, new RestorePoint(runs.get(i), later, hasLaterRun));
    }
  }

  private static @Nullable ChangeBounds later(
      @Nullable ChangeBounds later, @Nullable ChangeBounds next) {
    if (later == null || next == null) {
      return later == null ? next : later;
    }
    return later.with(next);
  }

  /**
   * Returns the points of a chain.
   *
   * @param shard which engine, in its own words; null if there is one only
   * @throws MissingRunException if there is none, or an engine has to be named
   */
  public static RestorePoints of(RunIndex index, String chain, @Nullable String shard) {
    List<ArchivedRun> runs = new ArrayList<>();
    String found = null;
    for (ArchivedRun run : index.runs()) {
      RunPlan plan = run.manifest().plan();
      if (!plan.chain().equals(chain) || (shard != null && !plan.shard().equals(shard))) {
        continue;
      }
      String identity = plan.shard() + " of store " + Long.toHexString(plan.storeId());
      if (found != null && !found.equals(identity)) {
        throw new MissingRunException(
            "archive holds several engines or stores; name a run, or one of them: first="
                + found
                + ", second="
                + identity);
      }
      found = identity;
      runs.add(run);
    }
    if (runs.isEmpty()) {
      throw new MissingRunException("no run of this chain in the archive: chain=" + chain);
    }
    return new RestorePoints(chain, runs);
  }

  /** Returns the points, oldest first. */
  public List<RestorePoint> all() {
    return List.copyOf(points);
  }

  /** Returns the newest one. */
  public RestorePoint newest() {
    return points.get(points.size() - 1);
  }

  /**
   * Returns the point that holds what the engine was at a position.
   *
   * @throws MissingRunException if none does exactly; it names the nearest that do
   */
  public RestorePoint at(WalPosition position) {
    return find(
        point -> point.holds(position),
        point -> point.firstPosition().compareTo(position) <= 0,
        "wal:" + position);
  }

  /**
   * Returns the point that holds what the engine was at a WAL offset, in the oldest generation in
   * which one does.
   *
   * @throws MissingRunException if none does exactly; it names the nearest that do
   */
  public RestorePoint atOffset(long walOffset) {
    return find(
        point -> point.holdsOffset(walOffset),
        point -> Long.compareUnsigned(point.firstPosition().walOffset(), walOffset) <= 0,
        "wal:" + Long.toUnsignedString(walOffset));
  }

  /**
   * Returns the point that holds what the engine was at a time, by the timestamps of changes.
   *
   * @throws MissingRunException if none does exactly; it names the nearest that do
   */
  public RestorePoint atTime(long timestampNs) {
    return find(
        point -> point.holdsTime(timestampNs),
        point -> point.firstTimestampNs() <= timestampNs,
        "time:" + timestampNs + "ns");
  }

  private RestorePoint find(
      Predicate<RestorePoint> isIt, Predicate<RestorePoint> isBefore, String asked) {
    RestorePoint before = null;
    RestorePoint after = null;
    for (RestorePoint point : points) {
      if (isIt.test(point)) {
        return point;
      }
      if (point.isExact() && isBefore.test(point)) {
        before = point;
      } else if (point.isExact() && after == null) {
        after = point;
      }
    }
    throw new MissingRunException(
        "no run holds exactly this point: chain="
            + chain
            + ", asked="
            + asked
            + ", nearestBefore="
            + (before == null ? "none" : before)
            + ", nearestAfter="
            + (after == null ? "none" : after));
  }
}
