package io.tidemark.tracker;

import static io.tidemark.tracker.PipelineFixture.LONG_MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.MemoryStorageIO.Call;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import io.tidemark.tracker.RecordingCallback.Blocked;
import io.tidemark.tracker.RecordingCallback.Seen;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listeners of a store whose journal is recycled, or cannot be read, before they come to it. */
@Timeout(120)
class CallbackRecyclingTest {
  private static final int EVENTS = 2_000;
  private static final int SEEDS = Rounds.of("tidemark.callbacks.seeds", 30, 8);
  private static final CallbackOptions THREADS = CallbackOptions.defaults().withThreads(2);
  private static final ListenerOptions ONE_LANE =
      ListenerOptions.defaults().withLanes(1).withLaneEvents(4);

  private static final TrackerOptions RECYCLING =
      TrackerOptions.builder()
          .unlimited()
          .maxOpenEvents(100)
          .segmentsPerCheckpoint(1)
          .journalRollBytes(2_000)
          .journalKeepBytes(0)
          .build();

  private final MemoryStorageIO io = new MemoryStorageIO();

  private BitmapEngine open() throws IOException {
    Path root = Path.of("/disk/store");
    io.createDurably(root.resolveSibling(""));
    ChangeTracker tracker =
        ChangeTracker.open(Environments.memory(io), root, "log of the test", RECYCLING);
    return BitmapEngine.of(tracker, BitmapEngine.DEFAULT_LEASE_MS, System::nanoTime);
  }

  private static void update(BitmapEngine engine, int events) throws IOException {
    for (int i = 0; i < events; i++) {
      engine.onEvent(BlockEventType.UPDATE, i, engine.position() + 1, 0);
    }
  }

  private static void awaitAll(BlockEventListener listener, BitmapEngine engine)
      throws InterruptedException {
    assertTrue(listener.awaitDelivered(engine.position(), LONG_MS));
  }

  @Test
  void shouldTellAListenerWhatItMissedAndGoOnBehindIt() throws Exception {
    Blocked blocked = new Blocked();
    try (BitmapEngine engine = open();
        BlockEventCallbacks callbacks = BlockEventCallbacks.start(engine, THREADS)) {
      BlockEventListener listener = callbacks.add("slow", blocked, ONE_LANE);
      update(engine, 10);
      blocked.awaitCall();
      update(engine, EVENTS);
      engine.call(
          tracker -> {
            tracker.checkpoint();
            return true;
          });

      blocked.release();

      awaitAll(listener, engine);
      update(engine, 1);
      awaitAll(listener, engine);
      ListenerStatistics statistics = listener.statistics();
      assertTrue(statistics.missed() > 0, statistics::toString);
      assertEquals(EVENTS + 11, statistics.missed() + blocked.seen().size());
      assertEquals(0, statistics.lag());
      assertNull(statistics.trouble());
      List<Seen> seen = blocked.seen();
      String told = blocked.others().get(0);
      int before = Integer.parseInt(told.substring(0, told.indexOf(' ')));
      assertEquals(1, blocked.others().size());
      assertEquals(
          before
              + " missed "
              + (seen.get(before - 1).position() + 1)
              + "-"
              + (seen.get(before).position() - 1),
          told);
    }
  }

  @Test
  void shouldTellALateListenerWhatIsNoLongerThere() throws Exception {
    RecordingCallback callback = new RecordingCallback();
    try (BitmapEngine engine = open();
        BlockEventCallbacks callbacks = BlockEventCallbacks.start(engine, THREADS)) {
      update(engine, EVENTS);
      engine.call(
          tracker -> {
            tracker.checkpoint();
            return true;
          });

      BlockEventListener listener = callbacks.add("late", callback, ONE_LANE.withFrom(1));

      awaitAll(listener, engine);
      assertEquals(EVENTS, listener.statistics().missed() + callback.seen().size());
      assertTrue(callback.others().get(0).startsWith("0 missed 1-"), callback.others()::toString);
    }
  }

  @Test
  void shouldGiveUpWhatCannotBeReadAndGoOn() throws Exception {
    RecordingCallback callback = new RecordingCallback();
    try (BitmapEngine engine = open();
        BlockEventCallbacks callbacks = BlockEventCallbacks.start(engine, THREADS)) {
      update(engine, 5);
      io.fault(
          (call, number, path) -> {
            if (call == Call.READ && Thread.currentThread().getName().contains("-feed-")) {
              throw new IOException("made up");
            }
          });
      BlockEventListener listener = callbacks.add("unlucky", callback, ONE_LANE.withFrom(1));
      assertTrue(listener.awaitDelivered(5, LONG_MS));
      io.fault((call, number, path) -> {});

      update(engine, 2);

      awaitAll(listener, engine);
      assertEquals(List.of("0 missed 1-5"), callback.others());
      assertEquals(List.of(6L, 7L), callback.seen().stream().map(Seen::position).toList());
      assertEquals(5, listener.statistics().missed());
      assertEquals("java.io.IOException: made up", listener.statistics().trouble());
    }
  }

  /** What is delivered and what is missed fit together, however slow a listener is. */
  @Test
  void shouldDeliverOrMissEachPosition() {
    Seeds.each(SEEDS, this::recycleUnderListeners);
  }

  private void recycleUnderListeners(Random random) throws Exception {
    int pause = random.nextInt(200);
    Tiling quick = new Tiling(0);
    Tiling slow = new Tiling(pause);
    MemoryStorageIO disk = new MemoryStorageIO();
    disk.createDurably(Path.of("/disk"));
    ChangeTracker tracker =
        ChangeTracker.open(Environments.memory(disk), Path.of("/disk/store"), "tiling", RECYCLING);
    try (BitmapEngine engine =
            BitmapEngine.of(tracker, BitmapEngine.DEFAULT_LEASE_MS, System::nanoTime);
        BlockEventCallbacks callbacks = BlockEventCallbacks.start(engine, THREADS)) {
      ListenerOptions lane = ONE_LANE.withLaneEvents(2 << random.nextInt(6));
      BlockEventListener first = callbacks.add("quick", quick, lane);
      BlockEventListener second = callbacks.add("slow", slow, lane);

      update(engine, EVENTS);

      awaitAll(first, engine);
      awaitAll(second, engine);
      assertEquals(EVENTS, quick.through.get());
      assertEquals(EVENTS, slow.through.get());
      assertNull(quick.wrong);
      assertNull(slow.wrong);
      assertEquals(EVENTS, second.statistics().missed() + slow.delivered.get());
    }
  }

  /** Expects every position once, delivered or missed. */
  private static final class Tiling implements BlockEventCallback {
    private final AtomicLong through = new AtomicLong();
    private final int pause;
    private volatile @Nullable String wrong;
    private final AtomicLong delivered = new AtomicLong();

    Tiling(int pause) {
      this.pause = pause;
    }

    private void next(long first, long last) {
      if (first != through.get() + 1) {
        wrong = "expected=" + (through.get() + 1) + ", first=" + first;
      }
      through.set(last);
    }

    @Override
    public void onEvent(BlockEvent event) {
      delivered.incrementAndGet();
      for (int i = 0; i < pause * 10; i++) {
        Thread.onSpinWait();
      }
      next(event.journalPosition(), event.journalPosition());
    }

    @Override
    public void missed(long firstPosition, long lastPosition) {
      next(firstPosition, lastPosition);
    }
  }
}
