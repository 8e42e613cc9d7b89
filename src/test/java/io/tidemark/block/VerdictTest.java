package io.tidemark.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Verdicts and the holes they name. */
class VerdictTest {

  @Test
  void shouldKeepTheLessTrustworthyVerdict() {
    List<Verdict> fromBest =
        List.of(Verdict.EXACT, Verdict.SUPERSET, Verdict.NOT_READY, Verdict.FULL_REQUIRED);

    for (int i = 0; i < fromBest.size(); i++) {
      for (int j = 0; j < fromBest.size(); j++) {
        assertEquals(
            fromBest.get(Math.max(i, j)), fromBest.get(i).worse(fromBest.get(j)), i + "," + j);
      }
    }
  }

  @Test
  void shouldPromiseAllChangesOnlyWhenExactOrSuperset() {
    List<Verdict> complete = Arrays.stream(Verdict.values()).filter(Verdict::isComplete).toList();

    assertEquals(List.of(Verdict.EXACT, Verdict.SUPERSET), complete);
  }

  @Test
  void shouldPrintAHoleUnsigned() {
    assertEquals(
        "4294967295/9223372036854775808-18446744073709551615 (source restarted)",
        new Hole(-1, Long.MIN_VALUE, -1, "source restarted").toString());
  }

  @Test
  void shouldRefuseAHoleThatEndsBeforeItBegins() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new Hole(1, Long.MIN_VALUE, 1, "inverted"));

    assertEquals("hole ends before it begins: first=9223372036854775808, last=1", e.getMessage());
  }
}
