package io.tidemark.tracker;

import static io.tidemark.tracker.EngineFixture.ALL;
import static io.tidemark.tracker.EngineFixture.blocks;
import static io.tidemark.tracker.PipelineFixture.ASYNC;
import static io.tidemark.tracker.PipelineFixture.inThreads;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockState;
import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.ingest.BlockEventSink;
import io.tidemark.ingest.RingSink;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Unsigned;
import io.tidemark.tracker.PipelineStatistics.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pipeline that is given nonsense, and more than it can take: it stays up and counts. */
@Timeout(120)
class PipelineGarbageTest {
  private static final int THREADS = 4;
  private static final int EVENTS = Rounds.of("tidemark.garbage.events", 20_000, 5_000);
  private static final long[] TIMES = {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE};
  private static final BlockEventType[] TYPES = {
    BlockEventType.CREATE, BlockEventType.UPDATE, BlockEventType.FLUSH, BlockEventType.DELETE
  };

  private final PipelineFixture fixture = new PipelineFixture();
  private final BitmapEngine engine = fixture.engine;

  PipelineGarbageTest() throws IOException {}

  private BlockPage everything() throws IOException, InterruptedException {
    return engine.changedIn(ChangeRange.offsets(0, -1), ALL, 0);
  }

  @Test
  void shouldStayUpWhateverItIsGiven() throws Exception {
    Set<Long> changed = ConcurrentHashMap.newKeySet();
    AtomicLong taken = new AtomicLong();
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      inThreads(
          THREADS,
          thread -> {
            Random random = new Random(thread);
            for (int i = 0; i < EVENTS; i++) {
              if (random.nextInt(20) == 0) {
                refuse(pipeline.sink(), random);
              } else {
                long block = Unsigned.any(random);
                BlockEventType type = TYPES[random.nextInt(TYPES.length)];
                long time = TIMES[random.nextInt(TIMES.length)];
                pipeline.sink().onEvent(type, block, Unsigned.any(random), time);
                taken.incrementAndGet();
                if (type.isChange()) {
                  changed.add(block);
                }
              }
            }
          });
      pipeline.sink().completeThrough(-1);
      pipeline.sink().completeThrough(5);
      pipeline.flush();

      PipelineStatistics statistics = pipeline.statistics();
      assertEquals(Status.RUNNING, statistics.status());
      assertEquals(taken.get(), statistics.eventsAccepted());
      assertEquals(taken.get(), statistics.eventsApplied());
      assertEquals(0, statistics.eventsDropped());
      assertTrue(statistics.anomalies().behind() > taken.get() / 4, statistics::toString);
      assertEquals(0, statistics.anomalies().late());
      BlockPage page = everything();
      assertEquals(Verdict.EXACT, page.verdict());
      assertEquals(changed, Set.copyOf(blocks(page)));
    }
  }

  private static void refuse(BlockEventSink sink, Random random) {
    long offset = 1L + random.nextInt(1_000);
    assertThrows(
        IllegalArgumentException.class, () -> sink.onEvent(BlockEventType.CLEAR, 1, offset, 0));
    assertThrows(IllegalArgumentException.class, () -> sink.gap(offset, offset - 1, "backwards"));
  }

  @Test
  void shouldCountEventsBelowWhatWasGivenBefore() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      for (long offset : new long[] {5, 5, 4, 6, -1, 7}) {
        pipeline.onBlockUpdate(offset, offset, 0);
      }

      pipeline.flush();

      assertEquals(new PipelineAnomalies(2, 0, 0, 0), pipeline.statistics().anomalies());
    }
  }

  @Test
  void shouldCountEventsBelowWhatWasDeclaredComplete() throws Exception {
    engine.completeThrough(10);
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      pipeline.onBlockUpdate(1, 10, 0);
      pipeline.onBlockUpdate(1, 11, 0);
      pipeline.sink().completeThrough(20);
      pipeline.sink().completeThrough(15);
      pipeline.onBlockUpdate(1, 20, 0);
      pipeline.onBlockUpdate(1, 21, 0);
      pipeline.sink().rolledBack(5, 0);
      pipeline.onBlockUpdate(2, 5, 0);
      pipeline.onBlockUpdate(2, 4, 0);

      pipeline.flush();

      assertEquals(1, pipeline.statistics().anomalies().behind());
      assertEquals(3, pipeline.statistics().anomalies().late());
      assertEquals(BlockState.DIRTY, engine.state(2));
    }
  }

  /** A segment keeps what happened to a block, not in which order it came. */
  @Test
  void shouldCountBlocksThatDoNotFitTheirState() throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC)) {
      pipeline.onBlockUpdate(1, 1, 0);
      pipeline.onBlockDelete(2, 2, 0);
      pipeline.onBlockDelete(3, 3, 0);
      pipeline.onBlockUpdate(4, 4, 0);
      pipeline.onBlockDelete(5, 5, 0);
      pipeline.onBlockUpdate(5, 6, 0);
      seal(pipeline);
      assertEquals(new PipelineAnomalies(0, 0, 0, 1), pipeline.statistics().anomalies());

      pipeline.onBlockCreate(1, 11, 0); // It was DIRTY.
      pipeline.onBlockUpdate(2, 12, 0); // It was DELETED.
      pipeline.onBlockCreate(3, 13, 0);
      pipeline.onBlockUpdate(3, 14, 0);
      pipeline.onBlockDelete(4, 15, 0);
      pipeline.onBlockCreate(4, 16, 0);
      seal(pipeline);

      assertEquals(new PipelineAnomalies(0, 0, 1, 2), pipeline.statistics().anomalies());
      assertEquals(BlockState.NEW, engine.state(1));
      assertEquals(BlockState.DELETED, engine.state(2));
      assertEquals(BlockState.DELETED, engine.state(5));
    }
  }

  private void seal(EventPipeline pipeline) throws IOException, InterruptedException {
    pipeline.flush();
    engine.call(
        tracker -> {
          tracker.seal();
          return true;
        });
  }

  /** More threads than cores give as fast as they can into a small ring. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, RingSink.WITHOUT_LIMIT})
  void shouldAccountForEveryEventWhenItIsGivenTooMany(long limitMs) throws Exception {
    try (EventPipeline pipeline = fixture.start(ASYNC.withWaitLimitMs(limitMs));
        BlockEventCallbacks callbacks = BlockEventCallbacks.start(engine)) {
      AtomicLong called = new AtomicLong();
      BlockEventListener listener = callbacks.add("counter", event -> called.incrementAndGet());
      inThreads(
          THREADS,
          thread -> {
            for (int i = 0; i < EVENTS; i++) {
              long offset = (long) thread * EVENTS + i;
              pipeline.onBlockUpdate(offset, offset, 0);
            }
          });
      long given = (long) THREADS * EVENTS;
      pipeline.sink().completeThrough(given - 1);
      assertTrue(listener.awaitDelivered(pipeline.flush(), PipelineFixture.LONG_MS));

      PipelineStatistics statistics = pipeline.statistics();
      assertEquals(given, statistics.eventsAccepted() + statistics.eventsDropped());
      assertEquals(statistics.eventsAccepted(), statistics.eventsApplied());
      assertEquals(statistics.eventsApplied(), called.get());
      assertTrue(statistics.heldBackNs() > 0 || limitMs == 0, "the ring was never full");
      assertEquals(statistics.eventsDropped() > 0, statistics.gaps() > 0);
      if (limitMs == RingSink.WITHOUT_LIMIT) {
        assertEquals(0, statistics.eventsDropped());
      }
      BlockPage page = engine.changedIn(ChangeRange.offsets(0, given - 1), ALL, 0);
      assertEquals(statistics.eventsApplied(), page.totalBlocks());
      assertEquals(missing(blocks(page), given), missingInHoles(page, given));
      assertEquals(statistics.gaps() > 0 ? Verdict.FULL_REQUIRED : Verdict.EXACT, page.verdict());
    }
  }

  private static List<Long> missing(List<Long> blocks, long given) {
    Set<Long> there = Set.copyOf(blocks);
    List<Long> missing = new ArrayList<>();
    for (long block = 0; block < given; block++) {
      if (!there.contains(block)) {
        missing.add(block);
      }
    }
    return missing;
  }

  /** Returns the same as far as it lies in holes. */
  private static List<Long> missingInHoles(BlockPage page, long given) {
    return missing(blocks(page), given).stream()
        .filter(block -> page.holes().stream().anyMatch(hole -> isIn(hole, block)))
        .toList();
  }

  private static boolean isIn(Hole hole, long offset) {
    return hole.first() <= offset && offset <= hole.last();
  }
}
