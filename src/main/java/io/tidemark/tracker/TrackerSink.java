package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.Hole;
import io.tidemark.ingest.BlockEventSink;
import io.tidemark.journal.RecordBuffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A sink that journals events in batches, for a reader of a log that uses the tracker's thread.
 *
 * <p>Not thread-safe. What was declared complete is applied with the events before it; {@link
 * #append} applies what is left. An {@link IOException} of the tracker is thrown as {@link
 * UncheckedIOException}; after it the sink may not be used any more.
 */
public final class TrackerSink implements BlockEventSink {

  private final ChangeTracker tracker;
  private final RecordBuffer record = new RecordBuffer();
  private final LogDeclarations declarations;
  private final List<Hole> holes = new ArrayList<>();

  /** Makes a sink of a tracker, which stays the caller's; ends a rollback that was begun in it. */
  public TrackerSink(ChangeTracker tracker) throws IOException {
    this.tracker = tracker;
    this.declarations = new LogDeclarations(tracker, record);
    record.generation(tracker.coverage().generation());
    declarations.settle();
    record.generation(tracker.coverage().generation());
  }

  @Override
  public void continueFrom(long walOffset) {
    run(() -> holes.addAll(declarations.continueFrom(walOffset)));
  }

  @Override
  public void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {
    makeRoom();
    record.event(type, blockId, walOffset, timestampNs);
  }

  @Override
  public void onFlushAll(long walOffset, long timestampNs) {
    makeRoom();
    record.flushAll(walOffset, timestampNs);
  }

  @Override
  public void completeThrough(long walOffset) {
    run(() -> declarations.completeThrough(walOffset));
  }

  @Override
  public void gap(long first, long last, String reason) {
    holes.add(new Hole(tracker.coverage().generation(), first, last, reason));
    run(
        () -> {
          append();
          declarations.gap(first, last, reason);
        });
  }

  @Override
  public void rolledBack(long firstOwn, long timestampNs) {
    run(
        () -> {
          append();
          declarations.beginGeneration(firstOwn, timestampNs);
        });
  }

  /** Returns the gaps that were declared since it was asked last. */
  public List<Hole> takeHoles() {
    List<Hole> taken = List.copyOf(holes);
    holes.clear();
    return taken;
  }

  private void makeRoom() {
    if (!record.hasRoom() || record.count() >= tracker.recordEventsMax()) {
      run(this::append);
    }
  }

  /** Applies what was given; nothing of it is declared complete by that. */
  public void append() throws IOException {
    if (record.count() > 0) {
      tracker.append(record);
    }
  }

  /** A call of the tracker. */
  @FunctionalInterface
  private interface TrackerCall {
    void run() throws IOException;
  }

  private static void run(TrackerCall call) {
    try {
      call.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
