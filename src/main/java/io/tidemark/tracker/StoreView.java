package io.tidemark.tracker;

import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.Base;
import io.tidemark.segment.BaseFile;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.ChangeSource;
import io.tidemark.segment.EventCursor;
import io.tidemark.segment.History;
import io.tidemark.segment.OpenSnapshot;
import io.tidemark.segment.SegmentIndex;
import io.tidemark.segment.ZoneFilter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that answers range questions at one journal position: the segments, what is not sealed
 * yet, and the coverage.
 *
 * <p>Immutable; any number of threads may ask. Each question has two answers that agree: with what
 * happened to each block, and by the ids alone.
 */
public final class StoreView {
  private final History history;
  private final SegmentIndex index;
  private final List<OpenSnapshot> unsealed;
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
      List<OpenSnapshot> unsealed,
      Coverage coverage,
      long position) {
    this.history = history;
    this.index = index;
    this.unsealed = List.copyOf(unsealed);
    this.coverage = coverage;
    this.position = position;
  }

  /** Views sealed history without an index made before. */
  StoreView(History history, Coverage coverage, long position) {
    this(history, SegmentIndex.create(SegmentIndex.Kind.LINEAR), List.of(), coverage, position);
    history.segments().forEach(index::add);
  }

  /** Returns the sealed segments in journal order. */
  public List<ChangeSegment> segments() {
    return history.segments();
  }

  /** Returns what lies behind the sealed segments, in journal order. */
  List<OpenSnapshot> unsealed() {
    return unsealed;
  }

  /** Returns the base before the segments; null if there is none. */
  public @Nullable Base base() {
    return history.base();
  }

  /** Returns the files of the base, then segments, then what is not sealed. */
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
    return changes(ever());
  }

  RangeQuestion ever() {
    List<Hole> holes = coverage.holes(WalPosition.BEFORE_ALL, WalPosition.AFTER_ALL);
    return new RangeQuestion(RangeFilter.all(), holes, !isComplete());
  }

  /**
   * Returns the blocks that changed after a position, as far as the log was delivered.
   *
   * @param asked exclusive; a position beyond what was delivered gives NOT_READY, except the very
   *     last one, after which nothing can change
   */
  public ChangeSet changedAfter(WalPosition asked) {
    return changes(after(asked));
  }

  RangeQuestion after(WalPosition asked) {
    WalPosition base = coverage.normalize(asked);
    if (base.walOffset() == -1 && base.generation() == coverage.generation()) {
      return new RangeQuestion(RangeFilter.none(), List.of(), false);
    }
    // Behind the last offset of an old generation is the next generation's first, but not its
    // holes.
    List<Hole> holes =
        coverage.holes(base.walOffset() == -1 ? base : base.next(), WalPosition.AFTER_ALL);
    boolean isBeyond = !isComplete() || coverage.isBeyond(base);
    RangeFilter range = RangeFilter.positions(base.next(), WalPosition.AFTER_ALL);
    return new RangeQuestion(range, holes, isBeyond);
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
    return changes(after(walOffset));
  }

  RangeQuestion after(long walOffset) {
    int newest = coverage.generation();
    int oldest = coverage.oldestWith(walOffset);
    RangeQuestion certain = after(new WalPosition(newest, walOffset));
    return oldest == newest
        ? certain
        : after(new WalPosition(oldest, walOffset)).certainOf(certain);
  }

  /**
   * Returns the blocks that changed in a closed range of positions.
   *
   * @throws IllegalArgumentException if the range ends before it begins
   */
  public ChangeSet changedIn(WalPosition first, WalPosition last) {
    return changes(in(first, last));
  }

  RangeQuestion in(WalPosition first, WalPosition last) {
    if (first.compareTo(last) > 0) {
      throw new IllegalArgumentException(
          "range ends before it begins: first=" + first + ", last=" + last);
    }
    WalPosition from = coverage.normalize(first);
    List<Hole> holes = coverage.holes(from, last);
    return new RangeQuestion(RangeFilter.positions(from, last), holes, coverage.isBeyond(last));
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
    return changes(inOffsets(first, last));
  }

  RangeQuestion inOffsets(long first, long last) {
    WalPosition begin = coverage.normalize(new WalPosition(coverage.generation(), first));
    WalPosition end = coverage.normalize(new WalPosition(coverage.generation(), last));
    WalPosition oldest = new WalPosition(coverage.oldestWith(first), first);
    RangeQuestion certain = in(begin, end);
    return oldest.compareTo(begin) >= 0 ? certain : in(oldest, end).certainOf(certain);
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
    return changes(between(firstNs, lastNs));
  }

  RangeQuestion between(long firstNs, long lastNs) {
    if (firstNs > lastNs) {
      throw new IllegalArgumentException(
          "range ends before it begins: firstNs=" + firstNs + ", lastNs=" + lastNs);
    }
    List<Hole> holes = coverage.holes(WalPosition.BEFORE_ALL, WalPosition.AFTER_ALL);
    return new RangeQuestion(RangeFilter.timestamps(firstNs, lastNs), holes, isBeyond(lastNs));
  }

  /** Returns whether a range of timestamps ends after what was delivered. */
  boolean isBeyond(long lastNs) {
    return !isComplete() || (lastNs != Long.MAX_VALUE && lastNs > newestTimestampNs());
  }

  /** Returns the highest timestamp of any change, ns; the lowest there is if nothing changed. */
  long newestTimestampNs() {
    return sources(history.segments()).stream()
        .filter(ChangeSource::hasChanges)
        .mapToLong(ChangeSource::maxTimestampNs)
        .max()
        .orElse(Long.MIN_VALUE);
  }

  /** Returns the blocks that changed in a range. */
  public ChangeSet changes(ChangeRange range) {
    return changes(range.question(this));
  }

  /** Returns the ids of the blocks that changed in a range. */
  public ChangedIds changedIds(ChangeRange range) {
    return ids(range.question(this));
  }

  ChangeSet changes(RangeQuestion question) {
    ChangeCollector collector = new ChangeCollector(question.range());
    sources(question.range().candidates(index)).forEach(collector::collect);
    List<BlockChange> changes = collector.changes();
    long surplus = collector.surplus() + notCertain(question, changes.size());
    return result(changes, surplus, question);
  }

  ChangedIds ids(RangeQuestion question) {
    IdCollector.Found found = ids(question.range());
    long surplus = found.surplus() + notCertain(question, found.ids().size());
    return result(new IdCollector.Found(found.ids(), surplus), question);
  }

  private IdCollector.Found ids(RangeFilter range) {
    IdCollector collector = new IdCollector(range);
    sources(range.candidates(index)).forEach(collector::collect);
    return collector.found();
  }

  /**
   * Returns how many of the blocks found did not change in the part of the range that is certain.
   */
  private long notCertain(RangeQuestion question, long found) {
    RangeFilter certain = question.certain();
    return certain == null ? 0 : found - ids(certain).ids().size();
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
    return changes(journaled(journalPosition, Long.MAX_VALUE, journalPosition > position));
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
    return changes(journaled(base, end, end > position));
  }

  /**
   * Returns the ids of the blocks with a change journaled in (base, end]; see {@link
   * #changedWithin}.
   */
  public ChangedIds changedIdsWithin(long base, long end) {
    Journaled asked = journaled(base, end, end > position);
    BlockIds all = ids(asked.sources);
    long surplus = asked.isCut() ? all.size() - ids(asked.inside).size() : 0;
    return result(new IdCollector.Found(all, surplus), asked.question);
  }

  /**
   * Returns what happened to each of the blocks with a change journaled in (base, end], one after
   * another; see {@link #changedWithin}.
   */
  public ChangeStream streamWithin(long base, long end) {
    return new ChangeStream(journaled(base, end, end > position).sources);
  }

  /**
   * Returns where and when the changes journaled in (base, end] lie; null if there are none. Where
   * a position cuts a segment the segment counts whole.
   */
  public @Nullable ChangeBounds boundsWithin(long base, long end) {
    ChangeBounds bounds = null;
    for (ChangeSource source : journaled(base, end, false).sources) {
      if (source.hasChanges()) {
        ChangeBounds own =
            new ChangeBounds(
                source.firstChange(),
                source.lastChange(),
                source.minTimestampNs(),
                source.maxTimestampNs());
        bounds = bounds == null ? own : bounds.with(own);
      }
    }
    return bounds;
  }

  /**
   * Returns how much older the first change behind a journal position is than the newest change, by
   * event timestamps, ns; 0 if there is none. Less where changes are not known by themselves any
   * more.
   */
  public long backlogNs(long journalPosition) {
    for (ChangeSource source : journaled(journalPosition, position, false).sources) {
      if (source.hasChanges()) {
        long backlogNs = newestTimestampNs() - firstTimestampNs(source);
        // A difference that does not fit is longer than every other.
        return backlogNs < 0 ? Long.MAX_VALUE : backlogNs;
      }
    }
    return 0;
  }

  private static long firstTimestampNs(ChangeSource source) {
    if (source.hasEvents()) {
      EventCursor events = source.events(ZoneFilter.ALL);
      if (events.next()) {
        return events.timestampsNs()[0];
      }
    }
    return source.maxTimestampNs();
  }

  /**
   * An interval of the journal that questions by journal position take whole.
   *
   * @param first first journal position
   * @param last last journal position
   * @param changes where and when its changes lie; null if there are none
   */
  public record Stretch(long first, long last, @Nullable ChangeBounds changes) {}

  /** Returns the stretches of the journal in order, from the first position on. */
  public List<Stretch> stretches() {
    List<Stretch> result = new ArrayList<>();
    Base bottom = history.base();
    if (bottom != null) {
      result.add(stretch(1, bottom.lastPosition()));
    }
    for (ChangeSegment segment : history.segments()) {
      result.add(stretch(segment.firstPosition(), segment.lastPosition()));
    }
    for (OpenSnapshot open : unsealed) {
      if (open.lastPosition() >= open.firstPosition()) {
        result.add(stretch(open.firstPosition(), open.lastPosition()));
      }
    }
    return result;
  }

  private Stretch stretch(long first, long last) {
    return new Stretch(first, last, boundsWithin(first - 1, last));
  }

  /**
   * Returns whether a position is where a rollback journals what went back: a change there may have
   * undone the creation of its block.
   */
  public boolean isRollback(WalPosition position) {
    long firstOwn = coverage.firstOwn(position.generation());
    return position.generation() != 1 && position.walOffset() == (firstOwn == 0 ? 0 : firstOwn - 1);
  }

  /** Returns the oldest generation that reached a WAL offset; the newest if none did. */
  public int oldestGenerationWith(long walOffset) {
    return coverage.oldestWith(walOffset);
  }

  /** Returns the gaps journaled in (base, end]. */
  public List<Hole> gapsWithin(long base, long end) {
    return coverage.gapsWithin(base, end);
  }

  /** Returns the journal position that the view was taken at. */
  public long position() {
    return position;
  }

  /** Returns the intervals of the engine's log that the source has declared complete, in order. */
  public List<CoveredInterval> covered() {
    return coverage.covered();
  }

  /**
   * What was journaled in an interval.
   *
   * @param sources what holds a part of it, in journal order
   * @param inside those of them that hold nothing else
   */
  private record Journaled(
      List<ChangeSource> sources, List<ChangeSource> inside, RangeQuestion question) {

    boolean isCut() {
      return inside.size() < sources.size();
    }
  }

  private Journaled journaled(long base, long end, boolean isBeyond) {
    RangeQuestion question =
        new RangeQuestion(RangeFilter.all(), coverage.gapsWithin(base, end), isBeyond);
    Journaled result = new Journaled(new ArrayList<>(), new ArrayList<>(), question);
    Base bottom = history.base();
    if (bottom != null) {
      for (BaseFile file : bottom.files()) {
        add(result, file, 1, bottom.lastPosition(), base, end);
      }
    }
    for (ChangeSegment segment : history.segments()) {
      add(result, segment, segment.firstPosition(), segment.lastPosition(), base, end);
    }
    for (OpenSnapshot open : unsealed) {
      add(result, open, open.firstPosition(), open.lastPosition(), base, end);
    }
    return result;
  }

  private static void add(
      Journaled to, ChangeSource source, long first, long last, long base, long end) {
    if (last > base && first <= end) {
      to.sources.add(source);
      if (first > base && last <= end) {
        to.inside.add(source);
      }
    }
  }

  private ChangeSet changes(Journaled asked) {
    ChangeCollector collector = new ChangeCollector(RangeFilter.all());
    asked.sources.forEach(collector::collect);
    long surplus = asked.isCut() ? collector.size() - ids(asked.inside).size() : 0;
    return result(collector.changes(), surplus, asked.question);
  }

  private static BlockIds ids(List<ChangeSource> sources) {
    IdCollector collector = new IdCollector(RangeFilter.all());
    sources.forEach(collector::collect);
    return collector.found().ids();
  }

  private ChangeSet result(List<BlockChange> changes, long surplus, RangeQuestion question) {
    return new ChangeSet(
        changes,
        verdict(surplus, question),
        surplus,
        question.holes(),
        completeThrough(),
        position);
  }

  private ChangedIds result(IdCollector.Found found, RangeQuestion question) {
    return new ChangedIds(
        found.ids(),
        verdict(found.surplus(), question),
        found.surplus(),
        question.holes(),
        completeThrough(),
        position);
  }

  private static Verdict verdict(long surplus, RangeQuestion question) {
    Verdict verdict = surplus > 0 ? Verdict.SUPERSET : Verdict.EXACT;
    if (question.isBeyond()) {
      verdict = verdict.worse(Verdict.NOT_READY);
    }
    if (!question.holes().isEmpty()) {
      verdict = verdict.worse(Verdict.FULL_REQUIRED);
    }
    return verdict;
  }
}
