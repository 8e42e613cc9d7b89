package io.tidemark.tracker;

import io.tidemark.journal.RecordBuffer;
import io.tidemark.segment.OpenSegment;
import io.tidemark.segment.OpenSnapshot;
import io.tidemark.state.BlockStates;
import io.tidemark.state.OpenStates;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is journaled and not sealed yet: the open segment, which takes what is appended, and at most
 * one before it that is full and waits to be sealed.
 *
 * <p>Used by the tracker's thread. The full one does not change any more: any thread may read it.
 */
final class UnsealedSegments {
  private OpenSegment open;
  private @Nullable OpenSegment full;
  private @Nullable OpenSnapshot openSnapshot;
  private @Nullable OpenSnapshot fullSnapshot;
  private @Nullable OpenStates states;

  UnsealedSegments(OpenSegment open) {
    this.open = open;
  }

  /** Returns what takes the next entries. */
  OpenSegment open() {
    return open;
  }

  /** Returns how many events are not sealed. */
  int eventCount() {
    return open.eventCount() + (full == null ? 0 : full.eventCount());
  }

  /** Returns the first journal position that is not sealed. */
  long firstPosition() {
    return full == null ? open.firstPosition() : full.firstPosition();
  }

  /** Returns the segment that waits to be sealed; null if there is none. */
  @Nullable OpenSegment full() {
    return full;
  }

  /** Folds a record that was journaled. */
  void fold(RecordBuffer record) {
    record.forEach(open);
    OpenStates live = states;
    if (live != null) {
      record.forEach(live);
    }
    openSnapshot = null;
  }

  /** Makes the open segment the full one and begins the next. */
  OpenSegment fill() {
    assert full == null : "two segments wait to be sealed: first=" + open.firstPosition();
    OpenSegment filled = open;
    full = filled;
    fullSnapshot = openSnapshot;
    begin(filled.generation());
    return filled;
  }

  private void begin(int generation) {
    open = open.next(generation);
    openSnapshot = null;
  }

  /** Begins the open segment, which is empty, in another generation. */
  void beginGeneration(int generation) {
    assert open.isEmpty() : "segment of two generations: first=" + open.firstPosition();
    begin(generation);
  }

  /** Lets go of the full segment, which is sealed now. */
  void release() {
    OpenSegment sealed = full;
    if (sealed != null) {
      sealed.release();
    }
    full = null;
    fullSnapshot = null;
    states = null;
  }

  /** Returns what is not sealed, in journal order; later entries do not show in it. */
  List<OpenSnapshot> snapshots() {
    List<OpenSnapshot> snapshots = new ArrayList<>(2);
    if (full != null) {
      fullSnapshot = Objects.requireNonNullElseGet(fullSnapshot, full::snapshot);
      snapshots.add(fullSnapshot);
    }
    if (!open.isEmpty()) {
      openSnapshot = Objects.requireNonNullElseGet(openSnapshot, open::snapshot);
      snapshots.add(openSnapshot);
    }
    return snapshots;
  }

  /**
   * Returns the states with those of what is not sealed; from the first question on they are kept
   * up to date with every record, until a segment is sealed.
   *
   * @param sealed the states of everything before; used, and folded meanwhile
   */
  OpenStates states(BlockStates sealed) {
    OpenStates live = states;
    if (live == null) {
      live = new OpenStates(sealed, full == null ? List.of(open) : List.of(full, open));
      states = live;
    }
    return live;
  }
}
