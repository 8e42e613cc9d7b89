package io.tidemark.block;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.testing.Unsigned;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Order, successor and text of positions over the whole unsigned range. */
class WalPositionTest {

  /** In ascending order. */
  private static final List<Integer> GENERATIONS =
      List.of(0, 1, 2, Integer.MAX_VALUE, Integer.MIN_VALUE, -2, -1);

  @Test
  void shouldOrderByGenerationThenOffsetBothUnsigned() {
    List<WalPosition> ascending = new ArrayList<>();
    for (int generation : GENERATIONS) {
      for (long offset : Unsigned.EDGES) {
        ascending.add(new WalPosition(generation, offset));
      }
    }

    for (int i = 0; i < ascending.size(); i++) {
      for (int j = 0; j < ascending.size(); j++) {
        assertEquals(
            Integer.signum(Integer.compare(i, j)),
            Integer.signum(ascending.get(i).compareTo(ascending.get(j))),
            ascending.get(i) + " against " + ascending.get(j));
      }
    }
  }

  @Test
  void shouldStandBeforeAndAfterEverything() {
    for (int generation : GENERATIONS) {
      for (long offset : Unsigned.EDGES) {
        WalPosition position = new WalPosition(generation, offset);

        assertEquals(
            position.equals(WalPosition.BEFORE_ALL) ? 0 : -1,
            Integer.signum(WalPosition.BEFORE_ALL.compareTo(position)),
            position::toString);
        assertEquals(
            position.equals(WalPosition.AFTER_ALL) ? 0 : 1,
            Integer.signum(WalPosition.AFTER_ALL.compareTo(position)),
            position::toString);
      }
    }
  }

  @Test
  void shouldContinueInTheNextGenerationAfterTheLastOffset() {
    assertEquals(new WalPosition(1, 8), new WalPosition(1, 7).next());
    assertEquals(
        new WalPosition(1, Long.MIN_VALUE), new WalPosition(1, Long.MAX_VALUE).next(), "2^63");
    assertEquals(new WalPosition(1, -1), new WalPosition(1, -2).next());
    assertEquals(new WalPosition(2, 0), new WalPosition(1, -1).next());
    assertEquals(
        new WalPosition(Integer.MIN_VALUE, 0), new WalPosition(Integer.MAX_VALUE, -1).next());
    assertEquals(WalPosition.AFTER_ALL, WalPosition.AFTER_ALL.next());
  }

  @Test
  void shouldPrintUnsignedDecimals() {
    assertEquals("0/0", WalPosition.BEFORE_ALL.toString());
    assertEquals("4294967295/18446744073709551615", WalPosition.AFTER_ALL.toString());
    assertEquals("3/9223372036854775809", new WalPosition(3, Long.MIN_VALUE + 1).toString());
  }
}
