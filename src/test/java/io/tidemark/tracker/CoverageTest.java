package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Hole;
import io.tidemark.block.WalPosition;
import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a source declared complete or unknown, at every edge of the unsigned range. */
class CoverageTest {
  private static final byte[] NO_MARK = {};
  private static final long LAST = -1;
  private static final String NEVER = "never delivered by the source";

  private final Coverage coverage = new Coverage();

  private static WalPosition at(int generation, long walOffset) {
    return new WalPosition(generation, walOffset);
  }

  private void cover(int generation, long first, long last) {
    coverage.cover(generation, first, last, NO_MARK);
  }

  private List<Hole> holes() {
    return coverage.holes(WalPosition.BEFORE_ALL, WalPosition.AFTER_ALL);
  }

  private List<Hole> holesFrom(int generation, long walOffset) {
    return coverage.holes(at(generation, walOffset), WalPosition.AFTER_ALL);
  }

  @Test
  void shouldKnowNothingAtFirst() {
    assertEquals(1, coverage.generation());
    assertNull(coverage.completeThrough());
    assertNull(coverage.deliveredThrough(1));
    assertEquals(List.of(), holes());
    assertTrue(coverage.isBeyond(at(1, 0)));
    assertEquals(0, coverage.firstOwn(7));
    assertEquals(List.of(), coverage.marks(1));
  }

  @Test
  void shouldNameWhatLiesBeforeTheFirstInterval() {
    cover(1, 10, 20);

    assertEquals(List.of(new Hole(1, 0, 9, NEVER)), holes());
    assertEquals(20L, coverage.completeThrough());
  }

  @Test
  void shouldMergeIntervalsThatTouchOrOverlap() {
    cover(1, 10, 19);
    cover(1, 30, 39);
    cover(1, 0, 9);
    cover(1, 15, 29);

    assertEquals(List.of(), holes());
    assertEquals(39L, coverage.completeThrough());
  }

  @Test
  void shouldKeepAnIntervalInsideALargerOne() {
    cover(1, 0, 100);
    cover(1, 40, 50);
    cover(1, 100, 100);

    assertEquals(List.of(), holes());
    assertEquals(100L, coverage.completeThrough());
  }

  @Test
  void shouldNameEveryStretchBetweenIntervals() {
    cover(1, 0, 4);
    cover(1, 10, 14);
    cover(1, 20, 24);

    assertEquals(List.of(new Hole(1, 5, 9, NEVER), new Hole(1, 15, 19, NEVER)), holes());
    assertEquals(
        List.of(new Hole(1, 7, 9, NEVER), new Hole(1, 15, 16, NEVER)),
        coverage.holes(at(1, 7), at(1, 16)));
    assertEquals(List.of(), coverage.holes(at(1, 10), at(1, 14)));
  }

  @Test
  void shouldReachTheLastOffset() {
    cover(1, 0, LAST);

    assertEquals(List.of(), holes());
    assertEquals(LAST, coverage.completeThrough());
    assertFalse(coverage.isBeyond(at(1, LAST)));
    assertEquals(List.of(), holesFrom(1, LAST));
  }

  @Test
  void shouldMergeAtTheLastOffsetAndInTheMiddleOfTheRange() {
    cover(1, LAST, LAST);
    cover(1, Long.MIN_VALUE, -2);
    cover(1, 0, Long.MAX_VALUE);

    assertEquals(List.of(), holes());
  }

  @Test
  void shouldCompareOffsetsUnsigned() {
    cover(1, 0, 5);
    cover(1, Long.MIN_VALUE, LAST);

    assertEquals(List.of(new Hole(1, 6, Long.MAX_VALUE, NEVER)), holes());
    assertEquals(LAST, coverage.completeThrough());
  }

  @Test
  void shouldNameAGapByItsReason() {
    cover(1, 0, 9);
    coverage.gap(7, 1, 10, 12, "recycled");
    cover(1, 13, 20);

    assertEquals(List.of(new Hole(1, 10, 12, "recycled")), holes());
    assertEquals(List.of(new Hole(1, 10, 12, "recycled")), coverage.gapsWithin(6, Long.MAX_VALUE));
    assertEquals(List.of(), coverage.gapsWithin(7, Long.MAX_VALUE));
  }

  @Test
  void shouldDeliverThroughAGapAtTheEnd() {
    cover(1, 0, 9);
    coverage.gap(7, 1, 10, 12, "unknown message");

    assertEquals(9L, coverage.completeThrough());
    assertEquals(12L, coverage.deliveredThrough(1));
    assertEquals(List.of(new Hole(1, 10, 12, "unknown message")), holes());
    assertTrue(coverage.isBeyond(at(1, 12)));
  }

  @Test
  void shouldBelieveAGapMoreThanAnEarlierDeclaration() {
    cover(1, 0, 100);

    coverage.gap(7, 1, 40, 50, "interval lost when the ring was full");

    assertEquals(List.of(new Hole(1, 40, 50, "interval lost when the ring was full")), holes());
    assertEquals(100L, coverage.completeThrough());
  }

  @Test
  void shouldCutEveryIntervalThatAGapTouches() {
    cover(1, 0, 10);
    cover(1, 20, 30);
    cover(1, 40, LAST);

    coverage.gap(7, 1, 5, 50, "lost");

    assertEquals(List.of(new Hole(1, 5, 50, "lost")), holes());

    coverage.gap(8, 1, 0, LAST, "all of it");

    assertNull(coverage.completeThrough());
    assertEquals(LAST, coverage.deliveredThrough(1));
    assertEquals(0, holes().get(0).first());
    assertEquals(LAST, holes().get(0).last());
  }

  @Test
  void shouldBelieveADeclarationAfterAGap() {
    coverage.gap(7, 1, 0, 9, "not decoded");

    cover(1, 0, 20);

    assertEquals(List.of(), holes());
  }

  @Test
  void shouldLookAtEachGenerationFromItsFirstOwnOffset() {
    cover(1, 0, 100);
    coverage.begin(2, 60);
    cover(2, 60, 80);

    assertEquals(List.of(), holes());
    assertEquals(2, coverage.generation());
    assertEquals(80L, coverage.completeThrough());
    assertEquals(60, coverage.firstOwn(2));
    assertFalse(coverage.isBeyond(at(1, 500)));
    assertTrue(coverage.isBeyond(at(2, 81)));
    assertTrue(coverage.isBeyond(at(3, 0)));
  }

  @Test
  void shouldKeepFewMarksOfManyAndTheNewestOfAll() {
    int many = 100 * Coverage.MARKS_MAX;
    for (int offset = 0; offset < many; offset++) {
      coverage.cover(1, offset, offset, new byte[] {1});
    }

    List<CoverMark> marks = coverage.marks(1);
    assertTrue(marks.size() <= Coverage.MARKS_MAX, "marks " + marks.size());
    assertEquals(0, marks.get(0).last());
    for (int newest = 1; newest < Coverage.MARKS_MAX / 2; newest++) {
      assertEquals(many - newest, marks.get(marks.size() - newest).last());
    }
  }

  @Test
  void shouldMissWhatAnOldGenerationStillOwedBelowTheNextOnesBeginning() {
    cover(1, 0, 100);
    coverage.begin(2, 200);
    cover(2, 200, 300);

    List<Hole> owed = List.of(new Hole(1, 101, 199, "never delivered by the source"));
    assertEquals(owed, coverage.holes(at(1, 0), WalPosition.AFTER_ALL));
    assertEquals(owed, coverage.holes(WalPosition.BEFORE_ALL, at(2, 250)));
    assertEquals(
        List.of(new Hole(1, 101, 150, "never delivered by the source")),
        coverage.holes(at(1, 0), at(1, 150)));
    assertEquals(List.of(), coverage.holes(at(1, 0), at(1, 100)));
    assertEquals(List.of(), coverage.holes(at(2, 200), at(2, 300)));
  }

  @Test
  void shouldOweNothingBehindTheLastOffset() {
    assertEquals(0L, coverage.firstUndelivered(1));
    cover(1, 0, 100);
    assertEquals(101L, coverage.firstUndelivered(1));
    cover(1, 101, -1);

    assertNull(coverage.firstUndelivered(1));
    coverage.begin(2, 50);
    assertEquals(50L, coverage.firstUndelivered(2));
  }

  @Test
  void shouldMissTheEndOfAnOldGenerationThatARangeEndsBehind() {
    cover(1, 0, 100);
    coverage.begin(2, 60);
    cover(2, 60, 300);

    assertEquals(List.of(), coverage.holes(at(1, 50), WalPosition.AFTER_ALL));
    assertEquals(
        List.of(new Hole(1, 101, -1, "never delivered by the source")),
        coverage.holes(at(1, 50), at(1, -1)));
  }

  @Test
  void shouldFindAPlaceInTheOldestGenerationThatHoldsIt() {
    cover(1, 0, 100);
    coverage.begin(2, 60);
    cover(2, 60, 80);
    coverage.begin(3, 30);

    assertEquals(at(1, 20), coverage.normalize(at(3, 20)));
    assertEquals(at(1, 29), coverage.normalize(at(3, 29)));
    assertEquals(at(3, 30), coverage.normalize(at(3, 30)));
    assertEquals(at(1, 59), coverage.normalize(at(2, 59)));
    assertEquals(at(2, 60), coverage.normalize(at(2, 60)));
    assertEquals(at(1, 99), coverage.normalize(at(1, 99)));
    assertEquals(at(9, 1), coverage.normalize(at(9, 1)));
  }

  @Test
  void shouldNameWhatAReaderSawOfAnOldGenerationAndNobodyDelivered() {
    cover(1, 0, 100);
    coverage.begin(2, 60);
    cover(2, 60, 80);

    assertEquals(List.of(), holesFrom(1, 101));
    assertEquals(List.of(new Hole(1, 101, 150, NEVER)), holesFrom(1, 151));
    assertEquals(List.of(new Hole(1, 101, -2, NEVER)), holesFrom(1, LAST));
  }

  @Test
  void shouldNameWhatAReaderSawOfAGenerationOfWhichNothingWasDelivered() {
    cover(1, 0, 100);
    coverage.begin(2, 60);
    coverage.begin(3, 50);
    cover(3, 50, 90);

    assertEquals(List.of(new Hole(2, 60, 69, NEVER)), holesFrom(2, 70));
    assertEquals(List.of(), holesFrom(2, 60));
  }

  @Test
  void shouldNameWhatAReaderSawOfAGenerationThatIsNotKnown() {
    cover(1, 0, 100);
    cover(3, 0, 100);

    assertEquals(List.of(new Hole(2, 0, 69, NEVER)), holesFrom(2, 70));
    assertEquals(List.of(), holesFrom(4, 70));
  }

  @Test
  void shouldFindTheOldestGenerationThatReachedAnOffset() {
    cover(1, 0, 50);
    coverage.gap(7, 1, 51, 70, "not decoded");
    coverage.begin(2, 40);
    cover(2, 40, 100);

    assertEquals(1, coverage.oldestWith(50));
    assertEquals(1, coverage.oldestWith(70));
    assertEquals(2, coverage.oldestWith(71));
    assertEquals(2, coverage.oldestWith(LAST));
  }

  @Test
  void shouldFindTheOldestGenerationThatReachedAnOffsetAfterALoss() {
    cover(1, 0, 100);
    coverage.lose(9, 9, "lost");
    coverage.begin(2, 40);
    cover(2, 40, 60);
    cover(2, 61, 100);

    assertEquals(1, coverage.oldestWith(80));
  }

  @Test
  void shouldTakeBackWhatWasDeclaredBeforeALossAndTheNextDeclaration() {
    cover(1, 0, 50);
    coverage.lose(5, 9, "journal positions 5-9 were lost");

    assertNull(coverage.completeThrough());
    assertEquals(50L, coverage.deliveredThrough(1));

    cover(1, 51, 60);

    assertNull(coverage.completeThrough());
    assertEquals(60L, coverage.deliveredThrough(1));

    cover(1, 61, 70);

    assertEquals(70L, coverage.completeThrough());
    assertEquals(List.of(new Hole(1, 0, 60, "journal positions 5-9 were lost")), holes());
    assertEquals(List.of(), holesFrom(1, 61));
    assertEquals(List.of(), coverage.gapsWithin(9, Long.MAX_VALUE));
    assertEquals(
        List.of(new Hole(1, 0, 60, "journal positions 5-9 were lost")),
        coverage.gapsWithin(8, Long.MAX_VALUE));
  }

  @Test
  void shouldPartGapsWhereARunOfABackupEnds() {
    cover(1, 0, 9);
    coverage.gap(20, 1, 10, 10, "recycled");
    coverage.gap(21, 1, 11, 11, "recycled");
    coverage.cut(21);
    coverage.gap(30, 1, 12, 12, "recycled");
    coverage.gap(31, 1, 13, 13, "recycled");
    coverage.cut(29);

    assertEquals(2, coverage.gapCount());
    assertEquals(List.of(new Hole(1, 10, 11, "recycled")), coverage.gapsWithin(0, 21));
    assertEquals(List.of(), coverage.gapsWithin(21, 29));
    assertEquals(List.of(new Hole(1, 12, 13, "recycled")), coverage.gapsWithin(21, 31));
  }

  @Test
  void shouldTakeGapsThatGoOnAsOne() {
    cover(1, 0, 9);
    for (int i = 0; i < 1000; i++) {
      coverage.gap(20 + i, 1, 10 + 2 * i, 11 + 2 * i, "rows only");
    }
    coverage.gap(2000, 1, 2010, 2012, "recycled");
    coverage.gap(2001, 1, 2014, 2014, "recycled");

    assertEquals(3, coverage.gapCount());
    assertEquals(List.of(new Hole(1, 10, 2009, "rows only")), coverage.gapsWithin(1018, 1500));
    assertEquals(List.of(), coverage.gapsWithin(1019, 1999));
    assertEquals(List.of(new Hole(1, 2014, 2014, "recycled")), coverage.gapsWithin(2000, 2001));
    assertEquals(List.of(new Hole(1, 10, 2014, "rows only")), holes());
  }

  @Test
  void shouldKnowNothingWhereEntriesWereLostBeforeAnythingWasDeclared() {
    coverage.lose(1, 5, "journal positions 1-5 were lost");

    assertEquals(
        List.of(new Hole(1, 0, LAST, "journal positions 1-5 were lost")),
        coverage.gapsWithin(4, Long.MAX_VALUE));
    assertEquals(List.of(), coverage.gapsWithin(5, Long.MAX_VALUE));

    cover(1, 0, 20);

    assertEquals(List.of(new Hole(1, 0, 20, "journal positions 1-5 were lost")), holes());
  }

  @Test
  void shouldKeepMarksInOrderAndCopied() {
    byte[] mark = {1, 2, 3};
    coverage.cover(1, 0, 9, mark);
    cover(1, 10, 19);
    coverage.cover(1, 20, 29, new byte[] {4});
    mark[0] = 9;

    List<CoverMark> marks = coverage.marks(1);

    assertEquals(2, marks.size());
    assertEquals(9, marks.get(0).last());
    assertEquals(1, marks.get(0).bytes()[0]);
    assertEquals(29, marks.get(1).last());
  }

  @Test
  void shouldNotShowLaterDeclarationsInACopy() {
    cover(1, 0, 9);
    Coverage copy = coverage.copy();

    cover(1, 10, 19);
    coverage.gap(3, 1, 20, 20, "later");
    coverage.begin(2, 5);

    assertEquals(9L, copy.completeThrough());
    assertEquals(9L, copy.deliveredThrough(1));
    assertEquals(1, copy.generation());
    assertEquals(List.of(), copy.gapsWithin(0, Long.MAX_VALUE));
  }

  @Test
  void shouldAgreeWithABitForEveryOffset() {
    Seeds.each(400, CoverageTest::compareWithBits);
  }

  /** A window of 200 offsets somewhere in the unsigned range, one bit each. */
  private static void compareWithBits(Random random) {
    int size = 200;
    long edge = Unsigned.EDGES.get(random.nextInt(Unsigned.EDGES.size()));
    long base = Long.compareUnsigned(edge, size) < 0 ? 0 : edge - size + 1;
    Coverage coverage = new Coverage();
    BitSet covered = new BitSet();
    int delivered = -1;
    for (int step = 0; step < 30; step++) {
      int first = random.nextInt(size);
      int last = Math.min(size - 1, first + random.nextInt(40));
      boolean isGap = random.nextInt(4) == 0;
      if (isGap) {
        coverage.gap(step, 1, base + first, base + last, "gap");
      } else {
        coverage.cover(1, base + first, base + last, NO_MARK);
      }
      covered.set(first, last + 1, !isGap);
      delivered = Math.max(delivered, last);

      int from = random.nextInt(size);
      int to = from + random.nextInt(size - from);
      List<Long> expected = new ArrayList<>();
      for (int i = from; i <= Math.min(to, delivered); i++) {
        if (!covered.get(i)) {
          expected.add(base + i);
        }
      }
      List<Long> actual = new ArrayList<>();
      for (Hole hole : coverage.holes(at(1, base + from), at(1, base + to))) {
        for (long offset = hole.first(); offset != hole.last() + 1; offset++) {
          actual.add(offset);
        }
      }
      assertEquals(expected, actual, "step " + step + ", base " + Long.toUnsignedString(base));
      assertEquals(base + delivered, coverage.deliveredThrough(1));
      assertEquals(
          covered.isEmpty() ? null : Long.valueOf(base + covered.length() - 1),
          coverage.completeThrough());
    }
  }
}
