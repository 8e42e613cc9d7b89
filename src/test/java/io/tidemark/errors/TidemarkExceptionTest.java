package io.tidemark.errors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Codes of the C interface: programs compare with them, so they must never move. */
class TidemarkExceptionTest {

  @Test
  void shouldKeepItsCodeAndMessage() {
    Map<Integer, Function<String, TidemarkException>> byCode =
        Map.of(
            -1001, InvalidTransitionException::new,
            -1002, UnknownBlockException::new,
            -1101, CorruptFileException::new,
            -1102, UnsupportedFormatException::new,
            -1103, ForeignFileException::new,
            -1104, StoreLockedException::new,
            -1105, StoreFailedException::new,
            -1106, NotAStoreException::new,
            -1107, RunConflictException::new,
            -1108, MovedOnException::new);

    byCode.forEach(
        (code, type) -> {
          TidemarkException failure = type.apply("what is wrong: fact=1");

          assertEquals(code, failure.code(), failure.getClass().getName());
          assertEquals("what is wrong: fact=1", failure.getMessage());
        });
  }
}
