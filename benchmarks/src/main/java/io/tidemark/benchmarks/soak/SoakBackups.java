package io.tidemark.benchmarks.soak;

import io.tidemark.block.Verdict;
import io.tidemark.tracker.BackupRun;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.ChangedIds;
import java.io.IOException;
import java.util.BitSet;

/**
 * Runs a chain of backups, every third of which is given up, and checks each set from both sides.
 *
 * <p>Events come while a run is prepared, so where it ends is known only between two offsets: what
 * was applied before has to be in it, what was not begun afterwards must not. Used by one thread.
 */
final class SoakBackups {
  private static final String CHAIN = "soak";
  private static final int ABORT_ONE_IN = 3;

  private final BitmapEngine engine;
  private final Progress progress;
  private final SoakOracle oracle;
  private long appliedAtBase;
  private long startedAtBase;
  private long committed;
  private long aborted;

  SoakBackups(BitmapEngine engine, SoakWorkload workload, Progress progress) {
    this.engine = engine;
    this.progress = progress;
    this.oracle = new SoakOracle(workload);
  }

  /** Prepares a run, checks its set, and commits it or gives it up. */
  void run() throws IOException {
    long applied = progress.completeThrough();
    BackupRun run = engine.call(tracker -> tracker.backups().prepare(CHAIN));
    long started = progress.startedThrough();
    ChangedIds set = engine.call(ChangeTracker::view).changedIdsWithin(run.base(), run.end());
    check(set, applied, started);
    if ((committed + aborted) % ABORT_ONE_IN == ABORT_ONE_IN - 1) {
      engine.call(
          tracker -> {
            tracker.backups().abort(run);
            return run;
          });
      aborted++;
    } else {
      engine.call(
          tracker -> {
            tracker.backups().commit(run);
            return run;
          });
      committed++;
      appliedAtBase = applied;
      startedAtBase = started;
    }
  }

  private void check(ChangedIds set, long applied, long started) {
    BitSet ids = new BitSet();
    set.ids().forEach(id -> ids.set((int) id));
    BitSet least = oracle.changedIn(startedAtBase + 1, applied);
    BitSet most = oracle.changedIn(appliedAtBase + 1, started);
    int missing = SoakOracle.missing(least, ids);
    int tooMany = SoakOracle.missing(ids, most);
    if (set.verdict() != Verdict.EXACT || missing > 0 || tooMany > 0) {
      throw new SoakFailedException(
          "wrong set of a backup: verdict="
              + set.verdict()
              + ", blocks="
              + ids.cardinality()
              + ", missing="
              + missing
              + ", tooMany="
              + tooMany
              + ", runs="
              + runs());
    }
  }

  /** Returns how many runs there were; each is two entries in the journal. */
  long runs() {
    return committed + aborted;
  }

  /** Returns how many runs were committed. */
  long committed() {
    return committed;
  }
}
