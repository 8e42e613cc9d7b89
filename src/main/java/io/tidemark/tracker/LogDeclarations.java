package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.Hole;
import io.tidemark.journal.RecordBuffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What embedding code declares about the engine's log: complete, unknown, rolled back, replaced.
 *
 * <p>Called by the thread that holds the engine, with an empty record of the present generation.
 */
final class LogDeclarations {

  /*
   * Rollback. The blocks that went back are journaled before anything is declared of the new
   * generation. A crash or a full disk in between leaves a generation of which nothing is declared:
   * the next call, or the next opening, journals them again.
   */

  private static final byte[] NO_MARK = {};
  private static final String NOT_GIVEN = "source goes on behind what the store has";

  private final ChangeTracker tracker;
  private final RecordBuffer record;

  /** The last generation whose beginning this opening journaled; 0 for none. */
  private int begun;

  /** The last generation of which this opening journaled what went back; 0 for none. */
  private int undone;

  /** When the log was rolled back or later. */
  private long wentBackNs;

  /** Takes the engine's record for its own entries. */
  LogDeclarations(ChangeTracker tracker, RecordBuffer record) {
    this.tracker = tracker;
    this.record = record;
  }

  /** Ends a rollback that was begun. */
  void settle() throws IOException {
    Coverage coverage = tracker.coverage();
    int generation = coverage.generation();
    if (generation == 1 || generation == undone || coverage.deliveredThrough(generation) != null) {
      return;
    }
    if (generation != begun) {
      // Not earlier than it went back: its beginning was journaled with that time, or nothing was.
      wentBackNs = tracker.view().newestTimestampNs();
    }
    undo();
  }

  /** Declares everything through a WAL offset complete, except declared gaps. */
  void completeThrough(long walOffset) throws IOException {
    for (Hole interval : undeclared(walOffset)) {
      makeRoom();
      record.cover(interval.first(), interval.last(), NO_MARK);
    }
    appendIfAny();
  }

  /** Declares everything below a WAL offset unknown that was not declared before; returns that. */
  List<Hole> continueFrom(long walOffset) throws IOException {
    if (walOffset == 0) {
      return List.of();
    }
    List<Hole> unknown = undeclared(walOffset - 1);
    for (Hole interval : unknown) {
      makeRoom();
      record.gap(interval.first(), interval.last(), NOT_GIVEN);
    }
    appendIfAny();
    return unknown;
  }

  private List<Hole> undeclared(long last) {
    List<Hole> intervals = new ArrayList<>();
    int generation = record.generation();
    tracker
        .coverage()
        .forEachUndeclared(
            generation,
            last,
            (from, to) -> intervals.add(new Hole(generation, from, to, NOT_GIVEN)));
    return intervals;
  }

  /** Declares a closed range of WAL offsets unknown. */
  void gap(long first, long last, String reason) throws IOException {
    record.gap(first, last, reason);
    tracker.append(record);
  }

  /**
   * Begins a generation and journals what went back; returns its number.
   *
   * <p>Its own log begins no later than behind what was declared of the one before: what that still
   * owed will be given as the new one's, and is promised with it.
   */
  int beginGeneration(long firstOwn, long timestampNs) throws IOException {
    Long behind = tracker.coverage().firstUndelivered(record.generation());
    long own = behind != null && Long.compareUnsigned(firstOwn, behind) > 0 ? behind : firstOwn;
    record.generation(record.generation() + 1);
    record.beginGeneration(own);
    tracker.append(record);
    begun = tracker.coverage().generation();
    wentBackNs = timestampNs;
    undo();
    return begun;
  }

  /** Begins a generation that shares nothing with the ones before; returns its number. */
  int beginUnrelatedGeneration(String reason) throws IOException {
    record.generation(record.generation() + 1);
    record.beginGeneration(0);
    record.gap(0, 0, reason);
    tracker.append(record);
    return tracker.coverage().generation();
  }

  /** Journals that the blocks went back which were changed from the first own offset on. */
  private void undo() throws IOException {
    int generation = tracker.coverage().generation();
    long firstOwn = tracker.coverage().firstOwn(generation);
    record.clear();
    record.generation(generation);
    Hole unknown =
        Rollback.undo(
            tracker.view(),
            generation,
            firstOwn,
            wentBackNs,
            (blockId, walOffset, timestampNs) -> {
              makeRoom();
              record.event(BlockEventType.UPDATE, blockId, walOffset, timestampNs);
            });
    if (unknown != null) {
      makeRoom();
      record.gap(unknown.first(), unknown.last(), unknown.reason());
    }
    appendIfAny();
    undone = generation;
  }

  private void makeRoom() throws IOException {
    if (!record.hasRoom()) {
      tracker.append(record);
    }
  }

  private void appendIfAny() throws IOException {
    if (record.count() > 0) {
      tracker.append(record);
    }
  }
}
