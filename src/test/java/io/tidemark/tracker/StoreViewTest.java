package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.RecordBuffer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verdicts where an answer could miss a change without saying so. */
class StoreViewTest {
  private static final byte[] NO_MARK = {};
  private static final long LAST = -1;
  private static final long NS = 1_000;

  @TempDir Path directory;
  private final RecordBuffer record = new RecordBuffer();
  private ChangeTracker tracker;

  @BeforeEach
  void openStore() throws IOException {
    tracker = ChangeTracker.open(directory, "log", TrackerOptions.defaults());
  }

  @AfterEach
  void closeStore() throws IOException {
    tracker.abandon();
  }

  private static WalPosition at(int generation, long walOffset) {
    return new WalPosition(generation, walOffset);
  }

  private long change(BlockEventType type, long block, long walOffset) throws IOException {
    record.event(type, block, walOffset, NS * walOffset);
    return tracker.append(record);
  }

  private void cover(long first, long last) throws IOException {
    record.cover(first, last, NO_MARK);
    tracker.append(record);
  }

  private void begin(int generation, long firstOwn) throws IOException {
    record.generation(generation);
    record.beginGeneration(firstOwn);
    tracker.append(record);
  }

  private static List<Long> blocks(ChangeSet answer) {
    return answer.changes().stream().map(BlockChange::blockId).toList();
  }

  @Test
  void shouldNotBeReadyBeforeAnythingWasDeclared() throws IOException {
    change(BlockEventType.CREATE, 1, 5);

    StoreView view = tracker.view();

    assertEquals(Verdict.NOT_READY, view.changedEver().verdict());
    assertEquals(Verdict.NOT_READY, view.changedAfter(at(1, 0)).verdict());
    assertEquals(Verdict.NOT_READY, view.changedIn(at(1, 0), at(1, 5)).verdict());
    assertEquals(Verdict.NOT_READY, view.changedBetween(0, Long.MAX_VALUE).verdict());
  }

  @Test
  void shouldNotBeReadyUntilWhatWentBackIsJournaled() throws IOException {
    change(BlockEventType.UPDATE, 1, 60);
    cover(0, 100);
    begin(2, 50);

    ChangeSet after = tracker.view().changedAfter(at(1, 80));
    ChangeSet between = tracker.view().changedBetween(0, Long.MAX_VALUE);

    assertEquals(Verdict.NOT_READY, after.verdict());
    assertEquals(Verdict.NOT_READY, between.verdict());

    change(BlockEventType.UPDATE, 1, 49);
    cover(50, 55);

    assertEquals(Verdict.EXACT, tracker.view().changedAfter(at(1, 80)).verdict());
    assertEquals(List.of(1L), blocks(tracker.view().changedAfter(at(1, 80))));
  }

  @Test
  void shouldNotBeChangedByWhatIsAppendedLater() throws IOException {
    change(BlockEventType.UPDATE, 1, 100);
    cover(0, 100);
    StoreView view = tracker.view();

    change(BlockEventType.UPDATE, 2, 101);
    cover(101, 101);

    assertEquals(Verdict.NOT_READY, view.changedIn(at(1, 101), at(1, 101)).verdict());
    assertEquals(at(1, 100), view.completeThrough());
    assertEquals(at(1, 100), view.changedEver().completeThrough());
    assertEquals(List.of(2L), blocks(tracker.view().changedIn(at(1, 101), at(1, 101))));
  }

  @Test
  void shouldHaveAHoleWhereAnOldGenerationWasReadToItsVeryEnd() throws IOException {
    cover(0, 100);
    begin(2, 50);
    cover(50, 60);

    ChangeSet answer = tracker.view().changedAfter(at(1, LAST));

    assertEquals(Verdict.FULL_REQUIRED, answer.verdict());
    assertEquals(List.of(new Hole(1, 101, -2, "never delivered by the source")), answer.holes());
  }

  @Test
  void shouldAnswerNothingAfterTheVeryLastPosition() throws IOException {
    change(BlockEventType.UPDATE, 1, LAST);
    cover(0, LAST);

    ChangeSet answer = tracker.view().changedAfter(at(1, LAST));

    assertEquals(Verdict.EXACT, answer.verdict());
    assertEquals(List.of(), answer.changes());
    assertEquals(List.of(1L), blocks(tracker.view().changedAfter(at(1, LAST - 1))));
  }

  @Test
  void shouldTakeABareOffsetForTheOldestGenerationThatReachedIt() throws IOException {
    change(BlockEventType.UPDATE, 1, 55);
    cover(0, 60);
    record.gap(61, 70, "not decoded");
    tracker.append(record);
    begin(2, 50);
    change(BlockEventType.UPDATE, 1, 49);
    change(BlockEventType.UPDATE, 2, 90);
    cover(50, 100);

    ChangeSet answer = tracker.view().changedAfter(65);

    assertEquals(List.of(1L, 2L), blocks(answer));
    assertEquals(Verdict.FULL_REQUIRED, answer.verdict());
    assertEquals(List.of(new Hole(1, 66, 70, "not decoded")), answer.holes());
  }

  @Test
  void shouldAnswerASupersetWhereTwoGenerationsHoldAnOffset() throws IOException {
    change(BlockEventType.UPDATE, 1, 55);
    cover(0, 60);
    begin(2, 50);
    change(BlockEventType.UPDATE, 1, 49);
    change(BlockEventType.UPDATE, 2, 59);
    cover(50, 60);

    ChangeSet answer = tracker.view().changedAfter(57);

    assertEquals(List.of(1L, 2L), blocks(answer));
    assertEquals(Verdict.SUPERSET, answer.verdict());
    assertEquals(1, answer.surplus());
  }

  @Test
  void shouldBeExactSinceTheEndOfASegment() throws IOException {
    change(BlockEventType.UPDATE, 1, 5);
    tracker.seal();
    long cursor = tracker.position();
    change(BlockEventType.UPDATE, 2, 3);

    ChangeSet answer = tracker.view().changedSince(cursor);

    assertEquals(Verdict.EXACT, answer.verdict());
    assertEquals(List.of(2L), blocks(answer));
  }

  @Test
  void shouldCountWholeTheSegmentThatACursorCuts() throws IOException {
    long cursor = change(BlockEventType.UPDATE, 1, 5);
    change(BlockEventType.UPDATE, 2, 6);
    tracker.seal();
    change(BlockEventType.UPDATE, 3, 7);

    ChangeSet answer = tracker.view().changedSince(cursor);

    assertEquals(Verdict.SUPERSET, answer.verdict());
    assertEquals(2, answer.surplus());
    assertEquals(List.of(1L, 2L, 3L), blocks(answer));
  }

  @Test
  void shouldNotForgetADeletionInTheSegmentThatACursorCuts() throws IOException {
    long cursor = change(BlockEventType.UPDATE, 1, 5);
    change(BlockEventType.DELETE, 1, 6);
    tracker.seal();
    change(BlockEventType.CREATE, 1, 7);

    ChangeSet answer = tracker.view().changedSince(cursor);

    assertEquals(Verdict.EXACT, answer.verdict());
    assertEquals(ChangeKind.REPLACED, answer.changes().get(0).kind());
  }

  @Test
  void shouldNotBeReadySinceAPositionItDoesNotHave() throws IOException {
    long end = change(BlockEventType.UPDATE, 1, 5);

    assertEquals(Verdict.NOT_READY, tracker.view().changedSince(end + 1).verdict());
    assertEquals(Verdict.EXACT, tracker.view().changedSince(end).verdict());
  }

  @Test
  void shouldNameTheGapsJournaledSinceAPosition() throws IOException {
    long cursor = change(BlockEventType.UPDATE, 1, 5);
    record.gap(6, 6, "not decoded");
    long end = tracker.append(record);

    assertEquals(
        List.of(new Hole(1, 6, 6, "not decoded")), tracker.view().changedSince(cursor).holes());
    assertEquals(List.of(), tracker.view().changedSince(end).holes());
  }

  @Test
  void shouldRefuseARangeThatEndsBeforeItBegins() {
    StoreView view = tracker.view();

    assertEquals(
        "range ends before it begins: first=1/6, last=1/5",
        assertThrows(IllegalArgumentException.class, () -> view.changedIn(at(1, 6), at(1, 5)))
            .getMessage());
    assertEquals(
        "range ends before it begins: firstNs=6, lastNs=5",
        assertThrows(IllegalArgumentException.class, () -> view.changedBetween(6, 5)).getMessage());
  }

  @Test
  void shouldCompareOffsetsUnsignedInEveryRange() throws IOException {
    long[] offsets = {
      0, 1, Integer.MAX_VALUE, 1L << 31, (1L << 32) + 1, Long.MAX_VALUE, Long.MIN_VALUE, LAST
    };
    for (int block = 0; block < offsets.length; block++) {
      change(BlockEventType.UPDATE, block, offsets[block]);
    }
    cover(0, LAST);
    StoreView view = tracker.view();

    for (int from = 0; from < offsets.length; from++) {
      for (int to = from; to < offsets.length; to++) {
        ChangeSet answer = view.changedIn(at(1, offsets[from]), at(1, offsets[to]));
        assertEquals(to - from + 1, answer.changes().size());
        assertEquals(from, answer.changes().get(0).blockId());
        assertEquals(Verdict.EXACT, answer.verdict());
      }
      assertEquals(
          offsets.length - 1 - from, view.changedAfter(at(1, offsets[from])).changes().size());
    }
  }
}
