package io.tidemark.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockState;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The states of all blocks, folded in order, rebuilt, and by brute force. */
class BlockStatesTest {
  private static final List<Long> IDS = List.of(0L, 1L, 2L, 1L << 32, Long.MIN_VALUE, -1L);

  private static BlockStates foldInOrder(List<ChangeSegment> segments) {
    BlockStates states = new BlockStates();
    for (ChangeSegment segment : segments) {
      assertTrue(states.fold(segment), () -> "position " + segment.firstPosition());
    }
    return states;
  }

  private static void assertAgrees(SegmentedHistory history, BlockStates states) {
    Map<Long, BlockState> expected = history.states();
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

  /** The bitmaps as a snapshot would hold them. */
  private static List<String> bitmaps(BlockStates states) throws IOException {
    List<String> bitmaps = new ArrayList<>();
    states.write(
        writer -> {
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          writer.writeTo(out);
          bitmaps.add(HexFormat.of().formatHex(out.toByteArray()));
        });
    return bitmaps;
  }

  @Test
  void shouldAgreeWithBruteForceWhenFoldedInOrder() {
    Seeds.each(
        3000,
        random -> {
          SegmentedHistory history = SegmentedHistory.any(random, IDS, true);

          BlockStates folded = foldInOrder(history.segments);

          assertAgrees(history, folded);
          assertTrue(folded.sameAs(BlockStates.rebuild(history.segments)), "same as rebuilt");
        });
  }

  @Test
  void shouldAgreeWithBruteForceWhenRebuiltInAnyOrder() {
    Seeds.each(
        3000,
        random -> {
          SegmentedHistory history = SegmentedHistory.any(random, IDS, false);
          List<ChangeSegment> shuffled = new ArrayList<>(history.segments);
          Collections.shuffle(shuffled, random);

          assertAgrees(history, BlockStates.rebuild(shuffled));
        });
  }

  @Test
  void shouldFoldWhatLiesAheadAndRefuseTheRestWithoutAChange() {
    Seeds.each(
        3000,
        random -> {
          SegmentedHistory history = SegmentedHistory.any(random, IDS, false);
          BlockStates states = new BlockStates();
          List<ChangeSegment> folded = new ArrayList<>();

          for (ChangeSegment segment : history.segments) {
            BlockStates before = BlockStates.rebuild(folded);
            if (states.fold(segment)) {
              folded.add(segment);
            } else {
              assertTrue(states.sameAs(before), "refused at " + segment.firstPosition());
              assertEquals(bitmaps(before), bitmaps(states));
            }
          }

          assertTrue(states.sameAs(BlockStates.rebuild(folded)), "same as rebuilt");
        });
  }

  @Test
  void shouldRefuseASegmentThatReachesBackByOneEvent() {
    SegmentedHistory history = new SegmentedHistory();
    history.event(BlockEventType.UPDATE, 1, 1, 10, 0);
    history.cut();
    history.event(BlockEventType.DELETE, 2, 1, 11, 0);
    history.event(BlockEventType.FLUSH, 1, 1, 9, 0);
    history.cut();
    BlockStates states = new BlockStates();
    assertTrue(states.fold(history.segments.get(0)));

    assertFalse(states.fold(history.segments.get(1)));

    assertEquals(BlockState.DIRTY, states.state(1));
    assertFalse(states.isKnown(2));
    assertEquals(new WalPosition(1, 10), states.highest());
  }

  @Test
  void shouldRefuseASegmentThatBeginsWhereTheLastOneEnded() {
    SegmentedHistory history = new SegmentedHistory();
    history.event(BlockEventType.DELETE, 1, 1, 10, 0);
    history.cut();
    history.event(BlockEventType.CREATE, 1, 1, 10, 0);
    history.cut();
    BlockStates states = new BlockStates();
    assertTrue(states.fold(history.segments.get(0)));

    assertFalse(states.fold(history.segments.get(1)));

    assertEquals(BlockState.DELETED, states.state(1));
    assertEquals(BlockState.NEW, BlockStates.rebuild(history.segments).state(1));
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

    BlockStates states = foldInOrder(history.segments);

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
    BlockStates states = new BlockStates();

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

    BlockStates states = foldInOrder(history.segments);

    assertTrue(states.sameAs(foldInOrder(history.segments)));
    assertFalse(states.sameAs(foldInOrder(created.segments)), "another state");
    assertFalse(states.sameAs(foldInOrder(later.segments)), "another position");
    assertFalse(states.sameAs(new BlockStates()), "another block");
  }
}
