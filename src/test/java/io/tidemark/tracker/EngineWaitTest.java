package io.tidemark.tracker;

import static io.tidemark.tracker.EngineFixture.ALL;
import static io.tidemark.tracker.EngineFixture.blocks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.testing.WaitingCall;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Questions that wait until the log was delivered as far as they ask. */
@Timeout(60)
class EngineWaitTest {

  /** Longer than the test may take: who waits to the end of it fails. */
  private static final long LONG_MS = 600_000;

  private static final byte[] NO_MARK = {};

  private final BitmapEngine engine;

  EngineWaitTest() throws IOException {
    engine = new EngineFixture().open();
  }

  @Test
  void shouldAnswerAsSoonAsTheRangeIsComplete() throws Exception {
    List<ChangeRange> ranges =
        List.of(
            ChangeRange.offsets(0, 10),
            ChangeRange.positions(new WalPosition(1, 5), new WalPosition(1, 10)),
            ChangeRange.after(new WalPosition(1, 8)),
            ChangeRange.timestamps(0, 100));
    List<FutureTask<BlockPage>> tasks = new ArrayList<>();
    for (ChangeRange range : ranges) {
      tasks.add(WaitingCall.start(() -> engine.changedIn(range, ALL, LONG_MS)));
      tasks.add(WaitingCall.start(() -> engine.dirtyBlocks(range, ALL, LONG_MS)));
    }

    engine.completeThrough(7);
    for (FutureTask<BlockPage> task : tasks) {
      assertFalse(task.isDone());
    }
    engine.markNew(1, 9, 100);
    engine.completeThrough(10);

    for (FutureTask<BlockPage> task : tasks) {
      assertEquals(List.of(1L), blocks(task.get()));
      assertEquals(Verdict.EXACT, task.get().verdict());
    }
  }

  @Test
  void shouldSayThatItIsNotReadyWhenTheTimeIsOver() throws Exception {
    engine.markNew(1, 9, 9);
    engine.completeThrough(9);

    BlockPage page = engine.changedIn(ChangeRange.offsets(0, 10), ALL, 1);

    assertEquals(Verdict.NOT_READY, page.verdict());
    assertEquals(List.of(1L), blocks(page));
  }

  @Test
  void shouldNotWaitForWhatIsComplete() throws Exception {
    engine.completeThrough(9);

    assertEquals(
        Verdict.EXACT, engine.changedIn(ChangeRange.offsets(0, 9), ALL, LONG_MS).verdict());
    assertEquals(
        Verdict.EXACT,
        engine.changedIn(ChangeRange.after(new WalPosition(1, -1)), ALL, LONG_MS).verdict());
  }

  @Test
  void shouldStopWaitingAtAGap() throws Exception {
    FutureTask<BlockPage> task =
        WaitingCall.start(() -> engine.changedIn(ChangeRange.offsets(0, 9), ALL, LONG_MS));

    engine.gap(0, 9, "source cannot replay");

    assertEquals(Verdict.FULL_REQUIRED, task.get().verdict());
  }

  @Test
  void shouldStopWaitingForASourceThatUsesTheTracker() throws Exception {
    FutureTask<BlockPage> task =
        WaitingCall.start(() -> engine.changedIn(ChangeRange.offsets(0, 9), ALL, LONG_MS));

    engine.call(
        tracker -> {
          RecordBuffer record = new RecordBuffer();
          record.cover(0, 9, NO_MARK);
          return tracker.append(record);
        });

    assertEquals(Verdict.EXACT, task.get().verdict());
  }

  @Test
  void shouldRefuseWhoWaitsWhenTheStoreIsClosed() throws Exception {
    FutureTask<BlockPage> task =
        WaitingCall.start(() -> engine.changedIn(ChangeRange.offsets(0, 9), ALL, LONG_MS));

    engine.close();

    assertEquals(
        "java.lang.IllegalStateException: engine is closed",
        assertThrows(ExecutionException.class, task::get).getMessage());
  }

  /** Marks, declares and asks from several threads; every answer holds what was declared. */
  @Test
  void shouldAnswerManyThreadsWhileOthersMark() throws Exception {
    int offsets = 2_000;
    List<FutureTask<Boolean>> readers = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      int step = i * 100;
      readers.add(
          WaitingCall.start(
              () -> {
                for (int last = step; last < offsets; last += step) {
                  BlockPage page = engine.changedIn(ChangeRange.offsets(0, last), ALL, LONG_MS);
                  assertEquals(last + 1, page.totalBlocks());
                  assertEquals(Verdict.EXACT, page.verdict());
                }
                return true;
              }));
    }

    for (int offset = 0; offset < offsets; offset++) {
      engine.markDirty(offset, offset, offset);
      engine.completeThrough(offset);
    }

    for (FutureTask<Boolean> reader : readers) {
      assertEquals(true, reader.get());
    }
  }
}
