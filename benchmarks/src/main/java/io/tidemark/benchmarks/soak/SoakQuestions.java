package io.tidemark.benchmarks.soak;

import io.tidemark.block.Verdict;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.BlockPage;
import io.tidemark.tracker.ChangeRange;
import io.tidemark.tracker.ChangedIds;
import io.tidemark.tracker.PageCursor;
import java.io.IOException;
import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * Asks for ranges all over the history and compares every answer with the oracle's.
 *
 * <p>An EXACT answer has to be equal; a SUPERSET, which is what remains of old history, must miss
 * nothing. Used by one thread.
 */
final class SoakQuestions {
  private static final int MAX_RANGE = 20_000;
  private static final int PAGE = 5_000;

  private final BitmapEngine engine;
  private final SoakWorkload workload;
  private final SoakOracle oracle;
  private final SplittableRandom random;
  private long exact;
  private long supersets;

  SoakQuestions(BitmapEngine engine, SoakWorkload workload, long seed) {
    this.engine = engine;
    this.workload = workload;
    this.oracle = new SoakOracle(workload);
    this.random = new SplittableRandom(seed);
  }

  /**
   * Asks one question, every other one about the newest history.
   *
   * @param completeThrough what was declared complete
   */
  void ask(long completeThrough) throws IOException, InterruptedException {
    long length = Math.min(1 + random.nextInt(MAX_RANGE), completeThrough);
    long last =
        random.nextBoolean()
            ? completeThrough
            : length + random.nextLong(completeThrough - length + 1);
    long first = last - length + 1;
    boolean isByTime = random.nextBoolean();
    ChangeRange range =
        isByTime
            ? ChangeRange.timestamps(workload.timestampNs(first), workload.timestampNs(last))
            : ChangeRange.offsets(first, last);
    BitSet answer = new BitSet();
    Verdict verdict = random.nextBoolean() ? ids(range, answer) : pages(range, answer);
    BitSet expected = oracle.changedIn(first, last);
    boolean isRight =
        verdict == Verdict.EXACT
            ? answer.equals(expected)
            : verdict == Verdict.SUPERSET && SoakOracle.missing(expected, answer) == 0;
    if (!isRight) {
      throw new SoakFailedException(
          "wrong answer: first="
              + first
              + ", last="
              + last
              + ", isByTime="
              + isByTime
              + ", verdict="
              + verdict
              + ", blocks="
              + answer.cardinality()
              + ", missing="
              + SoakOracle.missing(expected, answer)
              + ", tooMany="
              + SoakOracle.missing(answer, expected));
    }
    if (verdict == Verdict.EXACT) {
      exact++;
    } else {
      supersets++;
    }
  }

  private Verdict ids(ChangeRange range, BitSet answer) throws InterruptedException {
    ChangedIds ids = engine.changedIdsIn(range, 0);
    ids.ids().forEach(id -> answer.set((int) id));
    return ids.verdict();
  }

  private Verdict pages(ChangeRange range, BitSet answer) throws IOException, InterruptedException {
    BlockPage page = engine.changedIn(range, PAGE, 0);
    while (true) {
      for (BlockChange change : page.changes()) {
        answer.set((int) change.blockId());
      }
      PageCursor next = page.next();
      if (next == null) {
        return page.verdict();
      }
      page = engine.nextPage(next, PAGE);
    }
  }

  /** Returns how many answers were EXACT. */
  long exact() {
    return exact;
  }

  /** Returns how many answers were SUPERSETs. */
  long supersets() {
    return supersets;
  }
}
