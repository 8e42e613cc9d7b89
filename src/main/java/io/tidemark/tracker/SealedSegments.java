package io.tidemark.tracker;

import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.ControlCompactor;
import io.tidemark.segment.OpenSegment;
import io.tidemark.segment.SegmentMerger;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The change segments of a store as files, in journal order, and their merging.
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
   * Inputs stay on disk until no kept checkpoint names them; of two files that begin at one position
   * the longer one counts.
   */

  private static final int LEVEL_0_BYTES = 4096;
  private static final long MAX_MERGED_BYTES = 1L << 30;

  private final StorageIO io;
  private final StoreLayout layout;
  private final long storeId;
  private final int fanIn;
  private final Executor executor;
  private final List<ChangeSegment> segments;
  private @Nullable Merge running;

  /** Inputs and the file that will stand for them. */
  private record Merge(List<ChangeSegment> inputs, CompletableFuture<ChangeSegment> result) {}

  SealedSegments(
      StorageIO io,
      StoreLayout layout,
      long storeId,
      int fanIn,
      Executor executor,
      List<ChangeSegment> segments) {
    this.io = io;
    this.layout = layout;
    this.storeId = storeId;
    this.fanIn = fanIn;
    this.executor = executor;
    this.segments = new ArrayList<>(segments);
  }

  /** Returns the segments in journal order; a copy. */
  List<ChangeSegment> list() {
    return List.copyOf(segments);
  }

  boolean isEmpty() {
    return segments.isEmpty();
  }

  /** Returns the file of a segment. */
  Path fileOf(ChangeSegment segment) {
    return layout.segment(segment.firstPosition(), segment.lastPosition());
  }

  /** Publishes what an open segment holds; durable when it returns. */
  ChangeSegment seal(OpenSegment open) throws IOException {
    Path file = layout.segment(open.firstPosition(), open.lastPosition());
    open.publish(io, file, storeId);
    ChangeSegment sealed = ChangeSegment.open(io, file, storeId);
    segments.add(sealed);
    return sealed;
  }

  /**
   * Takes over what was merged and begins the next merge, if one is due.
   *
   * @param barriers journal positions that must stay ends of segments
   * @param end merges end here or before
   */
  void maintain(Set<Long> barriers, long end) throws IOException {
    if (fanIn == 0) {
      return;
    }
    takeOver();
    if (running == null) {
      List<ChangeSegment> inputs = due(barriers, end);
      if (!inputs.isEmpty()) {
        begin(inputs);
      }
    }
  }

  private void begin(List<ChangeSegment> inputs) {
    running =
        new Merge(
            inputs,
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return merge(inputs);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                },
                executor));
  }

  private ChangeSegment merge(List<ChangeSegment> inputs) throws IOException {
    SegmentMerger merger = new SegmentMerger(inputs, true, ControlCompactor.KEEP_ALL);
    Path file = layout.segment(merger.firstPosition(), merger.lastPosition());
    merger.publish(io, file, storeId);
    return ChangeSegment.open(io, file, storeId);
  }

  /** Puts the merged segment in the place of its inputs. */
  private void takeOver() throws IOException {
    Merge merge = running;
    if (merge == null || !merge.result.isDone()) {
      return;
    }
    running = null;
    ChangeSegment merged;
    try {
      merged = merge.result.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof UncheckedIOException io ? io.getCause() : new IOException(e);
    }
    int at = segments.indexOf(merge.inputs.get(0));
    segments.subList(at, at + merge.inputs.size()).clear();
    segments.add(at, merged);
  }

  /** Returns the segments that are merged next; none if nothing is due. */
  private List<ChangeSegment> due(Set<Long> barriers, long end) {
    int highest = segments.stream().mapToInt(this::level).max().orElse(0);
    for (int level = 0; level <= highest; level++) {
      List<ChangeSegment> run = new ArrayList<>();
      long length = 0;
      for (ChangeSegment segment : segments) {
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

  /**
   * Waits for the merge that runs and forgets it; its file stands for its inputs at the next open.
   */
  void close() {
    Merge merge = running;
    if (merge != null) {
      merge.result.handle((merged, failure) -> merged).join();
    }
  }
}
