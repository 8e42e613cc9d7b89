package io.tidemark.errors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Codes of the C interface: programs compare with them, so they must never move. */
class TidemarkExceptionTest {

  @Test
  void shouldKeepItsCodeAndMessage() {
    Map<Integer, Function<String, TidemarkException>> byCode = new TreeMap<>();
    byCode.put(-1001, InvalidTransitionException::new);
    byCode.put(-1002, UnknownBlockException::new);
    byCode.put(-1101, CorruptFileException::new);
    byCode.put(-1102, UnsupportedFormatException::new);
    byCode.put(-1103, ForeignFileException::new);
    byCode.put(-1104, StoreLockedException::new);
    byCode.put(-1105, StoreFailedException::new);
    byCode.put(-1106, NotAStoreException::new);
    byCode.put(-1107, RunConflictException::new);
    byCode.put(-1108, MovedOnException::new);
    byCode.put(-1109, StoreFullException::new);
    byCode.put(-1110, FullBackupRequiredException::new);
    byCode.put(-1111, WrongKeyException::new);
    byCode.put(-1112, BackupFailedException::new);
    byCode.put(-1113, BackupCancelledException::new);
    byCode.put(-1114, MissingRunException::new);
    byCode.put(-1115, TargetRefusedException::new);
    byCode.put(-1116, IncompleteChainException::new);
    byCode.put(-1120, ConfigurationException::new);

    byCode.forEach(
        (code, type) -> {
          TidemarkException failure = type.apply("what is wrong: fact=1");

          assertEquals(code, failure.code(), failure.getClass().getName());
          assertEquals("what is wrong: fact=1", failure.getMessage());
        });
  }
}
