package io.tidemark.tracker;

import static io.tidemark.tracker.EngineFixture.ALL;
import static io.tidemark.tracker.EngineFixture.blocks;
import static io.tidemark.tracker.PipelineFixture.ASYNC;
import static io.tidemark.tracker.PipelineFixture.LONG_MS;
import static io.tidemark.tracker.PipelineFixture.SMALL_RING;
import static io.tidemark.tracker.PipelineFixture.inThreads;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockState;
import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.ingest.BlockEventSink;
import io.tidemark.testing.WaitingCall;
import io.tidemark.tracker.PipelineFixture.Hold;
import io.tidemark.tracker.PipelineStatistics.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The way of events through ring, writer and store, and what happens when it is full. */
@Timeout(120)
class EventPipelineTest {
  private static final int PRODUCERS = 4;
  private static final int EVENTS = 20_000;
  private static final int MANY_MORE = 5_000;
  private static final int EVENTS_A_PROMISE = 200;

  private final PipelineFixture fixture = new PipelineFixture();
  private final BitmapEngine engine = fixture.engine;

  EventPipelineTest() throws IOException {}

  private BlockPage changedIn(long first, long last) throws IOException, InterruptedException {
    return engine.changedIn(ChangeRange.offsets(first, last), ALL, 0);
  }

  @Test
  void shouldShowEverythingGivenBeforeAFlush() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      pipeline.onBlockCreate(1, 10, 100);
      pipeline.onBlockUpdate(2, 11, 101);
      pipeline.onBlockDelete(3, 12, 102);
      pipeline.onBlockUpdate(4, 13, 103);
      pipeline.onBlockFlush(4, 14, 104);
      pipeline.sink().completeThrough(14);

      long position = pipeline.flush();

      assertEquals(List.of(1L, 2L, 3L, 4L), blocks(changedIn(0, 14)));
      assertEquals(Verdict.EXACT, changedIn(0, 14).verdict());
      assertEquals(BlockState.NEW, engine.state(1));
      assertEquals(BlockState.DIRTY, engine.state(2));
      assertEquals(BlockState.DELETED, engine.state(3));
      assertEquals(BlockState.CLEAN, engine.state(4));
      assertEquals(6, position);
      assertTrue(pipeline.awaitApplied(position, 0));
      PipelineStatistics statistics = pipeline.statistics();
      assertEquals(Status.RUNNING, statistics.status());
      assertNull(statistics.trouble());
      assertEquals(5, statistics.eventsAccepted());
      assertEquals(5, statistics.eventsApplied());
      assertEquals(0, statistics.eventsDropped());
      assertEquals(0, statistics.queueSize());
      assertEquals(SMALL_RING, statistics.queueCapacity());
      assertEquals(position, statistics.appliedPosition());
      assertEquals(new WalPosition(1, 14), statistics.completeThrough());
    }
  }

  @Test
  void shouldFlushEveryBlockUpToAPosition() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      pipeline.onBlockUpdate(1, 10, 0);
      pipeline.onBlockUpdate(2, 12, 0);

      pipeline.sink().onFlushAll(11, 0);

      pipeline.flush();
      assertEquals(BlockState.CLEAN, engine.state(1));
      assertEquals(BlockState.DIRTY, engine.state(2));
    }
  }

  @Test
  void shouldLetAQuestionWaitForWhatIsStillInTheRing() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      FutureTask<BlockPage> question =
          WaitingCall.start(() -> engine.changedIn(ChangeRange.offsets(0, 9), ALL, LONG_MS));

      pipeline.onBlockUpdate(7, 9, 0);
      pipeline.sink().completeThrough(9);

      assertEquals(List.of(7L), blocks(question.get()));
      assertEquals(Verdict.EXACT, question.get().verdict());
    }
  }

  /** Each producer changes blocks of its own at offsets of its own; a small ring is often full. */
  @Test
  void shouldApplyWhatManyThreadsGiveOnceEach() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      inThreads(
          PRODUCERS,
          thread -> {
            for (int i = 0; i < EVENTS; i++) {
              pipeline.onBlockUpdate((long) i * PRODUCERS + thread, (long) i, i);
            }
            pipeline.flush();
          });
      pipeline.sink().completeThrough(EVENTS);
      pipeline.flush();

      PipelineStatistics statistics = pipeline.statistics();
      assertEquals(PRODUCERS * EVENTS, statistics.eventsAccepted());
      assertEquals(PRODUCERS * EVENTS, statistics.eventsApplied());
      assertEquals(0, statistics.eventsDropped());
      assertTrue(statistics.heldBackNs() > 0, "the ring was never full");
      BlockPage page = changedIn(0, EVENTS);
      assertEquals(PRODUCERS * EVENTS, page.totalBlocks());
      assertEquals(Verdict.EXACT, page.verdict());
      assertEquals(PRODUCERS * EVENTS + 1, statistics.appliedPosition(), "once each");
    }
  }

  @Test
  void shouldHoldBackAndLoseNothingWithoutALimit() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      FutureTask<Boolean> producer;
      Hold hold = new Hold(engine);
      try {
        producer =
            WaitingCall.start(
                () -> {
                  for (int i = 0; i < EVENTS; i++) {
                    pipeline.onBlockUpdate(i, i, i);
                  }
                  pipeline.flush();
                  return true;
                });
        assertFalse(producer.isDone());
        assertTrue(pipeline.statistics().eventsApplied() == 0);
      } finally {
        hold.end();
      }

      assertTrue(producer.get());
      assertEquals(EVENTS, pipeline.statistics().eventsApplied());
      assertEquals(0, pipeline.statistics().gaps());
    }
  }

  @Test
  void shouldNameExactlyWhatFoundNoRoom() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC.withWaitLimitMs(0))) {
      int offset = 0;
      Hold hold = new Hold(engine);
      try {
        while (pipeline.statistics().eventsDropped() == 0) {
          pipeline.onBlockUpdate(offset, offset, 0);
          offset++;
        }
        for (int i = 0; i < MANY_MORE; i++) {
          pipeline.onBlockUpdate(offset, offset, 0);
          offset++;
        }
      } finally {
        hold.end();
      }
      int lost = MANY_MORE + 1;
      int firstLost = offset - lost;
      pipeline.sink().completeThrough(offset - 1);
      pipeline.flush();
      pipeline.onBlockUpdate(offset, offset, 0);
      pipeline.sink().completeThrough(offset);
      pipeline.flush();

      PipelineStatistics statistics = pipeline.statistics();
      assertEquals(lost, statistics.eventsDropped());
      assertEquals(firstLost + 1, statistics.eventsAccepted());
      assertEquals(firstLost + 1, statistics.eventsApplied());
      assertEquals(1, statistics.gaps());
      BlockPage page = changedIn(0, offset);
      assertEquals(firstLost + 1, page.totalBlocks());
      assertEquals(Verdict.FULL_REQUIRED, page.verdict());
      assertEquals(
          List.of(new Hole(1, firstLost, offset - 1, "event ring was full: events=" + lost)),
          page.holes());
      assertEquals(Verdict.EXACT, changedIn(0, firstLost - 1).verdict());
      assertEquals(Verdict.EXACT, changedIn(offset, offset).verdict());
    }
  }

  /**
   * Threads that must not wait, and a ring that is too small: whatever is missing from an answer
   * lies in one of its holes, and everything is accounted for.
   */
  @Test
  void shouldNeverPromiseWhatItLost() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC.withWaitLimitMs(0))) {
      inThreads(
          PRODUCERS,
          thread -> {
            for (int i = 0; i < EVENTS; i++) {
              long offset = (long) thread * EVENTS + i;
              pipeline.onBlockUpdate(offset, offset, 0);
            }
          });
      verifyNothingIsMissing(pipeline, PRODUCERS * EVENTS);
    }
  }

  @Test
  void shouldNeverPromiseWhatItLostInBetween() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC.withWaitLimitMs(0))) {
      for (int offset = 0; offset < EVENTS; offset++) {
        pipeline.onBlockUpdate(offset, offset, 0);
        if (offset % EVENTS_A_PROMISE == 0) {
          pipeline.sink().completeThrough(offset);
        }
      }
      verifyNothingIsMissing(pipeline, EVENTS);
    }
  }

  /** Every offset below the end was given once; its block has the same number. */
  private void verifyNothingIsMissing(EventPipeline pipeline, long end) throws Exception {
    pipeline.sink().completeThrough(end - 1);
    pipeline.flush();
    PipelineStatistics statistics = pipeline.statistics();
    assertTrue(statistics.eventsDropped() > 0, "the ring was never full");
    assertEquals(end, statistics.eventsAccepted() + statistics.eventsDropped());
    assertEquals(statistics.eventsAccepted(), statistics.eventsApplied());
    BlockPage page = changedIn(0, end - 1);
    assertEquals(statistics.eventsApplied(), page.totalBlocks());
    assertEquals(Verdict.FULL_REQUIRED, page.verdict());
    long next = 0;
    for (long block : blocks(page)) {
      while (next < block) {
        assertTrue(isIn(page.holes(), next), "missing and not in a hole: offset=" + next);
        next++;
      }
      next = block + 1;
    }
  }

  private static boolean isIn(List<Hole> holes, long offset) {
    return holes.stream().anyMatch(hole -> hole.first() <= offset && offset <= hole.last());
  }

  @Test
  void shouldApplyEverythingGivenBeforeItIsClosed() throws Exception {
    EventPipeline pipeline = fixture.start(ASYNC.withRingCapacity(1 << 15));
    FutureTask<Boolean> closing;
    Hold hold = new Hold(engine);
    try {
      for (int i = 0; i < EVENTS; i++) {
        pipeline.onBlockUpdate(i, i, 0);
      }
      closing =
          WaitingCall.start(
              () -> {
                pipeline.close();
                return true;
              });
    } finally {
      hold.end();
    }

    assertTrue(closing.get());
    assertEquals(EVENTS, changedIn(0, EVENTS).totalBlocks());
    assertEquals(Status.CLOSED, pipeline.statistics().status());
    assertEquals(
        "pipeline is closed: shard=log of the test",
        assertThrows(IllegalStateException.class, () -> pipeline.onBlockUpdate(0, 0, 0))
            .getMessage());
    assertThrows(IllegalStateException.class, () -> pipeline.awaitDurable(Long.MAX_VALUE, LONG_MS));
    pipeline.close();
  }

  /** Threads give events while it is closed: each knows of each event whether it is applied. */
  @Test
  void shouldApplyExactlyWhatItAcceptedWhenItIsClosed() throws Exception {
    EventPipeline pipeline = fixture.start(ASYNC);
    long[] accepted = new long[PRODUCERS];
    List<FutureTask<Boolean>> producers = new ArrayList<>();
    for (int i = 0; i < PRODUCERS; i++) {
      int producer = i;
      FutureTask<Boolean> task =
          new FutureTask<>(
              () -> {
                try {
                  while (true) {
                    long block = accepted[producer] * PRODUCERS + producer;
                    pipeline.onBlockUpdate(block, block, 0);
                    accepted[producer]++;
                  }
                } catch (IllegalStateException e) {
                  return true;
                }
              });
      producers.add(task);
      new Thread(task).start();
    }
    while (pipeline.statistics().eventsApplied() < EVENTS) {
      Thread.onSpinWait();
    }

    pipeline.close();

    long total = 0;
    for (int i = 0; i < PRODUCERS; i++) {
      producers.get(i).get();
      total += accepted[i];
    }
    assertEquals(total, pipeline.statistics().eventsApplied());
    assertEquals(total, changedIn(0, -1).totalBlocks());
  }

  @Test
  void shouldLeaveAGapBelowWhereASourceGoesOn() throws Exception {
    engine.completeThrough(4);
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      BlockEventSink sink = pipeline.sink();

      sink.continueFrom(10);
      sink.onEvent(BlockEventType.UPDATE, 1, 10, 0);
      sink.completeThrough(10);

      pipeline.flush();
      BlockPage page = changedIn(0, 10);
      assertEquals(Verdict.FULL_REQUIRED, page.verdict());
      assertEquals(
          List.of(new Hole(1, 5, 9, "source goes on behind what the store has")), page.holes());
    }
  }

  @Test
  void shouldLeaveNoGapWhereASourceGoesOnAtOnceOrEarlier() throws Exception {
    engine.completeThrough(4);
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      for (long offset : new long[] {5, 3, 0}) {
        pipeline.sink().continueFrom(offset);
      }
      pipeline.sink().completeThrough(6);

      pipeline.flush();
      assertEquals(Verdict.EXACT, changedIn(0, 6).verdict());
    }
  }

  @Test
  void shouldLeaveAGapThatASourceNames() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      pipeline.sink().gap(3, 4, "cannot be read");
      pipeline.sink().completeThrough(9);

      pipeline.flush();
      assertEquals(List.of(new Hole(1, 3, 4, "cannot be read")), changedIn(0, 9).holes());
    }
  }

  @Test
  void shouldGiveEventsOfALogThatWasRolledBackToANewGeneration() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      BlockEventSink sink = pipeline.sink();
      for (int i = 1; i <= 9; i++) {
        sink.onEvent(BlockEventType.UPDATE, i, i, i);
      }
      sink.completeThrough(9);

      sink.rolledBack(8, 50);
      sink.onEvent(BlockEventType.UPDATE, 20, 8, 51);
      sink.completeThrough(8);

      pipeline.flush();
      BlockPage page = engine.changedIn(ChangeRange.after(new WalPosition(1, 9)), ALL, 0);
      assertEquals(List.of(8L, 9L, 20L), blocks(page));
      assertEquals(Verdict.EXACT, page.verdict());
      assertEquals(new WalPosition(2, 8), pipeline.statistics().completeThrough());
    }
  }

  @Test
  void shouldRefuseGarbageAndGoOn() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      BlockEventSink sink = pipeline.sink();

      assertThrows(
          IllegalArgumentException.class, () -> sink.onEvent(BlockEventType.CLEAR, 1, 2, 3));
      assertThrows(IllegalArgumentException.class, () -> sink.gap(5, 4, "backwards"));

      pipeline.onBlockUpdate(-1, -1, Long.MIN_VALUE);
      pipeline.flush();
      assertEquals(1, pipeline.statistics().eventsApplied());
      assertEquals(List.of(-1L), blocks(changedIn(-1, -1)));
    }
  }

  @Test
  void shouldLetGoWhoIsInterruptedWhileWaiting() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      Hold hold = new Hold(engine);
      pipeline.onBlockUpdate(1, 1, 1);
      Thread.currentThread().interrupt();

      assertThrows(InterruptedException.class, pipeline::flush);

      assertFalse(Thread.interrupted());
      hold.end();
    }
  }

  @Test
  void shouldRefuseOptionsOutOfRange() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> PipelineOptions.defaults().withForceEvery(-1, 1));

    assertEquals(
        "pipeline option out of range: ringCapacity=65536, waitLimitMs=9223372036854775807,"
            + " forceIntervalMs=-1, forceEntries=1",
        e.getMessage());
  }
}
