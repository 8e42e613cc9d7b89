package io.tidemark.benchmarks;

import io.tidemark.block.BlockMetadata;
import io.tidemark.block.BlockState;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.tracker.ChangeRange;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.ChangedIds;
import io.tidemark.tracker.StoreView;
import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * Asks a loaded store: which blocks changed in a range, what state a block is in, what is known of
 * it.
 *
 * <p>Used by the tracker's thread.
 */
final class StoreQuestions {
  private static final int REPETITIONS = 15;
  private static final int LOOKUPS = 1_000_000;

  /** Of metadata: one may cost the opening of a file. */
  private static final int METADATA_LOOKUPS = 50_000;

  private static final int GENERATION = 1;

  private final ResultTable table;
  private final ChangeTracker tracker;
  private final StoreWorkload workload;
  private final long events;

  /**
   * Takes a store.
   *
   * @param events how many events of the workload are in it
   */
  StoreQuestions(ResultTable table, ChangeTracker tracker, StoreWorkload workload, long events) {
    this.table = table;
    this.tracker = tracker;
    this.workload = workload;
    this.events = events;
  }

  /**
   * Asks for ranges.
   *
   * @param answers how many events a range takes, so that there are as many answers or fewer
   */
  void ranges(long answers) throws IOException {
    long length = Math.min(answers, events / 2);
    long first = (events - length) / 2;
    long last = first + length - 1;
    range(
        "range by WAL",
        ChangeRange.positions(
            new WalPosition(GENERATION, StoreWorkload.walOffset(first)),
            new WalPosition(GENERATION, StoreWorkload.walOffset(last))));
    range(
        "range by time",
        ChangeRange.timestamps(StoreWorkload.timestampNs(first), StoreWorkload.timestampNs(last)));
    long base = StoreWorkload.walOffset(events - 1) - Math.max(events / 100, 1);
    range("last 1 %", ChangeRange.after(new WalPosition(GENERATION, base)));
  }

  private void range(String figure, ChangeRange range) throws IOException {
    StoreView view = tracker.view();
    ask(
        figure,
        () -> {
          ChangeSet answer = view.changes(range);
          check(answer.verdict());
          return answer.changes().size();
        });
    ask(
        figure + ", ids",
        () -> {
          ChangedIds answer = view.changedIds(range);
          check(answer.verdict());
          return answer.ids().size();
        });
  }

  private static void check(Verdict verdict) {
    if (verdict != Verdict.EXACT) {
      throw new IllegalStateException("answer is not exact: verdict=" + verdict);
    }
  }

  private void ask(String figure, LongSupplier question) throws IOException {
    Meter meter = new Meter();
    long answers = 0;
    for (int i = 0; i < REPETITIONS; i++) {
      meter.start();
      answers = question.getAsLong();
      meter.stop();
    }
    table.add(figure + " answers", (double) answers, "blocks");
    table.addMs(figure, meter);
    table.add(figure + " cpu an answer", (double) meter.cpuNs() / answers, "ns");
  }

  /** Looks up states, in the order of events and in random order. */
  void states() throws IOException {
    for (boolean isRandom : new boolean[] {false, true}) {
      long[] ids = ids(isRandom, LOOKUPS);
      Meter meter = new Meter();
      for (int i = 0; i < REPETITIONS; i++) {
        meter.start();
        long clean = 0;
        for (long id : ids) {
          clean += tracker.state(id) == BlockState.CLEAN ? 1 : 0;
        }
        meter.stop();
        if (clean > ids.length) {
          throw new AssertionError("more clean blocks than blocks: " + clean);
        }
      }
      table.add(
          "state lookup " + order(isRandom) + " cpu", (double) meter.cpuNs() / ids.length, "ns");
    }
  }

  /** Opens the metadata map, folds everything into it, and looks blocks up. */
  void metadata() throws IOException {
    Meter first = new Meter();
    first.start();
    read(workload.blockId(0));
    first.stop();
    table.addMs("metadata map open and fold", first);
    table.add("metadata map fold cpu a block", (double) first.cpuNs() / workload.blocks(), "ns");
    for (boolean isRandom : new boolean[] {false, true}) {
      long[] ids = ids(isRandom, METADATA_LOOKUPS);
      Meter meter = new Meter();
      for (int i = 0; i < REPETITIONS; i++) {
        meter.start();
        for (long id : ids) {
          read(id);
        }
        meter.stop();
      }
      table.add(
          "metadata lookup " + order(isRandom) + " cpu", (double) meter.cpuNs() / ids.length, "ns");
    }
  }

  private void read(long id) throws IOException {
    BlockMetadata metadata = tracker.metadata(id);
    if (metadata == null) {
      throw new IllegalStateException("block is not known: id=" + Long.toUnsignedString(id));
    }
  }

  private static String order(boolean isRandom) {
    return isRandom ? "random" : "in order";
  }

  /** Returns blocks that are in the store: in the order they came, or spread over all of them. */
  private long[] ids(boolean isRandom, int limit) {
    long known = Math.min(events, workload.blocks());
    int count = (int) Math.min(limit, known);
    long[] ids = new long[count];
    for (int i = 0; i < count; i++) {
      ids[i] = workload.blockId(isRandom ? StoreWorkload.permuted(i, known) : i);
    }
    return ids;
  }
}
