package io.tidemark.tracker;

import io.tidemark.segment.Base;
import io.tidemark.segment.BaseFolder;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.History;
import io.tidemark.segment.OpenSegment;
import io.tidemark.segment.SegmentIndex;
import io.tidemark.segment.SegmentMerger;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What is sealed of a store, as files: the change segments in journal order, their merging, and the
 * folding of old ones into the base.
 *
 * <p>Used by the tracker's thread; merging runs on an executor and its result is taken over by the
 * next call of {@link #maintain}.
 */
final class SealedSegments {

  /*
   * Merging. Segments have a level, the logarithm of their length to the base of the fan-in. A run
   * of adjoining segments of one level or below is merged as soon as there are as many as the fan-in:
   * each change is rewritten once a level, and their number grows with the logarithm of history. A
   * run never spans two generations, nor a barrier: the cursor of a chain, the end of a prepared run,
   * the newest checkpoint. Answers between barriers are unions of whole segments. A barrier that comes
   * while a merge runs lies behind it: runs are prepared at the end of everything.
   *
   * The base. The oldest segments are folded into it when every change in them is beyond the limits of
   * history and every chain has committed them. It is written when there is enough to be worth it: an
   * eighth of its length, or as many segments as the fan-in.
   *
   * Inputs stay on disk until no kept checkpoint names them; of two files that begin at one position
   * the longer one counts.
   */

  private static final int LEVEL_0_BYTES = 4096;
  private static final long MAX_MERGED_BYTES = 1L << 30;
  private static final int SHARE_OF_BASE = 8;

  private final StorageIO io;
  private final StoreLayout layout;
  private final long storeId;
  private final int fanIn;
  private final HistoryLimits limits;
  private final SegmentIndex.Kind indexKind;
  private final Executor executor;
  private History history;
  private @Nullable SegmentIndex index;
  private @Nullable Merge running;
  private @Nullable MaintenanceTask<Base> folding;

  /** Inputs and the file that will stand for them. */
  private record Merge(List<ChangeSegment> inputs, MaintenanceTask<ChangeSegment> task) {}

  SealedSegments(
      StorageIO io,
      StoreLayout layout,
      long storeId,
      TrackerOptions options,
      Executor executor,
      History history) {
    this.io = io;
    this.layout = layout;
    this.storeId = storeId;
    this.fanIn = options.mergeFanIn();
    this.limits = options.history();
    this.indexKind = options.index();
    this.executor = executor;
    this.history = history;
  }

  /** Returns everything sealed. */
  History history() {
    return history;
  }

  /** Returns the segments in journal order. */
  List<ChangeSegment> list() {
    return history.segments();
  }

  /** Returns an index of the segments that nobody changes any more. */
  SegmentIndex index() {
    SegmentIndex current = index;
    if (current == null) {
      current = SegmentIndex.create(indexKind);
      history.segments().forEach(current::add);
      index = current;
    }
    return current;
  }

  private void set(History next) {
    history = next;
    index = null;
  }

  /** Returns the files of the segments. */
  Set<Path> files() {
    Set<Path> files = new HashSet<>();
    for (ChangeSegment segment : history.segments()) {
      files.add(layout.segment(segment));
    }
    return files;
  }

  /** Publishes what an open segment holds; durable when it returns. Any thread. */
  ChangeSegment publish(OpenSegment open) throws IOException {
    Path file = layout.segment(open.firstPosition(), open.lastPosition());
    open.publish(io, file, storeId);
    return ChangeSegment.open(io, file, storeId);
  }

  /** Takes over the segment behind all others. */
  void add(ChangeSegment sealed) {
    set(history.with(sealed));
  }

  /**
   * Takes over what was merged and folded, and begins the next merge or fold, if one is due.
   *
   * @param barriers journal positions that must stay ends of segments
   * @param end merges end here or before
   * @param baseEnd the base ends here or before
   */
  void maintain(Set<Long> barriers, long end, long baseEnd) throws IOException {
    if (fanIn == 0) {
      return;
    }
    takeOver();
    takeOverBase();
    if (running == null && folding == null) {
      List<ChangeSegment> old = old(Math.min(end, baseEnd));
      if (!old.isEmpty()) {
        fold(old);
        return;
      }
      List<ChangeSegment> inputs = due(barriers, end);
      if (!inputs.isEmpty()) {
        begin(inputs);
      }
    }
  }

  /** Returns the oldest segments that are folded into the base next; none if nothing is due. */
  private List<ChangeSegment> old(long end) {
    long newestNs = Long.MIN_VALUE;
    long bytes = 0;
    for (ChangeSegment segment : history.segments()) {
      newestNs =
          segment.changedCount() > 0 ? Math.max(newestNs, segment.maxTimestampNs()) : newestNs;
      bytes += segment.lengthBytes();
    }
    List<ChangeSegment> old = new ArrayList<>();
    long oldBytes = 0;
    long next = history.basePosition() + 1;
    for (ChangeSegment segment : history.segments()) {
      boolean isBeyond =
          bytes - oldBytes > limits.maxBytes()
              || segment.changedCount() == 0
              || isBeyondHorizon(segment.maxTimestampNs(), newestNs);
      if (segment.firstPosition() != next || segment.lastPosition() > end || !isBeyond) {
        break;
      }
      old.add(segment);
      oldBytes += segment.lengthBytes();
      next = segment.lastPosition() + 1;
    }
    Base base = history.base();
    long worthBytes = base == null ? LEVEL_0_BYTES : base.lengthBytes() / SHARE_OF_BASE;
    boolean isWorthIt = old.size() >= fanIn || oldBytes > worthBytes;
    return limits.equals(HistoryLimits.NONE) || !isWorthIt ? List.of() : old;
  }

  private boolean isBeyondHorizon(long timestampNs, long newestNs) {
    // A difference that does not fit is longer than every horizon.
    long ageNs = newestNs - timestampNs;
    return limits.horizonNs() < Long.MAX_VALUE && (ageNs < 0 || ageNs > limits.horizonNs());
  }

  private void fold(List<ChangeSegment> old) {
    Base before = history.base();
    folding =
        MaintenanceTask.start(
            executor,
            () ->
                new BaseFolder(io, layout.base(), storeId, before, old)
                    .fold(BaseControls.INSTANCE));
  }

  /** Puts the new base in the place of what was folded into it. */
  private void takeOverBase() throws IOException {
    MaintenanceTask<Base> current = folding;
    if (current != null && current.isDone()) {
      folding = null;
      set(new History(current.result(), history.segments()));
    }
  }

  /** Deletes the files of bases before the present one. */
  void deleteOldBases() throws IOException {
    Base base = history.base();
    if (base != null && folding == null) {
      base.deleteOthers(io, layout.base());
    }
  }

  private void begin(List<ChangeSegment> inputs) {
    running = new Merge(inputs, MaintenanceTask.start(executor, () -> merge(inputs)));
  }

  private ChangeSegment merge(List<ChangeSegment> inputs) throws IOException {
    SegmentMerger merger = new SegmentMerger(inputs, true, CoverRuns.INSTANCE);
    Path file = layout.segment(merger.firstPosition(), merger.lastPosition());
    merger.publish(io, file, storeId);
    return ChangeSegment.open(io, file, storeId);
  }

  /** Puts the merged segment in the place of its inputs. */
  private void takeOver() throws IOException {
    Merge merge = running;
    if (merge == null || !merge.task.isDone()) {
      return;
    }
    running = null;
    ChangeSegment merged = merge.task.result();
    List<ChangeSegment> segments = new ArrayList<>(history.segments());
    int at = segments.indexOf(merge.inputs.get(0));
    segments.subList(at, at + merge.inputs.size()).clear();
    segments.add(at, merged);
    set(new History(history.base(), segments));
  }

  /** Returns the segments that are merged next; none if nothing is due. */
  private List<ChangeSegment> due(Set<Long> barriers, long end) {
    int highest = history.segments().stream().mapToInt(this::level).max().orElse(0);
    for (int level = 0; level <= highest; level++) {
      List<ChangeSegment> run = new ArrayList<>();
      long length = 0;
      for (ChangeSegment segment : history.segments()) {
        boolean isPossible = segment.lastPosition() <= end && level(segment) <= level;
        if (!isPossible
            || length + segment.lengthBytes() > MAX_MERGED_BYTES
            || isCutBetween(run, segment, barriers)) {
          run = new ArrayList<>();
          length = 0;
        }
        if (isPossible) {
          run.add(segment);
          length += segment.lengthBytes();
          if (run.size() == fanIn) {
            return run;
          }
        }
      }
    }
    return List.of();
  }

  private static boolean isCutBetween(
      List<ChangeSegment> run, ChangeSegment next, Set<Long> barriers) {
    if (run.isEmpty()) {
      return false;
    }
    ChangeSegment last = run.get(run.size() - 1);
    return last.generation() != next.generation()
        || last.lastPosition() + 1 != next.firstPosition()
        || barriers.contains(last.lastPosition());
  }

  private int level(ChangeSegment segment) {
    long length = segment.lengthBytes() / LEVEL_0_BYTES;
    int level = 0;
    while (length >= fanIn) {
      length /= fanIn;
      level++;
    }
    return level;
  }

  /** Waits for what runs and forgets it; its file is found at the next open. */
  void close() {
    Merge merge = running;
    if (merge != null) {
      merge.task.abandon();
    }
    MaintenanceTask<Base> base = folding;
    if (base != null) {
      base.abandon();
    }
  }
}
