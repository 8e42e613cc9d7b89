package io.tidemark.tracker;

import io.tidemark.block.Hole;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.JournalEntryHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which intervals of the engine's log the source has declared complete, and why others are missing.
 *
 * <p>Folded from the journal's COVER, GAP and GENERATION entries. Single writer; not thread-safe.
 */
public final class Coverage {
  /** Of one generation: a source that is followed declares many times a second. */
  static final int MARKS_MAX = 2048;

  private static final String NEVER_DELIVERED = "never delivered by the source";

  /** A stretch that is unknown because of journal entries from a first to a last position. */
  private record Gap(long first, long last, Hole hole) {

    /** Whether another one, journaled later, only goes on with this one. */
    boolean isContinuedBy(Gap next) {
      return hole.generation() == next.hole.generation()
          && hole.last() != -1
          && hole.last() + 1 == next.hole.first()
          && hole.reason().equals(next.hole.reason())
          && next.last >= last;
    }

    /**
     * Returns both as one, so that a source that knows nothing of a long stretch does not make one
     * entry for each of its polls. Who asks for gaps between the two entries is told of one; no run
     * of a backup begins or ends there.
     */
    Gap continuedBy(Gap next) {
      return new Gap(
          Math.min(first, next.first),
          next.last,
          new Hole(hole.generation(), hole.first(), next.hole.last(), hole.reason()));
    }
  }

  /** Journal entries that are gone. */
  private record Loss(long first, long last, int generation, String reason) {}

  /** What is known of one generation. */
  private static final class Generation {
    private final OffsetIntervals covered;

    /** Some of the marks, the more the newer: who needs one that is gone does without. */
    private final List<CoverMark> marks = new ArrayList<>();

    /** First offset that is the generation's own; the log below is shared with the one before. */
    private long ownFrom;

    /** Last offset declared complete or named as a gap; null if nothing was. */
    private @Nullable Long delivered;

    Generation() {
      covered = new OffsetIntervals();
    }

    /** Copies another one, but not its marks. */
    Generation(Generation other) {
      covered = other.covered.copy();
      ownFrom = other.ownFrom;
      delivered = other.delivered;
    }

    /** Takes a mark in; every second one of the older half goes when there are too many. */
    void mark(CoverMark mark) {
      marks.add(mark);
      if (marks.size() > MARKS_MAX) {
        List<CoverMark> kept = new ArrayList<>(marks.size());
        for (int i = 0; i < marks.size(); i++) {
          if (i % 2 == 0 || i > MARKS_MAX / 2) {
            kept.add(marks.get(i));
          }
        }
        marks.clear();
        marks.addAll(kept);
      }
    }

    /** Returns the offset behind what it shares and what was delivered of it; null for none. */
    @Nullable Long firstUndelivered() {
      Long end = delivered;
      if (end == null) {
        return ownFrom;
      }
      return end == -1 ? null : Long.valueOf(max(ownFrom, end + 1));
    }

    void deliver(long last) {
      Long before = delivered;
      delivered = before == null ? Long.valueOf(last) : Long.valueOf(max(before, last));
    }
  }

  private final TreeMap<Integer, Generation> generations = new TreeMap<>(Integer::compareUnsigned);
  private final List<Gap> gaps = new ArrayList<>();

  /** Highest journal position at which a run of a backup begins or ends. */
  private long cut;

  private final List<Loss> losses = new ArrayList<>();

  /** The loss after which nothing was declared complete yet; it may have cut what comes next. */
  private @Nullable Loss openLoss;

  /** Returns a copy for questions, which later declarations do not change; it has no marks. */
  Coverage copy() {
    Coverage copy = new Coverage();
    generations.forEach(
        (number, generation) -> copy.generations.put(number, new Generation(generation)));
    copy.gaps.addAll(gaps);
    copy.losses.addAll(losses);
    copy.openLoss = openLoss;
    return copy;
  }

  /** Writes entries that add up to this; of the marks of a generation the last. */
  void write(JournalEntryHandler out) {
    for (Gap gap : gaps) {
      Hole hole = gap.hole;
      out.onGap(gap.last, hole.generation(), hole.first(), hole.last(), hole.reason());
    }
    generations.forEach(
        (number, generation) -> {
          out.onGeneration(ControlView.BASE_POSITION, number, generation.ownFrom);
          generation.covered.forEach(
              (first, last) -> writeInterval(number, first, last, generation.marks, out));
        });
  }

  /** Writes an interval declared complete, cut where the last mark belongs. */
  private static void writeInterval(
      int number, long first, long last, List<CoverMark> marks, JournalEntryHandler out) {
    CoverMark mark = marks.isEmpty() ? null : marks.get(marks.size() - 1);
    if (mark == null || compare(mark.last(), first) < 0 || compare(mark.last(), last) > 0) {
      out.onCover(ControlView.BASE_POSITION, number, first, last, new byte[0]);
      return;
    }
    out.onCover(ControlView.BASE_POSITION, number, first, mark.last(), mark.bytes());
    if (mark.last() != last) {
      out.onCover(ControlView.BASE_POSITION, number, mark.last() + 1, last, new byte[0]);
    }
  }

  private Generation generation(int number) {
    return generations.computeIfAbsent(number, unused -> new Generation());
  }

  /** Declares a closed interval complete. */
  void cover(int number, long first, long last, byte[] mark) {
    Generation generation = generation(number);
    if (mark.length > 0) {
      generation.mark(new CoverMark(last, mark));
    }
    Loss loss = openLoss;
    if (loss != null) {
      openLoss = null;
      gap(loss, number, first, last);
      return;
    }
    generation.deliver(last);
    generation.covered.add(first, last);
  }

  /** Returns the intervals declared complete, in order. */
  List<CoveredInterval> covered() {
    List<CoveredInterval> result = new ArrayList<>();
    generations.forEach(
        (number, generation) ->
            generation.covered.forEach(
                (first, last) -> result.add(new CoveredInterval(number, first, last))));
    return result;
  }

  /**
   * Passes on the parts of a generation through an offset that were declared neither complete nor
   * unknown.
   */
  void forEachUndeclared(int number, long last, OffsetIntervals.IntervalHandler handler) {
    OffsetIntervals declared = generation(number).covered.copy();
    for (Gap gap : gaps) {
      if (gap.hole().generation() == number) {
        declared.add(gap.hole().first(), gap.hole().last());
      }
    }
    declared.forEachMissing(generation(number).ownFrom, last, handler);
  }

  /** Declares a closed interval unknown, whatever was declared of it before. */
  void gap(long position, int number, long first, long last, String reason) {
    gap(new Loss(position, position, number, reason), number, first, last);
  }

  private void gap(Loss why, int number, long first, long last) {
    Generation generation = generation(number);
    generation.deliver(last);
    generation.covered.remove(first, last);
    Gap gap = new Gap(why.first, why.last, new Hole(number, first, last, why.reason));
    Gap newest = gaps.isEmpty() ? null : gaps.get(gaps.size() - 1);
    if (newest != null && newest.last > cut && newest.isContinuedBy(gap)) {
      gaps.set(gaps.size() - 1, newest.continuedBy(gap));
    } else {
      gaps.add(gap);
    }
  }

  /** Notes a journal position at which a run of a backup begins or ends: it parts gaps. */
  void cut(long position) {
    cut = Math.max(cut, position);
  }

  /** Begins a generation that shares the log of the one before below an offset. */
  void begin(int number, long firstOwn) {
    generation(number).ownFrom = firstOwn;
  }

  /**
   * Returns the first WAL offset of the newest generation behind every gap of certain reasons; 0 if
   * there was none in any.
   */
  public long knownFrom(Predicate<String> reasons) {
    long from = 0;
    for (Gap gap : gaps) {
      if (!reasons.test(gap.hole().reason())) {
        continue;
      }
      from = max(from, firstOwn(generation()));
      if (gap.hole().generation() == generation()) {
        from = max(from, gap.hole().last() == -1 ? -1 : gap.hole().last() + 1);
      }
    }
    return from;
  }

  /** Returns the number of gaps in all generations; what goes on with one counts as the same. */
  public int gapCount() {
    return gaps.size();
  }

  /** Returns the newest generation; 1 before anything was declared. */
  public int generation() {
    return generations.isEmpty() ? 1 : generations.lastKey();
  }

  /**
   * Returns the last WAL offset of the newest generation that was declared complete.
   *
   * @return null if nothing of it was
   */
  public @Nullable Long completeThrough() {
    return completeThrough(generation());
  }

  private @Nullable Long completeThrough(int number) {
    Generation generation = generations.get(number);
    return generation == null ? null : generation.covered.highest();
  }

  /**
   * Returns marks of a generation, in the order they were journaled: the newest, of those before
   * only some.
   */
  public List<CoverMark> marks(int number) {
    Generation generation = generations.get(number);
    return generation == null ? List.of() : List.copyOf(generation.marks);
  }

  /**
   * Returns the oldest generation in which an offset is at or below what was delivered; the newest
   * if there is none.
   */
  int oldestWith(long walOffset) {
    for (int number : generations.keySet()) {
      Long through = deliveredThrough(number);
      if (through != null && compare(walOffset, through) <= 0) {
        return number;
      }
    }
    return generation();
  }

  /** Returns whether a position lies beyond what its generation declared complete. */
  boolean isBeyond(WalPosition position) {
    int newest = Integer.compareUnsigned(position.generation(), generation());
    if (newest != 0) {
      return newest > 0;
    }
    Long through = completeThrough();
    return through == null || compare(position.walOffset(), through) > 0;
  }

  /**
   * Takes back everything declared so far and the next declaration: journal entries that might have
   * changed it were lost.
   *
   * <p>The next one too, because the events of one offset may lie in several journal records, and
   * some of them among the lost.
   *
   * @param first journal position of the first entry lost
   * @param last journal position of the last entry lost
   */
  void lose(long first, long last, String reason) {
    Loss loss = new Loss(first, last, generation(), reason);
    for (int number : List.copyOf(generations.keySet())) {
      Long end = deliveredThrough(number);
      if (end != null) {
        gap(loss, number, 0, end);
      }
    }
    losses.add(loss);
    openLoss = loss;
  }

  /**
   * Returns the holes between two positions, both inclusive, as far as the log was delivered.
   *
   * <p>Of an old generation nothing more will be delivered, so what a range takes of it beyond that
   * is a hole too: between its end and the first offset that the next one does not share with it,
   * up to where the range ends, and from its end to where the range begins, because what its reader
   * saw there is unknown. So is what crosses the beginning of a generation that does not know what
   * went back.
   */
  List<Hole> holes(WalPosition first, WalPosition last) {
    List<Hole> holes = new ArrayList<>();
    int begins = first.generation();
    if (begins != 0
        && !generations.containsKey(begins)
        && Integer.compareUnsigned(begins, generation()) < 0) {
      unseenBelow(begins, 0, first.walOffset(), holes);
    }
    generations
        .subMap(begins, true, last.generation(), true)
        .forEach(
            (number, generation) -> {
              long from = number == begins ? first.walOffset() : generation.ownFrom;
              Long end = generation.delivered;
              if (number != begins) {
                holesBelowOwn(number, generation.ownFrom, last, holes);
              }
              if (end != null && compare(from, end) <= 0) {
                long to = number == last.generation() ? min(last.walOffset(), end) : end;
                if (compare(from, to) <= 0) {
                  holes(number, from, to, holes);
                }
              }
              Map.Entry<Integer, Generation> next = generations.higherEntry(number);
              Long behind = generation.firstUndelivered();
              if (next != null && behind != null) {
                if (number == last.generation()) {
                  unseen(number, behind, last.walOffset(), holes);
                } else {
                  long ownOfNext = next.getValue().ownFrom;
                  unseenBelow(
                      number, behind, number == begins ? max(from, ownOfNext) : ownOfNext, holes);
                }
              }
            });
    return holes;
  }

  /** Adds what a generation declared unknown below its first own offset. */
  private void holesBelowOwn(int number, long firstOwn, WalPosition last, List<Hole> holes) {
    long end = number == last.generation() ? min(last.walOffset(), firstOwn - 1) : firstOwn - 1;
    for (Gap gap : gaps) {
      Hole hole = gap.hole();
      if (hole.generation() == number
          && compare(hole.first(), firstOwn) < 0
          && compare(hole.first(), end) <= 0) {
        holes(number, hole.first(), min(hole.last(), end), holes);
      }
    }
  }

  private static void unseenBelow(int number, long first, long end, List<Hole> holes) {
    if (end != 0) {
      unseen(number, first, end - 1, holes);
    }
  }

  /** Adds what was never delivered of an old generation; nothing if it ends before it begins. */
  private static void unseen(int number, long first, long last, List<Hole> holes) {
    if (compare(first, last) <= 0) {
      holes.add(new Hole(number, first, last, NEVER_DELIVERED));
    }
  }

  /**
   * Returns the same place in the oldest generation that holds it: below its own first offset a
   * generation shares the log of the one before.
   */
  WalPosition normalize(WalPosition position) {
    WalPosition result = position;
    Generation generation = generations.get(result.generation());
    while (generation != null
        && compare(result.walOffset(), generation.ownFrom) < 0
        && generations.lowerKey(result.generation()) != null) {
      result = new WalPosition(generations.lowerKey(result.generation()), result.walOffset());
      generation = generations.get(result.generation());
    }
    return result;
  }

  /** Returns the first WAL offset that a generation does not share with the one before. */
  public long firstOwn(int number) {
    Generation generation = generations.get(number);
    return generation == null ? 0 : generation.ownFrom;
  }

  /**
   * Returns the last WAL offset of a generation that was declared complete or named as a gap.
   *
   * @return null if nothing of it was delivered
   */
  public @Nullable Long deliveredThrough(int number) {
    Generation generation = generations.get(number);
    return generation == null ? null : generation.delivered;
  }

  /**
   * Returns the first WAL offset of a generation that is neither shared with the one before nor
   * declared complete or unknown, nor below one that is.
   *
   * @return null if that is every offset there is
   */
  @Nullable Long firstUndelivered(int number) {
    Generation generation = generations.get(number);
    return generation == null ? Long.valueOf(0) : generation.firstUndelivered();
  }

  /** Adds what is not covered in a closed interval, named by the gap that says why. */
  private void holes(int number, long first, long last, List<Hole> holes) {
    generation(number)
        .covered
        .forEachMissing(first, last, (from, to) -> name(number, from, to, holes));
  }

  private void name(int number, long first, long last, List<Hole> holes) {
    String reason = NEVER_DELIVERED;
    for (Gap gap : gaps) {
      Hole hole = gap.hole();
      if (hole.generation() == number
          && compare(hole.first(), last) <= 0
          && compare(hole.last(), first) >= 0) {
        reason = hole.reason();
        break;
      }
    }
    holes.add(new Hole(number, first, last, reason));
  }

  /**
   * Returns the gaps journaled, or lost, in (base, end].
   *
   * <p>Where journal entries were lost before anything was declared, nothing at all is known.
   */
  List<Hole> gapsWithin(long base, long end) {
    List<Hole> result = new ArrayList<>();
    for (Gap gap : gaps) {
      if (gap.last > base && gap.first <= end) {
        result.add(gap.hole);
      }
    }
    for (Loss loss : losses) {
      if (loss.last > base
          && loss.first <= end
          && gaps.stream().noneMatch(gap -> gap.last == loss.last)) {
        result.add(new Hole(loss.generation, 0, -1, loss.reason));
      }
    }
    return result;
  }

  private static long min(long a, long b) {
    return compare(a, b) <= 0 ? a : b;
  }

  private static long max(long a, long b) {
    return compare(a, b) >= 0 ? a : b;
  }

  private static int compare(long a, long b) {
    return Long.compareUnsigned(a, b);
  }
}
