package io.tidemark.block;

import static io.tidemark.block.BlockEventType.CLEAR;
import static io.tidemark.block.BlockEventType.CREATE;
import static io.tidemark.block.BlockEventType.DELETE;
import static io.tidemark.block.BlockEventType.FLUSH;
import static io.tidemark.block.BlockEventType.UPDATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The fold, against every short history there is. */
class BlockMaximaTest {

  /** Ascending; wrong if generations or offsets were compared as signed or on their own. */
  private static final List<WalPosition> POSITIONS =
      List.of(
          new WalPosition(1, Long.MIN_VALUE + 1),
          new WalPosition(2, 0),
          new WalPosition(2, Long.MIN_VALUE));

  private static final BlockEventType[] TYPES = BlockEventType.values();
  private static final int EVENTS = TYPES.length * POSITIONS.size();
  private static final int LONGEST = 6;

  private final BlockState[] expected = new BlockState[1 << EVENTS];
  private final BlockMaxima[] folded = new BlockMaxima[LONGEST + 1];
  private int histories;

  /*
   * A history is a sequence of the 15 events that 5 types at 3 positions make, with repetition. Its
   * set of events is a bit mask. That each sequence has the state of its set shows that neither
   * order nor repetition count.
   */
  @Test
  void shouldGiveOneStateWhateverTheOrderAndRepetition() {
    for (int set = 0; set < expected.length; set++) {
      expected[set] = stateOf(set);
    }
    Arrays.setAll(folded, i -> new BlockMaxima());

    everyHistoryThatContinues(0, 0);

    assertEquals(12_204_241, histories, "15^0 + ... + 15^6");
  }

  private void everyHistoryThatContinues(int length, int set) {
    histories++;
    BlockMaxima maxima = folded[length];
    if (maxima.state() != expected[set]) {
      assertEquals(expected[set], maxima.state(), "events " + Integer.toBinaryString(set));
    }
    if (length == LONGEST) {
      return;
    }
    for (int event = 0; event < EVENTS; event++) {
      WalPosition position = POSITIONS.get(event % POSITIONS.size());
      BlockMaxima longer = folded[length + 1];
      longer.reset();
      longer.fold(maxima);
      longer.fold(
          BlockEventType.ofCode(event / POSITIONS.size()),
          position.generation(),
          position.walOffset());
      everyHistoryThatContinues(length + 1, set | 1 << event);
    }
  }

  /** The formula of the design with the rank of a position in place of it, 0 for "never". */
  private static BlockState stateOf(int set) {
    int c = highest(set, CREATE);
    int u = highest(set, UPDATE);
    int d = highest(set, DELETE);
    int k = highest(set, CLEAR);
    int f = Math.max(highest(set, FLUSH), k);
    if (d > Math.max(c, k)) {
      return BlockState.DELETED;
    }
    if (c > 0 && c > f) {
      return BlockState.NEW; // c >= d here: a CREATE beats the DELETE at its own position
    }
    return Math.max(c, u) > Math.max(f, d) ? BlockState.DIRTY : BlockState.CLEAN;
  }

  private static int highest(int set, BlockEventType type) {
    int ofType = set >>> (type.code() * POSITIONS.size()) & (1 << POSITIONS.size()) - 1;
    return Integer.SIZE - Integer.numberOfLeadingZeros(ofType);
  }

  @Test
  void shouldFollowTheTableOfTheSpecification() {
    assertEquals(BlockState.CLEAN, after());
    assertEquals(BlockState.DIRTY, after(UPDATE));
    assertEquals(BlockState.NEW, after(CREATE));
    assertEquals(BlockState.DELETED, after(DELETE));
    assertEquals(BlockState.CLEAN, after(UPDATE, FLUSH));
    assertEquals(BlockState.CLEAN, after(CREATE, FLUSH));
    assertEquals(BlockState.DIRTY, after(CREATE, FLUSH, UPDATE));
    assertEquals(BlockState.NEW, after(CREATE, UPDATE));
    assertEquals(BlockState.NEW, after(UPDATE, CREATE));
    assertEquals(BlockState.DELETED, after(CREATE, DELETE));
    assertEquals(BlockState.DELETED, after(CREATE, DELETE, UPDATE));
    assertEquals(BlockState.DELETED, after(CREATE, DELETE, FLUSH));
    assertEquals(BlockState.NEW, after(DELETE, CREATE));
    assertEquals(BlockState.CLEAN, after(CREATE, DELETE, CLEAR));
    assertEquals(BlockState.DELETED, after(DELETE, CLEAR, DELETE));
    assertEquals(BlockState.CLEAN, after(UPDATE, CLEAR));
  }

  private static BlockState after(BlockEventType... types) {
    BlockMaxima maxima = new BlockMaxima();
    for (int i = 0; i < types.length; i++) {
      maxima.fold(types[i], 1, i + 1);
    }
    return maxima.state();
  }

  @Test
  void shouldGiveNoStateToWhatWasCommitted() {
    BlockMaxima maxima = new BlockMaxima();
    maxima.fold(CREATE, 1, 1);
    maxima.fold(UPDATE, 1, 2);
    assertEquals(BlockState.CLEAN, maxima.state(false, false, false));
    assertEquals(BlockState.DIRTY, maxima.state(true, false, false));
    assertEquals(BlockState.NEW, maxima.state(true, true, false));

    maxima.fold(DELETE, 1, 3);
    assertEquals(BlockState.CLEAN, maxima.state(true, true, false));
    assertEquals(BlockState.DELETED, maxima.state(true, false, true));
    maxima.fold(UPDATE, 1, 4);
    assertEquals(BlockState.DIRTY, maxima.state(true, false, false));
  }

  @Test
  void shouldPlaceThePastBeforeEveryEvent() {
    BlockMaxima maxima = new BlockMaxima();
    maxima.foldPast(UPDATE);
    assertEquals(BlockState.DIRTY, maxima.state());

    maxima.fold(FLUSH, 1, 0);

    assertEquals(BlockState.CLEAN, maxima.state());
    assertEquals(WalPosition.BEFORE_ALL, maxima.lastChange());
  }

  @Test
  void shouldNameTheLastChangeAndIgnoreFlushes() {
    BlockMaxima maxima = new BlockMaxima();
    assertEquals(WalPosition.BEFORE_ALL, maxima.lastChange());

    maxima.fold(UPDATE, 1, -1);
    maxima.fold(DELETE, 2, 3);
    maxima.fold(CREATE, 1, 7);
    maxima.fold(FLUSH, 3, 9);

    assertEquals(new WalPosition(2, 3), maxima.lastChange());
  }

  @Test
  void shouldLieAboveAPositionIfTheLowestDoes() {
    BlockMaxima maxima = new BlockMaxima();
    assertTrue(maxima.areAbove(WalPosition.AFTER_ALL));

    maxima.fold(UPDATE, 2, -1);
    maxima.fold(CLEAR, 1, -1);
    maxima.fold(FLUSH, 2, 0);

    assertTrue(maxima.areAbove(new WalPosition(1, -2)));
    assertFalse(maxima.areAbove(new WalPosition(1, -1)));
    assertFalse(maxima.areAbove(new WalPosition(2, -1)));
  }

  @Test
  void shouldForgetEverythingWhenReset() {
    BlockMaxima maxima = new BlockMaxima();
    for (BlockEventType type : TYPES) {
      maxima.fold(type, -1, -1);
    }

    maxima.reset();

    assertEquals(BlockState.CLEAN, maxima.state());
    for (BlockEventType type : TYPES) {
      assertFalse(maxima.has(type), type.name());
    }
    maxima.fold(UPDATE, 1, 1);
    assertEquals(new WalPosition(1, 1), maxima.lastChange());
  }
}
