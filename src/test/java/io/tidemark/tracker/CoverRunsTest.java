package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.journal.JournalEntryHandler;
import io.tidemark.testing.EntryLog;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Declarations that follow one another are joined; nothing else is touched, nor their order. */
class CoverRunsTest {
  private static final byte[] NONE = {};
  private static final byte[] ONE = {1};
  private static final byte[] TWO = {2};

  private static List<String> compacted(int joinedMax, Consumer<JournalEntryHandler> entries) {
    EntryLog log = new EntryLog();
    new CoverRuns(joinedMax).compact(entries, log);
    return log.lines();
  }

  private static List<String> lines(Consumer<JournalEntryHandler> entries) {
    EntryLog log = new EntryLog();
    entries.accept(log);
    return log.lines();
  }

  @Test
  void shouldJoinWhatAdjoinsAndKeepTheLastMark() {
    assertEquals(
        lines(log -> log.onCover(5, 1, 0, 30, TWO)),
        compacted(
            9,
            log -> {
              log.onCover(1, 1, 0, 9, ONE);
              log.onCover(3, 1, 10, 10, ONE);
              log.onCover(5, 1, 11, 30, TWO);
            }));
  }

  @Test
  void shouldJoinNoMoreThanItIsTold() {
    assertEquals(
        lines(
            log -> {
              log.onCover(2, 1, 0, 1, ONE);
              log.onCover(3, 1, 2, 2, ONE);
            }),
        compacted(
            2,
            log -> {
              log.onCover(1, 1, 0, 0, ONE);
              log.onCover(2, 1, 1, 1, ONE);
              log.onCover(3, 1, 2, 2, ONE);
            }));
  }

  @Test
  void shouldKeepApartWhatIsNotOneDeclaration() {
    Consumer<JournalEntryHandler> entries =
        log -> {
          log.onCover(1, 1, 0, 9, ONE);
          log.onCover(2, 1, 11, 12, ONE);
          log.onCover(3, 2, 13, 14, ONE);
          log.onCover(4, 2, 14, 15, ONE);
          log.onCover(5, 2, 16, 17, NONE);
          log.onGap(6, 2, 18, 18, "unknown");
          log.onCover(7, 2, 18, 18, ONE);
          log.onAssign(8, 2, 4, ONE);
          log.onCover(9, 2, 19, -1, ONE);
          log.onCover(10, 2, 0, 5, ONE);
          log.onFlushAll(11, 2, 5, 0);
          log.onTombstone(12, 2, 6, ONE);
          log.onCommit(13, 2, "chain", 4);
          log.onPrepare(14, 2, "chain", 4);
          log.onAbort(15, 2, "chain", 4);
          log.onDrop(16, 2, "chain");
          log.onGeneration(17, 3, 5);
        };

    assertEquals(lines(entries), compacted(9, entries));
  }
}
