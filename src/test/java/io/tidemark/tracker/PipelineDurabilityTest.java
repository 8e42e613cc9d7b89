package io.tidemark.tracker;

import static io.tidemark.tracker.EngineFixture.ALL;
import static io.tidemark.tracker.PipelineFixture.ASYNC;
import static io.tidemark.tracker.PipelineFixture.LONG_MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.StoreFailedException;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.MemoryStorageIO.Call;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.WaitingCall;
import io.tidemark.tracker.PipelineFixture.Hold;
import io.tidemark.tracker.PipelineStatistics.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a pipeline says is durable, and what it does when the disk is full or broken. */
@Timeout(120)
class PipelineDurabilityTest {
  private static final int EVENTS = 3_000;
  private static final int EVENTS_A_PROMISE = 10;
  private static final int MANY_ENTRIES = 1 << 30;
  private static final int LONG_INTERVAL_MS = 600_000;

  private static final PipelineOptions GROUP =
      ASYNC.withDurability(Durability.GROUP).withForceEvery(1, MANY_ENTRIES);

  private final PipelineFixture fixture = new PipelineFixture();
  private final BitmapEngine engine = fixture.engine;
  private final MemoryStorageIO io = fixture.store.io;

  /** A moment at which something was said to be durable, and what a power cut leaves of it. */
  private record Moment(
      long position, @Nullable WalPosition completeThrough, MemoryStorageIO disk) {}

  private final List<Moment> moments = Collections.synchronizedList(new ArrayList<>());

  PipelineDurabilityTest() throws IOException {}

  private void remember(long position, @Nullable WalPosition completeThrough) {
    moments.add(new Moment(position, completeThrough, io.after(PowerCut.keepingForced())));
  }

  private void verify(Moment moment) throws IOException {
    try (BitmapEngine recovered = new EngineFixture(moment.disk).open()) {
      EngineStatistics statistics = recovered.statistics();
      assertTrue(
          statistics.journalPosition() >= moment.position,
          "acknowledged=" + moment.position + ", recovered=" + statistics);
      WalPosition promised = moment.completeThrough;
      WalPosition complete = statistics.completeThrough();
      assertTrue(
          promised == null || (complete != null && complete.compareTo(promised) >= 0),
          "acknowledged=" + promised + ", recovered=" + complete);
    }
  }

  private void give(EventPipeline pipeline) {
    for (int i = 0; i < EVENTS; i++) {
      pipeline.onBlockUpdate(i, i, 0);
      if (i % EVENTS_A_PROMISE == 0) {
        pipeline.sink().completeThrough(i);
      }
    }
  }

  @Test
  void shouldAcknowledgeOnlyWhatAPowerCutLeaves() throws Exception {
    try (EventPipeline pipeline = fixture.start(GROUP, this::remember)) {
      give(pipeline);
      long position = pipeline.flush();

      assertTrue(pipeline.awaitDurable(position, LONG_MS));

      remember(position, null);
    }

    assertTrue(moments.size() > 1);
    for (Moment moment : moments) {
      verify(moment);
    }
    assertEquals(
        new WalPosition(1, EVENTS - EVENTS_A_PROMISE),
        moments.stream()
            .map(Moment::completeThrough)
            .filter(Objects::nonNull)
            .max(Comparator.naturalOrder())
            .orElseThrow());
  }

  @Test
  void shouldAcknowledgeEachBatchWhenItIsForcedInStrictMode() throws Exception {
    try (EventPipeline pipeline =
        fixture.start(ASYNC.withDurability(Durability.STRICT), this::remember)) {
      for (int i = 0; i < 50; i++) {
        pipeline.onBlockUpdate(i, i, 0);

        long position = pipeline.flush();

        remember(position, null);
        assertEquals(position, pipeline.statistics().durablePosition());
      }
      give(pipeline);
      pipeline.flush();
      assertTrue(pipeline.statistics().forces() >= 51);
      assertTrue(pipeline.statistics().batches() < EVENTS, "one batch an event");
    }

    for (Moment moment : moments) {
      verify(moment);
    }
  }

  @Test
  void shouldForceOnlyWhenSomebodyWaitsInAsyncMode() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC, this::remember)) {
      give(pipeline);
      long position = pipeline.flush();
      assertFalse(pipeline.awaitDurable(position + 1, 0));
      assertTrue(pipeline.awaitDurable(position, LONG_MS));
      long forced = pipeline.statistics().durablePosition();
      pipeline.onBlockUpdate(1, 1, 1);
      pipeline.flush();
      assertTrue(forced >= position);

      pipeline.onBlockUpdate(2, 2, 2);

      position = pipeline.flush();
      assertTrue(pipeline.awaitDurable(position, LONG_MS));
    }

    for (Moment moment : moments) {
      verify(moment);
    }
  }

  @Test
  void shouldForceBeforeTheTimeWhenThereIsMuch() throws Exception {
    PipelineOptions options = GROUP.withForceEvery(LONG_INTERVAL_MS, EVENTS / 2);
    try (EventPipeline pipeline = fixture.start(options, this::remember)) {
      give(pipeline);

      assertTrue(pipeline.awaitDurable(EVENTS / 2, LONG_MS));
    }
  }

  @Test
  void shouldForceWhatIsLeftWhenItIsClosed() throws Exception {
    PipelineOptions options = GROUP.withForceEvery(LONG_INTERVAL_MS, MANY_ENTRIES);
    EventPipeline pipeline = fixture.start(options, this::remember);
    give(pipeline);
    long position = pipeline.flush();
    assertEquals(0, pipeline.statistics().durablePosition());
    assertEquals(List.of(), moments);

    pipeline.close();

    assertEquals(position, pipeline.statistics().durablePosition());
    assertEquals(1, moments.size());
    verify(moments.get(0));
  }

  @Test
  void shouldCallNothingDurableBeforeItIsForced() throws Exception {
    EventPipeline pipeline =
        fixture.start(GROUP.withForceEvery(LONG_INTERVAL_MS, MANY_ENTRIES), this::remember);
    give(pipeline);
    long position = pipeline.flush();
    List<Long> durableBefore = Collections.synchronizedList(new ArrayList<>());
    io.fault(
        (call, number, path) -> {
          if (call == Call.FORCE) {
            durableBefore.add(pipeline.statistics().durablePosition());
          }
        });

    pipeline.close();

    assertEquals(List.of(0L), durableBefore);
    assertEquals(position, pipeline.statistics().durablePosition());
  }

  @Test
  void shouldGoOnWhenAListenerThrows() throws Exception {
    DurabilityListener broken =
        (position, complete) -> {
          throw new IllegalStateException("broken by the test");
        };
    try (EventPipeline pipeline = fixture.start(GROUP, broken, this::remember)) {
      give(pipeline);

      assertTrue(pipeline.awaitDurable(pipeline.flush(), LONG_MS));

      assertEquals(Status.RUNNING, pipeline.statistics().status());
      assertFalse(moments.isEmpty());
    }
  }

  private void fillDisk() throws IOException {
    io.capacity(io.used());
  }

  @Test
  void shouldHoldBackWhileTheDiskIsFullAndGoOnAfterwards() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      pipeline.onBlockUpdate(1, 1, 1);
      pipeline.flush();
      fillDisk();

      FutureTask<Boolean> producer =
          WaitingCall.start(
              () -> {
                give(pipeline);
                pipeline.sink().completeThrough(EVENTS - 1);
                pipeline.flush();
                return true;
              });
      while (pipeline.statistics().refusals() < 2) {
        Thread.onSpinWait();
      }

      PipelineStatistics heldBack = pipeline.statistics();
      assertEquals(Status.HELD_BACK, heldBack.status());
      assertTrue(String.valueOf(heldBack.trouble()).contains("space"), heldBack.trouble());
      assertEquals(1, heldBack.eventsApplied());
      assertFalse(producer.isDone());
      io.capacity(Long.MAX_VALUE);
      assertTrue(producer.get());
      assertEquals(Status.RUNNING, pipeline.statistics().status());
      assertEquals(EVENTS + 1, pipeline.statistics().eventsApplied());
      BlockPage page = engine.changedIn(ChangeRange.offsets(0, EVENTS - 1), ALL, 0);
      assertEquals(EVENTS, page.totalBlocks());
      assertEquals(Verdict.EXACT, page.verdict());
    }
  }

  @Test
  void shouldNameWhatItLostWhileTheDiskWasFull() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC.withWaitLimitMs(1))) {
      fillDisk();
      int offset = 0;
      pipeline.onBlockUpdate(offset, offset, 0);
      offset++;
      // From now on the writer holds a batch that is refused, and takes nothing more.
      while (pipeline.statistics().refusals() == 0) {
        Thread.onSpinWait();
      }
      while (pipeline.statistics().eventsDropped() < 3) {
        pipeline.onBlockUpdate(offset, offset, 0);
        offset++;
      }
      assertEquals(0, pipeline.statistics().gaps());
      io.capacity(Long.MAX_VALUE);

      // The ring is empty after the first flush: the promise itself is not lost.
      pipeline.flush();
      pipeline.sink().completeThrough(offset - 1);
      pipeline.flush();

      assertEquals(1, pipeline.statistics().gaps());
      BlockPage page = engine.changedIn(ChangeRange.offsets(0, offset - 1), ALL, 0);
      assertEquals(Verdict.FULL_REQUIRED, page.verdict());
      assertEquals(offset - 3, page.holes().get(0).first());
      assertEquals(offset - 1, page.holes().get(0).last());
      assertEquals(offset - 3, page.totalBlocks());
    }
  }

  @Test
  void shouldSayWhatIsMissingWhenItIsClosedOverAFullDisk() throws Exception {
    EventPipeline pipeline = fixture.start(ASYNC);
    pipeline.onBlockUpdate(1, 1, 1);
    pipeline.sink().completeThrough(1);
    pipeline.flush();
    fillDisk();
    pipeline.onBlockUpdate(2, 2, 2);
    pipeline.sink().completeThrough(2);

    StoreFailedException e = assertThrows(StoreFailedException.class, pipeline::close);

    assertTrue(String.valueOf(e.getMessage()).contains("space"), e.getMessage());
    assertEquals(Status.FAILED, pipeline.statistics().status());
    assertEquals(1, pipeline.statistics().eventsApplied());
    io.capacity(Long.MAX_VALUE);
    BlockPage page = engine.changedIn(ChangeRange.offsets(0, 2), ALL, 0);
    assertEquals(Verdict.NOT_READY, page.verdict());
    assertEquals(1, page.totalBlocks());
  }

  @Test
  void shouldAcknowledgeNothingAfterAForceFailed() throws Exception {
    EventPipeline pipeline =
        fixture.start(GROUP.withForceEvery(LONG_INTERVAL_MS, 2), this::remember);
    pipeline.onBlockUpdate(0, 0, 0);
    pipeline.flush();
    io.fault(
        (call, number, path) -> {
          if (call == Call.FORCE) {
            throw new IOException("made to fail");
          }
        });
    FutureTask<Boolean> waiter =
        WaitingCall.start(() -> pipeline.awaitDurable(Long.MAX_VALUE, Long.MAX_VALUE));

    pipeline.onBlockUpdate(1, 1, 1);

    ExecutionException e = assertThrows(ExecutionException.class, waiter::get);
    StoreFailedException failure = (StoreFailedException) e.getCause();
    assertTrue(String.valueOf(failure).contains("made to fail"), String.valueOf(failure));
    assertThrows(StoreFailedException.class, () -> pipeline.onBlockUpdate(3, 3, 3));
    assertThrows(StoreFailedException.class, pipeline::close);
    assertEquals(Status.FAILED, pipeline.statistics().status());
    assertEquals(0, pipeline.statistics().durablePosition());
    assertEquals(List.of(), moments);
    assertNull(pipeline.statistics().completeThrough());
  }

  @Test
  void shouldRefuseWhoIsHeldBackWhenTheStoreFails() throws Exception {
    EventPipeline pipeline = fixture.start(GROUP.withForceEvery(LONG_INTERVAL_MS, EVENTS));
    pipeline.onBlockUpdate(0, 0, 0);
    pipeline.flush();
    FutureTask<Boolean> producer;
    Hold hold = new Hold(engine);
    try {
      producer =
          WaitingCall.start(
              () -> {
                while (true) {
                  give(pipeline);
                }
              });
      io.fault(
          (call, number, path) -> {
            if (call == Call.FORCE) {
              throw new IOException("made to fail");
            }
          });
    } finally {
      hold.end();
    }

    ExecutionException e = assertThrows(ExecutionException.class, producer::get);
    assertTrue(e.getCause() instanceof StoreFailedException, String.valueOf(e.getCause()));
    assertThrows(StoreFailedException.class, pipeline::close);
  }
}
