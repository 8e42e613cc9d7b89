package io.tidemark.tracker;

import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.Base;
import io.tidemark.segment.BaseFile;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.ChangeSource;
import io.tidemark.segment.History;
import io.tidemark.segment.SegmentIndex;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that answers range questions at one journal position: the segments and the coverage.
 *
 * <p>Immutable; any number of threads may ask.
 */
public final class StoreView {
  private final History history;
  private final SegmentIndex index;
  private final List<ChangeSegment> unsealed;
  private final Coverage coverage;
  private final long position;

  /**
   * Takes what nobody changes any more.
   *
   * @param index of the segments of the history
   * @param unsealed what lies behind the history, in journal order
   */
  StoreView(
      History history,
      SegmentIndex index,
      List<ChangeSegment> unsealed,
      Coverage coverage,
      long position) {
    this.history = history;
    this.index = index;
    this.unsealed = unsealed;
    this.coverage = coverage;
    this.position = position;
  }

  /** Views sealed history without an index made before. */
  StoreView(History history, Coverage coverage, long position) {
    this(history, SegmentIndex.create(SegmentIndex.Kind.LINEAR), List.of(), coverage, position);
    history.segments().forEach(index::add);
  }

  /** Returns the segments in journal order. */
  public List<ChangeSegment> segments() {
    List<ChangeSegment> all = new ArrayList<>(history.segments());
    all.addAll(unsealed);
    return all;
  }

  /** Returns the base before the segments; null if there is none. */
  public @Nullable Base base() {
    return history.base();
  }

  /** Returns the files of the base, then segments. */
  private List<ChangeSource> sources(List<ChangeSegment> segments) {
    List<ChangeSource> sources = new ArrayList<>();
    Base base = history.base();
    if (base != null) {
      sources.addAll(base.files());
    }
    sources.addAll(segments);
    sources.addAll(unsealed);
    return sources;
  }

  /** Returns the position through which the newest generation was declared complete. */
  public @Nullable WalPosition completeThrough() {
    Long through = coverage.completeThrough();
    return through == null ? null : new WalPosition(coverage.generation(), through);
  }

  /** Returns every block that ever changed. */
  public ChangeSet changedEver() {
    List<Hole> holes = coverage.holes(WalPosition.BEFORE_ALL, WalPosition.AFTER_ALL);
    return answer(RangeFilter.all(), holes, !isComplete());
  }

  /**
   * Returns the blocks that changed after a position, as far as the log was delivered.
   *
   * @param asked exclusive; a position beyond what was delivered gives NOT_READY, except the very
   *     last one, after which nothing can change
   */
  public ChangeSet changedAfter(WalPosition asked) {
    WalPosition base = coverage.normalize(asked);
    if (base.walOffset() == -1 && base.generation() == coverage.generation()) {
      return new ChangeSet(List.of(), Verdict.EXACT, 0, List.of(), completeThrough(), position);
    }
    // Behind the last offset of an old generation is the next generation's first, but not its
    // holes.
    List<Hole> holes =
        coverage.holes(base.walOffset() == -1 ? base : base.next(), WalPosition.AFTER_ALL);
    boolean isBeyond = !isComplete() || coverage.isBeyond(base);
    RangeFilter range = RangeFilter.positions(base.next(), WalPosition.AFTER_ALL);
    return answer(range, holes, isBeyond);
  }

  /**
   * Whether the newest generation was declared complete through any offset; until then what went
   * back when it began may be missing.
   */
  private boolean isComplete() {
    return coverage.completeThrough() != null;
  }

  /**
   * Returns the blocks that changed after a WAL offset whose generation the caller does not know.
   *
   * <p>It is taken to be the oldest generation that reached the offset; if a newer one holds the
   * same offset with other content the answer is a SUPERSET.
   */
  public ChangeSet changedAfter(long walOffset) {
    int newest = coverage.generation();
    int oldest = coverage.oldestWith(walOffset);
    if (oldest == newest) {
      return changedAfter(new WalPosition(newest, walOffset));
    }
    Set<Long> certain = new HashSet<>();
    changedAfter(new WalPosition(newest, walOffset))
        .changes()
        .forEach(change -> certain.add(change.blockId()));
    ChangeSet all = changedAfter(new WalPosition(oldest, walOffset));
    long surplus =
        all.changes().stream().filter(change -> !certain.contains(change.blockId())).count();
    return all.plusSurplus(surplus);
  }

  /**
   * Returns the blocks that changed in a closed range of positions.
   *
   * @throws IllegalArgumentException if the range ends before it begins
   */
  public ChangeSet changedIn(WalPosition first, WalPosition last) {
    if (first.compareTo(last) > 0) {
      throw new IllegalArgumentException(
          "range ends before it begins: first=" + first + ", last=" + last);
    }
    WalPosition from = coverage.normalize(first);
    List<Hole> holes = coverage.holes(from, last);
    return answer(RangeFilter.positions(from, last), holes, coverage.isBeyond(last));
  }

  /**
   * Returns the blocks that changed in a closed range of WAL offsets whose generation the caller
   * does not know.
   *
   * <p>The range ends in the log as it is now. It begins in the oldest generation that reached its
   * first offset; if a newer one holds that offset with other content the answer is a SUPERSET.
   *
   * @param first unsigned
   * @param last unsigned
   * @throws IllegalArgumentException if the range ends before it begins
   */
  public ChangeSet changedInOffsets(long first, long last) {
    WalPosition begin = coverage.normalize(new WalPosition(coverage.generation(), first));
    WalPosition end = coverage.normalize(new WalPosition(coverage.generation(), last));
    WalPosition oldest = new WalPosition(coverage.oldestWith(first), first);
    ChangeSet certain = changedIn(begin, end);
    if (oldest.compareTo(begin) >= 0) {
      return certain;
    }
    ChangeSet all = changedIn(oldest, end);
    return all.plusSurplus(all.changes().size() - certain.changes().size());
  }

  /**
   * Returns the blocks that changed in a closed range of event timestamps.
   *
   * <p>Clocks may jump, so a hole anywhere in the log may hide a change of the range.
   *
   * @param lastNs {@code Long.MAX_VALUE} for "as far as the log was delivered"
   * @throws IllegalArgumentException if the range ends before it begins
   */
  public ChangeSet changedBetween(long firstNs, long lastNs) {
    if (firstNs > lastNs) {
      throw new IllegalArgumentException(
          "range ends before it begins: firstNs=" + firstNs + ", lastNs=" + lastNs);
    }
    boolean isBeyond = isBeyond(lastNs);
    List<Hole> holes = coverage.holes(WalPosition.BEFORE_ALL, WalPosition.AFTER_ALL);
    return answer(RangeFilter.timestamps(firstNs, lastNs), holes, isBeyond);
  }

  /** Returns whether a range of timestamps ends after what was delivered. */
  boolean isBeyond(long lastNs) {
    return !isComplete() || (lastNs != Long.MAX_VALUE && lastNs > newestTimestampNs());
  }

  /** Returns the highest timestamp of any change, ns; the lowest there is if nothing changed. */
  long newestTimestampNs() {
    return sources(history.segments()).stream()
        .filter(source -> source.changedCount() > 0)
        .mapToLong(ChangeSource::maxTimestampNs)
        .max()
        .orElse(Long.MIN_VALUE);
  }

  /**
   * Returns the blocks with a change journaled after a journal position.
   *
   * <p>Exact when the position is the end of a segment; else the segment it cuts counts whole.
   *
   * @param journalPosition a position that {@code ChangeTracker.seal} made durable; one beyond the
   *     view gives NOT_READY
   */
  public ChangeSet changedSince(long journalPosition) {
    return changedWithin(journalPosition, Long.MAX_VALUE, journalPosition > position);
  }

  /**
   * Returns the blocks with a change journaled in (base, end].
   *
   * <p>Exact when both positions are ends of segments, as the cursor and the end of a run are; else
   * a segment they cut counts whole.
   *
   * @param base exclusive journal position
   * @param end inclusive journal position; one beyond the view gives NOT_READY
   */
  public ChangeSet changedWithin(long base, long end) {
    return changedWithin(base, end, end > position);
  }

  private ChangeSet changedWithin(long base, long end, boolean isBeyond) {
    ChangeCollector inside = new ChangeCollector(RangeFilter.all());
    ChangeCollector all = new ChangeCollector(RangeFilter.all());
    Base bottom = history.base();
    if (bottom != null && bottom.lastPosition() > base) {
      for (BaseFile file : bottom.files()) {
        if (base == 0 && bottom.lastPosition() <= end) {
          inside.collect(file);
        }
        all.collect(file);
      }
    }
    for (ChangeSegment segment : segments()) {
      if (segment.firstPosition() > base && segment.lastPosition() <= end) {
        inside.collect(segment);
      }
      if (segment.lastPosition() > base && segment.firstPosition() <= end) {
        all.collect(segment);
      }
    }
    List<BlockChange> changes = all.changes();
    int surplus = changes.size() - inside.size();
    return result(changes, coverage.gapsWithin(base, end), isBeyond, surplus);
  }

  private ChangeSet answer(RangeFilter range, List<Hole> holes, boolean isBeyond) {
    ChangeCollector collector = new ChangeCollector(range);
    sources(range.candidates(index)).forEach(collector::collect);
    return result(collector.changes(), holes, isBeyond, collector.surplus());
  }

  private ChangeSet result(
      List<BlockChange> changes, List<Hole> holes, boolean isBeyond, long surplus) {
    Verdict verdict = surplus > 0 ? Verdict.SUPERSET : Verdict.EXACT;
    if (isBeyond) {
      verdict = verdict.worse(Verdict.NOT_READY);
    }
    if (!holes.isEmpty()) {
      verdict = verdict.worse(Verdict.FULL_REQUIRED);
    }
    return new ChangeSet(
        changes, verdict, surplus, new ArrayList<>(holes), completeThrough(), position);
  }
}
