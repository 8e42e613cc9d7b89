package io.tidemark.tracker;

import static io.tidemark.tracker.PipelineFixture.ASYNC;
import static io.tidemark.tracker.PipelineFixture.LONG_MS;
import static io.tidemark.tracker.PipelineFixture.inThreads;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.WaitingCall;
import io.tidemark.tracker.RecordingCallback.Blocked;
import io.tidemark.tracker.RecordingCallback.Seen;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What listeners are given, in which order, and that none of them disturbs anybody. */
@Timeout(120)
class BlockEventCallbacksTest {
  private static final int PRODUCERS = 4;
  private static final int EVENTS = Rounds.of("tidemark.callbacks.events", 20_000, 5_000);
  private static final long ALL_EVENTS = (long) PRODUCERS * EVENTS;
  private static final int BLOCKS = 50;
  private static final CallbackOptions THREADS = CallbackOptions.defaults().withThreads(3);

  /** Lanes that are full most of the time. */
  private static final ListenerOptions SHORT_LANES = ListenerOptions.defaults().withLaneEvents(4);

  private static final ListenerOptions ONE_LANE = SHORT_LANES.withLanes(1);

  private final PipelineFixture fixture = new PipelineFixture();
  private final BitmapEngine engine = fixture.engine;

  BlockEventCallbacksTest() throws IOException {}

  private BlockEventCallbacks start() throws IOException {
    return BlockEventCallbacks.start(engine, THREADS);
  }

  private void update(long blockId, long walOffset) throws IOException {
    engine.onEvent(BlockEventType.UPDATE, blockId, walOffset, 0);
  }

  private void awaitAll(BlockEventListener listener) throws InterruptedException {
    assertTrue(listener.awaitDelivered(engine.position(), LONG_MS));
  }

  @Test
  void shouldGiveEverythingThatAnEventHolds() throws Exception {
    RecordingCallback callback = new RecordingCallback();
    try (BlockEventCallbacks callbacks = start()) {
      BlockEventListener listener = callbacks.add("all", callback, ONE_LANE);
      engine.onEvent(BlockEventType.CREATE, -1, 10, Long.MIN_VALUE);
      engine.onEvent(BlockEventType.UPDATE, -1, -1, -5);
      engine.completeThrough(-1);
      engine.beginGeneration(20, 30);
      engine.onEvent(BlockEventType.DELETE, 7, 21, 31);
      engine.clearBlock(7);

      awaitAll(listener);

      assertEquals(
          List.of(
              new Seen(1, BlockEventType.CREATE, -1, 10, Long.MIN_VALUE, 1),
              new Seen(2, BlockEventType.UPDATE, -1, -1, -5, 1)),
          callback.seen().subList(0, 2));
      List<Seen> last = callback.seen().subList(callback.seen().size() - 2, callback.seen().size());
      assertEquals(BlockEventType.DELETE, last.get(0).type());
      assertEquals(21, last.get(0).walOffset());
      assertEquals(2, last.get(0).generation());
      assertEquals(BlockEventType.CLEAR, last.get(1).type());
      assertEquals(engine.position(), last.get(1).position());
    }
  }

  /** Several producers change the same blocks; lanes are short, so that the feeder often waits. */
  @Test
  void shouldGiveEachEventOnceAndThoseOfABlockInOrder() throws Exception {
    RecordingCallback callback = new RecordingCallback();
    try (BlockEventCallbacks callbacks = start();
        EventPipeline pipeline = fixture.start(ASYNC)) {
      BlockEventListener listener = callbacks.add("order", callback, SHORT_LANES);

      inThreads(
          PRODUCERS,
          thread -> {
            Random random = new Random(thread);
            for (int i = 0; i < EVENTS; i++) {
              pipeline.onBlockUpdate(random.nextInt(BLOCKS), (long) i * PRODUCERS + thread, i);
            }
          });
      pipeline.flush();

      awaitAll(listener);
      assertEquals(ALL_EVENTS, callback.seen().size());
      Map<Long, Long> lastPositions = new HashMap<>();
      for (Seen seen : callback.seen()) {
        Long before = lastPositions.put(seen.blockId(), seen.position());
        assertTrue(before == null || before < seen.position(), "before=" + before + ", " + seen);
      }
      assertEquals(ALL_EVENTS, callback.seen().stream().map(Seen::position).distinct().count());
      ListenerStatistics statistics = listener.statistics();
      assertEquals(ALL_EVENTS, statistics.delivered());
      assertEquals(0, statistics.failed());
      assertEquals(0, statistics.missed());
      assertEquals(0, statistics.lag());
      assertEquals(engine.position(), statistics.deliveredThrough());
    }
  }

  @Test
  void shouldCallForDifferentBlocksAtOnce() throws Exception {
    CountDownLatch met = new CountDownLatch(2);
    try (BlockEventCallbacks callbacks = start()) {
      BlockEventListener listener =
          callbacks.add(
              "two",
              event -> {
                met.countDown();
                met.await();
              });

      for (int block = 0; block < BLOCKS; block++) {
        update(block, block);
      }

      awaitAll(listener);
    }
  }

  @Test
  void shouldGiveEverythingInOrderOnOneLane() throws Exception {
    RecordingCallback callback = new RecordingCallback();
    try (BlockEventCallbacks callbacks = start()) {
      BlockEventListener listener = callbacks.add("one", callback, ONE_LANE);

      for (int i = 1; i <= 500; i++) {
        update(i, i);
      }

      awaitAll(listener);
      List<Long> positions = callback.seen().stream().map(Seen::position).toList();
      assertEquals(positions.stream().sorted().toList(), positions);
      assertEquals(500, positions.size());
    }
  }

  @Test
  void shouldHoldUpNobodyWhenAListenerBlocks() throws Exception {
    Blocked blocked = new Blocked();
    RecordingCallback quick = new RecordingCallback();
    try (BlockEventCallbacks callbacks = start();
        EventPipeline pipeline = fixture.start(ASYNC)) {
      BlockEventListener slow = callbacks.add("slow", blocked, ONE_LANE);
      BlockEventListener other = callbacks.add("quick", quick, SHORT_LANES);
      for (int i = 1; i <= EVENTS; i++) {
        pipeline.onBlockUpdate(i, i, 0);
      }

      pipeline.flush();

      awaitAll(other);
      blocked.awaitCall();
      assertEquals(EVENTS, quick.seen().size());
      ListenerStatistics statistics = slow.statistics();
      assertEquals(0, statistics.delivered());
      assertEquals(0, statistics.deliveredThrough());
      assertEquals(engine.position(), statistics.lag());
      assertFalse(slow.awaitDelivered(1, 0));
      blocked.release();
      awaitAll(slow);
      assertEquals(EVENTS, blocked.seen().size());
      assertEquals(0, slow.statistics().lag());
    }
  }

  @Test
  void shouldCountWhatAListenerThrowsAndGoOn() throws Exception {
    List<Throwable> thrown =
        List.of(
            new IOException("checked"),
            new IllegalStateException("unchecked"),
            new StackOverflowError("error"),
            new OutOfMemoryError("made up"),
            new InterruptedException("interrupted"));
    try (BlockEventCallbacks callbacks = start()) {
      BlockEventListener listener =
          callbacks.add(
              "failing",
              event -> {
                Thread.currentThread().interrupt();
                if (event.blockId() < thrown.size()) {
                  throwAny(thrown.get((int) event.blockId()));
                }
              },
              ONE_LANE);
      for (int block = 0; block < 2 * thrown.size(); block++) {
        update(block, block);
      }

      awaitAll(listener);

      ListenerStatistics statistics = listener.statistics();
      assertEquals(thrown.size(), statistics.failed());
      assertEquals(thrown.size(), statistics.delivered());
      assertEquals("java.lang.InterruptedException: interrupted", statistics.trouble());
      assertEquals(2L * thrown.size(), engine.position());
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void throwAny(Throwable thrown) throws E {
    throw (E) thrown;
  }

  @Test
  void shouldTellOfAFlushOfAllBetweenWhatIsBeforeAndBehind() throws Exception {
    RecordingCallback callback = new RecordingCallback();
    try (BlockEventCallbacks callbacks = start()) {
      BlockEventListener listener = callbacks.add("flushed", callback, SHORT_LANES);
      for (int round = 1; round <= 20; round++) {
        for (int block = 0; block < BLOCKS; block++) {
          update(block, round);
        }
        engine.onFlushAll(round, 0);
      }

      awaitAll(listener);

      List<String> expected = new ArrayList<>();
      for (int round = 1; round <= 20; round++) {
        expected.add(round * BLOCKS + " flushed through " + round);
      }
      assertEquals(expected, callback.others());
      for (int i = 0; i < callback.seen().size(); i++) {
        assertEquals(i / BLOCKS + 1, callback.seen().get(i).walOffset());
      }
    }
  }

  @Test
  void shouldGiveALateListenerWhatComesNext() throws Exception {
    RecordingCallback callback = new RecordingCallback();
    try (BlockEventCallbacks callbacks = start()) {
      update(1, 1);
      BlockEventListener listener = callbacks.add("late", callback);
      update(2, 2);

      awaitAll(listener);

      assertEquals(List.of(2L), callback.seen().stream().map(Seen::blockId).toList());
    }
  }

  @Test
  void shouldGiveALateListenerWhatItAsksFor() throws Exception {
    RecordingCallback callback = new RecordingCallback();
    try (BlockEventCallbacks callbacks = start()) {
      for (int i = 1; i <= 10; i++) {
        update(i, i);
      }
      BlockEventListener listener = callbacks.add("late", callback, ONE_LANE.withFrom(8));

      awaitAll(listener);

      assertEquals(List.of(8L, 9L, 10L), callback.seen().stream().map(Seen::position).toList());
    }
  }

  @Test
  void shouldGoOnBehindWhatWasDeliveredBeforeTheStoreWasClosed() throws Exception {
    long through;
    try (BlockEventCallbacks callbacks = start()) {
      BlockEventListener listener = callbacks.add("first life", new RecordingCallback());
      update(1, 1);
      awaitAll(listener);
      through = listener.deliveredThrough();
    }
    update(2, 2);
    engine.close();
    RecordingCallback callback = new RecordingCallback();
    try (BitmapEngine reopened = fixture.store.open();
        BlockEventCallbacks callbacks = BlockEventCallbacks.start(reopened, THREADS)) {
      BlockEventListener listener =
          callbacks.add("second life", callback, ONE_LANE.withFrom(through + 1));
      reopened.onEvent(BlockEventType.UPDATE, 3, 3, 0);

      assertTrue(listener.awaitDelivered(reopened.position(), LONG_MS));

      List<String> told = new ArrayList<>(callback.others());
      callback.seen().forEach(seen -> told.add("block " + seen.blockId()));
      assertEquals(2, told.size(), () -> "told=" + told);
      assertEquals("block 3", told.get(1));
    }
  }

  @Test
  void shouldRefuseAListenerThatBeginsBehindTheEnd() throws Exception {
    try (BlockEventCallbacks callbacks = start()) {
      update(1, 1);

      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> callbacks.add("ahead", new RecordingCallback(), ONE_LANE.withFrom(3)));

      assertEquals(
          "listener begins behind the end of the journal: next=2, from=3, listener=ahead",
          e.getMessage());
      assertEquals(List.of(), callbacks.statistics());
    }
  }

  @Test
  void shouldRefuseTooManyListeners() throws Exception {
    try (BlockEventCallbacks callbacks = start()) {
      ListenerOptions many =
          ListenerOptions.defaults().withLanes(ListenerOptions.MAX_LANES).withLaneEvents(2);
      int limit = CallbackThreads.MAX_LANES / ListenerOptions.MAX_LANES;
      for (int i = 0; i < limit; i++) {
        callbacks.add("listener " + i, event -> {}, many);
      }

      IllegalStateException e =
          assertThrows(
              IllegalStateException.class, () -> callbacks.add("one more", event -> {}, many));

      assertEquals("too many listeners: maxLanes=16384, lanes=16640, listeners=64", e.getMessage());
    }
  }

  @Test
  void shouldRefuseSecondCallbacksOfAnEngine() throws Exception {
    try (BlockEventCallbacks callbacks = start()) {
      IllegalStateException e = assertThrows(IllegalStateException.class, this::start);

      assertEquals("engine has callbacks already: shard=log of the test", e.getMessage());
      assertEquals(3, callbacks.threads());
    }
    start().close();
  }

  @Test
  void shouldStartThreadsOnlyWhenTheyAreNeeded() throws Exception {
    try (BlockEventCallbacks callbacks = start()) {
      update(1, 1);
      assertEquals(0, callbacks.threadsStarted());
      AtomicReference<Thread> caller = new AtomicReference<>();
      BlockEventListener listener =
          callbacks.add("thread", event -> caller.set(Thread.currentThread()));

      update(2, 2);

      awaitAll(listener);
      Thread thread = Objects.requireNonNull(caller.get());
      assertTrue(thread.isDaemon());
      assertTrue(
          thread.getName().matches("tidemark-callback-[123]-log of the test"), thread.getName());
      assertTrue(callbacks.threadsStarted() <= 3);
    }
  }

  @Test
  void shouldBeginNoCallAfterAListenerIsClosed() throws Exception {
    Blocked blocked = new Blocked();
    try (BlockEventCallbacks callbacks = start()) {
      BlockEventListener listener = callbacks.add("closed", blocked, ONE_LANE);
      for (int i = 1; i <= BLOCKS; i++) {
        update(i, i);
      }
      blocked.awaitCall();
      FutureTask<Boolean> waiting =
          WaitingCall.start(() -> listener.awaitDelivered(BLOCKS, LONG_MS));

      listener.close();

      ExecutionException e = assertThrows(ExecutionException.class, waiting::get);
      assertEquals(
          "java.lang.IllegalStateException: listener is closed: name=closed", e.getMessage());
      blocked.release();
      RecordingCallback other = new RecordingCallback();
      awaitAll(callbacks.add("other", other, ONE_LANE.withFrom(1)));
      assertEquals(BLOCKS, other.seen().size());
      assertTrue(blocked.seen().size() <= 1, "calls=" + blocked.seen());
      assertEquals(List.of("other"), names(callbacks));
    }
  }

  private static List<String> names(BlockEventCallbacks callbacks) {
    return callbacks.statistics().stream().map(ListenerStatistics::name).toList();
  }

  @Test
  void shouldCloseWhileItDelivers() throws Exception {
    RecordingCallback callback = new RecordingCallback();
    BlockEventCallbacks callbacks = start();
    BlockEventListener listener = callbacks.add("busy", callback, SHORT_LANES);
    FutureTask<Boolean> producer =
        new FutureTask<>(
            () -> {
              for (int i = 1; i <= EVENTS; i++) {
                update(i, i);
              }
              return true;
            });
    new Thread(producer).start();
    assertTrue(listener.awaitDelivered(10, LONG_MS));

    callbacks.close();

    int calls = callback.seen().size();
    assertTrue(producer.get(), "the store was held up");
    assertEquals(calls, callback.seen().size());
    assertEquals(EVENTS, engine.position());
    assertEquals(
        "callbacks are closed: shard=log of the test",
        assertThrows(IllegalStateException.class, () -> callbacks.add("late", callback))
            .getMessage());
    callbacks.close();
  }

  @Test
  void shouldWaitForACallThatIsUnderWayWhenItIsClosed() throws Exception {
    Blocked blocked = new Blocked();
    BlockEventCallbacks callbacks =
        BlockEventCallbacks.start(engine, THREADS.withCloseLimitMs(LONG_MS));
    callbacks.add("under way", blocked);
    update(1, 1);
    blocked.awaitCall();

    FutureTask<Boolean> closing =
        WaitingCall.start(
            () -> {
              callbacks.close();
              return true;
            });
    blocked.release();

    assertTrue(closing.get());
    assertEquals(1, blocked.seen().size());
  }

  @Test
  void shouldLeaveACallThatDoesNotEnd() throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    BlockEventCallbacks callbacks = BlockEventCallbacks.start(engine, THREADS.withCloseLimitMs(0));
    callbacks.add(
        "endless",
        event -> {
          called.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
        });
    update(1, 1);
    called.await();

    callbacks.close();

    interrupted.await();
    update(2, 2);
  }

  @Test
  void shouldLetAListenerCloseEverything() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    BlockEventCallbacks callbacks =
        BlockEventCallbacks.start(engine, THREADS.withCloseLimitMs(LONG_MS));
    callbacks.add(
        "closing",
        event -> {
          callbacks.close();
          closed.countDown();
        });

    update(1, 1);

    closed.await();
    assertThrows(IllegalStateException.class, () -> callbacks.add("late", event -> {}));
  }

  @Test
  void shouldShowAnEventInWords() throws Exception {
    AtomicReference<String> words = new AtomicReference<>();
    try (BlockEventCallbacks callbacks = start()) {
      BlockEventListener listener = callbacks.add("words", event -> words.set(event.toString()));
      engine.onEvent(BlockEventType.CREATE, -1, -2, -3);

      awaitAll(listener);

      assertEquals(
          "CREATE blockId=18446744073709551615, walOffset=18446744073709551614, timestampNs=-3,"
              + " generation=1, journalPosition=1",
          words.get());
      assertNull(listener.statistics().trouble());
      assertNotNull(listener.name());
    }
  }
}
