package io.tidemark.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Codes of events and states are what files hold: they must never move. */
class BlockEventTypeTest {

  @Test
  void shouldKeepTheCodesOfTheSpecification() {
    List<String> codes =
        Arrays.stream(BlockEventType.values()).map(type -> type.code() + "=" + type).toList();

    assertEquals(List.of("0=CREATE", "1=UPDATE", "2=FLUSH", "3=DELETE", "4=CLEAR"), codes);
    for (BlockEventType type : BlockEventType.values()) {
      assertEquals(type, BlockEventType.ofCode(type.code()));
    }
  }

  @Test
  void shouldKeepTheStateCodesOfTheSpecification() {
    List<String> codes =
        Arrays.stream(BlockState.values()).map(state -> state.code() + "=" + state).toList();

    assertEquals(List.of("0=CLEAN", "1=DIRTY", "2=NEW", "3=DELETED"), codes);
  }

  @Test
  void shouldRankTheEventsOfOnePosition() {
    List<BlockEventType> ranked =
        Arrays.stream(BlockEventType.values())
            .sorted(Comparator.comparingInt(BlockEventType::rank))
            .toList();

    assertEquals(
        List.of(
            BlockEventType.DELETE,
            BlockEventType.UPDATE,
            BlockEventType.CREATE,
            BlockEventType.FLUSH,
            BlockEventType.CLEAR),
        ranked);
  }

  @Test
  void shouldRefuseAnUnknownCode() {
    for (int code : new int[] {-1, 5, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> BlockEventType.ofCode(code));

      assertEquals("unknown block event type: code=" + code, e.getMessage());
    }
  }
}
