package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How many threads call listeners. */
class CallbackOptionsTest {
  private static final String VARIABLE = "IB_CALLBACK_THREADS";

  @ParameterizedTest
  @CsvSource({"1, 2", "2, 4", "31, 62", "32, 64", "33, 64", "1073741824, 64", "0, 1"})
  void shouldTakeTwoThreadsACoreAndNotMoreThanSixtyFour(int cores, int threads) {
    assertEquals(threads, CallbackOptions.defaults().threads(Map.of(), cores));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "' 7 ', 7", "256, 256"})
  void shouldTakeWhatTheEnvironmentSays(String value, int threads) {
    assertEquals(threads, CallbackOptions.defaults().threads(Map.of(VARIABLE, value), 2));
  }

  @Test
  void shouldPreferWhatTheProgramSays() {
    assertEquals(
        3, CallbackOptions.defaults().withThreads(3).threads(Map.of(VARIABLE, "garbage"), 2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  "})
  void shouldTakeAnEmptyVariableForNone(String value) {
    assertEquals(4, CallbackOptions.defaults().threads(Map.of(VARIABLE, value), 2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "257", "four", "1.5", "99999999999", "0x10"})
  void shouldRefuseGarbage(String value) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> CallbackOptions.defaults().threads(Map.of(VARIABLE, value), 2));

    assertEquals(
        "callback threads out of range: min=1, max=256, value="
            + value
            + ", variable=IB_CALLBACK_THREADS",
        e.getMessage());
  }

  @Test
  void shouldRefuseOptionsOutOfRange() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> CallbackOptions.defaults().withThreads(257));

    assertEquals(
        "callback option out of range: threads=257, maxThreads=256, closeLimitMs=10000",
        e.getMessage());
  }

  @Test
  void shouldRefuseListenerOptionsOutOfRange() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> ListenerOptions.defaults().withLaneEvents(1));

    assertEquals("listener option out of range: from=0, lanes=0, laneEvents=1", e.getMessage());
  }
}
