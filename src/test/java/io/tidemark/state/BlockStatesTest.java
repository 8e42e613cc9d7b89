package io.tidemark.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockState;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The states of all blocks, folded in order, rebuilt, and by brute force. */
class BlockStatesTest {
  private static final List<Long> IDS = List.of(0L, 1L, 2L, 1L << 32, Long.MIN_VALUE, -1L);

  private static BlockStates fold(BlockSets sets, SegmentedHistory history) {
    BlockStates states = new BlockStates(sets);
    for (int i = 0; i < history.segments.size(); i++) {
      SegmentHistory through = new SegmentHistory(history.segments.subList(0, i + 1), 0);
      states.fold(history.segments.get(i), through);
    }
    return states;
  }

  private static BlockStates fold(SegmentedHistory history) {
    return fold(BlockSets.ROARING, history);
  }

  private static BlockStates rebuild(List<ChangeSegment> segments, long cursor) {
    return BlockStates.rebuild(BlockSets.ROARING, new SegmentHistory(segments, cursor));
  }

  private static void assertAgrees(SegmentedHistory history, BlockStates states) {
    assertAgrees(history, history.states(0), states);
  }

  private static void assertAgrees(
      SegmentedHistory history, Map<Long, BlockState> expected, BlockStates states) {
    for (long id : IDS) {
      assertEquals(
          expected.getOrDefault(id, BlockState.CLEAN),
          states.state(id),
          () -> "block " + Long.toUnsignedString(id));
      assertEquals(expected.containsKey(id), states.isKnown(id));
    }
    assertEquals(
        new StateCounts(
            expected.size(),
            count(expected, BlockState.DIRTY),
            count(expected, BlockState.NEW),
            count(expected, BlockState.DELETED)),
        states.counts());
    assertEquals(count(expected, BlockState.CLEAN), states.counts().clean());
    assertEquals(history.highest(), states.highest());
  }

  private static long count(Map<Long, BlockState> states, BlockState wanted) {
    return states.values().stream().filter(state -> state == wanted).count();
  }

  @Test
  void shouldAgreeWithBruteForceWhateverTheOrderOfPositions() {
    Seeds.each(
        Rounds.share(6000),
        random -> {
          SegmentedHistory history = SegmentedHistory.any(random, IDS, random.nextBoolean());

          BlockStates folded = fold(history);

          assertAgrees(history, folded);
          assertTrue(folded.sameAs(rebuild(history.segments, 0)), "same as rebuilt");
          assertTrue(folded.sameAs(fold(BlockSets.REFERENCE, history)), "same as the reference");
        });
  }

  @Test
  void shouldAgreeWithBruteForceWhenRebuiltInAnyOrder() {
    Seeds.each(
        Rounds.share(3000),
        random -> {
          SegmentedHistory history = SegmentedHistory.any(random, IDS, false);
          List<ChangeSegment> shuffled = new ArrayList<>(history.segments);
          Collections.shuffle(shuffled, random);

          assertAgrees(history, rebuild(shuffled, 0));
        });
  }

  @Test
  void shouldAgreeWithBruteForceWhateverWasCommittedWhen() {
    Seeds.each(
        Rounds.share(6000),
        random -> {
          SegmentedHistory history = SegmentedHistory.any(random, IDS, random.nextBoolean());
          BlockSets sets = random.nextBoolean() ? BlockSets.ROARING : BlockSets.REFERENCE;
          BlockStates states = new BlockStates(sets);
          List<ChangeSegment> folded = new ArrayList<>();
          long cursor = 0;

          for (ChangeSegment segment : history.segments) {
            folded.add(segment);
            if (random.nextInt(3) == 0) {
              cursor = Math.max(cursor, folded.get(random.nextInt(folded.size())).lastPosition());
            }
            SegmentHistory through = new SegmentHistory(folded, cursor);
            states.fold(segment, through);
            states.commit(through);
            if (random.nextInt(4) == 0) {
              states = new BlockStates(sets, states.image());
            }
          }

          assertAgrees(history, history.states(cursor), states);
          assertTrue(states.sameAs(rebuild(history.segments, cursor)), "same as rebuilt");
        });
  }

  @Test
  void shouldTellTheStatesOfWhatIsNotSealedBeforeAndAfterItIsFolded() {
    Seeds.each(
        Rounds.share(3000),
        random -> {
          SegmentedHistory history = SegmentedHistory.any(random, IDS, true);
          List<ChangeSegment> segments = history.segments;
          int sealedCount = Math.max(segments.size() - 1 - random.nextInt(2), 0);
          List<ChangeSegment> unsealed = segments.subList(sealedCount, segments.size());
          BlockStates sealed = rebuild(segments.subList(0, sealedCount), 0);

          OpenStates open =
              new OpenStates(sealed, history.opened.subList(sealedCount, segments.size()));

          assertFalse(open.isLate());
          assertAgrees(rebuild(segments, 0), open);
          if (!unsealed.isEmpty()) {
            sealed.fold(
                unsealed.get(0), new SegmentHistory(segments.subList(0, sealedCount + 1), 0));
            assertAgrees(rebuild(segments, 0), open);
          }
        });
  }

  private static void assertAgrees(BlockStates all, OpenStates open) {
    for (long id : IDS) {
      assertEquals(all.state(id), open.state(id));
      assertEquals(all.isKnown(id), open.isKnown(id));
    }
    assertEquals(all.counts(), open.counts());
  }

  @Test
  void shouldFoldASegmentThatBeginsWhereTheLastOneEnded() {
    SegmentedHistory history = new SegmentedHistory();
    history.event(BlockEventType.DELETE, 1, 1, 10, 0);
    history.cut();
    history.event(BlockEventType.CREATE, 1, 1, 10, 0);
    history.cut();

    assertEquals(BlockState.NEW, fold(history).state(1));
    assertEquals(BlockState.DELETED, rebuild(history.segments.subList(0, 1), 0).state(1));
  }

  @Test
  void shouldLookUpTheHistoryOfLateBlocksOnly() {
    SegmentedHistory history = new SegmentedHistory();
    history.event(BlockEventType.CREATE, 1, 1, 10, 0);
    history.event(BlockEventType.CREATE, 2, 1, 20, 0);
    history.cut();
    history.event(BlockEventType.UPDATE, 1, 1, 21, 0);
    history.event(BlockEventType.UPDATE, 2, 1, 19, 0);
    history.cut();
    BlockStates states = fold(history);
    SegmentHistory withoutTheFirst = new SegmentHistory(history.segments.subList(1, 2), 0);
    BlockStates blind = rebuild(history.segments.subList(0, 1), 0);

    blind.fold(history.segments.get(1), withoutTheFirst);

    assertEquals(BlockState.NEW, states.state(1));
    assertEquals(BlockState.NEW, states.state(2));
    assertEquals(BlockState.NEW, blind.state(1), "known from its state");
    assertEquals(BlockState.DIRTY, blind.state(2), "known from the history");
  }

  @Test
  void shouldNotFlushAgainWhatChangedBehindAnOldFlushOfAllBlocks() {
    SegmentedHistory history = new SegmentedHistory();
    history.flushAll(1, 10);
    history.event(BlockEventType.CREATE, 1, 1, 11, 0);
    history.cut();
    history.flushAll(1, 10);
    history.event(BlockEventType.UPDATE, 1, 1, 12, 0);
    history.cut();

    assertEquals(BlockState.NEW, fold(history).state(1));
  }

  @Test
  void shouldConfirmADeletionByClearingOnly() {
    SegmentedHistory history = new SegmentedHistory();
    history.event(BlockEventType.DELETE, 1, 1, 10, 0);
    history.event(BlockEventType.DELETE, 2, 1, 10, 0);
    history.cut();
    history.event(BlockEventType.FLUSH, 1, 1, 11, 0);
    history.event(BlockEventType.CLEAR, 2, 1, 11, 0);
    history.cut();

    BlockStates states = fold(history);

    assertEquals(BlockState.DELETED, states.state(1));
    assertEquals(BlockState.CLEAN, states.state(2));
  }

  @Test
  void shouldFlushEveryBlockUpToAPosition() {
    SegmentedHistory history = new SegmentedHistory();
    history.event(BlockEventType.UPDATE, 1, 1, 1, 0);
    history.event(BlockEventType.CREATE, -1, 1, 2, 0);
    history.event(BlockEventType.DELETE, 3, 1, 3, 0);
    history.cut();
    history.event(BlockEventType.UPDATE, 4, 1, 4, 0);
    history.flushAll(1, 5);
    history.event(BlockEventType.UPDATE, 5, 1, 6, 0);
    history.cut();

    BlockStates states = fold(history);

    assertEquals(BlockState.CLEAN, states.state(1));
    assertEquals(BlockState.CLEAN, states.state(-1));
    assertEquals(BlockState.DELETED, states.state(3));
    assertEquals(BlockState.CLEAN, states.state(4));
    assertEquals(BlockState.DIRTY, states.state(5));
    assertEquals(new StateCounts(5, 1, 0, 1), states.counts());
    assertEquals(3, states.counts().clean());
  }

  @Test
  void shouldKnowNothingOfABlockWithoutEvents() {
    BlockStates states = new BlockStates(BlockSets.ROARING);

    for (long id : Unsigned.EDGES) {
      assertEquals(BlockState.CLEAN, states.state(id));
      assertFalse(states.isKnown(id));
    }
    assertEquals(WalPosition.BEFORE_ALL, states.highest());
  }

  @Test
  void shouldTellStatesApart() {
    SegmentedHistory history = new SegmentedHistory();
    history.event(BlockEventType.UPDATE, 1, 1, 1, 0);
    history.cut();
    SegmentedHistory created = new SegmentedHistory();
    created.event(BlockEventType.CREATE, 1, 1, 1, 0);
    created.cut();
    SegmentedHistory later = new SegmentedHistory();
    later.event(BlockEventType.UPDATE, 1, 1, 2, 0);
    later.cut();

    BlockStates states = fold(history);

    assertTrue(states.sameAs(fold(history)));
    assertFalse(states.sameAs(fold(created)), "another state");
    assertFalse(states.sameAs(fold(later)), "another position");
    assertFalse(states.sameAs(new BlockStates(BlockSets.ROARING)), "another block");
  }
}
