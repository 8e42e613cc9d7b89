package io.tidemark.tracker;

import static io.tidemark.tracker.EngineFixture.blocks;
import static io.tidemark.tracker.EngineFixture.changedIn;
import static io.tidemark.tracker.EngineFixture.dirtyBlocks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMetadata;
import io.tidemark.block.BlockState;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.InvalidTransitionException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.errors.UnknownBlockException;
import io.tidemark.state.StateCounts;
import io.tidemark.testing.Unsigned;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Direct calls and events on one store, and what they make of states and answers. */
class BitmapEngineTest {
  private static final long BLOCK = 7;
  private static final long OTHER = 8;

  /** What a direct call does. */
  private enum Mark {
    DIRTY,
    NEW,
    DELETED,
    CLEAR;

    void apply(BitmapEngine engine, long walOffset) throws IOException {
      switch (this) {
        case DIRTY -> engine.markDirty(BLOCK, walOffset, walOffset);
        case NEW -> engine.markNew(BLOCK, walOffset, walOffset);
        case DELETED -> engine.markDeleted(BLOCK, walOffset, walOffset);
        case CLEAR -> engine.clearBlock(BLOCK);
      }
    }

    void add(BlockBatch batch, long walOffset) {
      switch (this) {
        case DIRTY -> batch.markDirty(BLOCK, walOffset, walOffset);
        case NEW -> batch.markNew(BLOCK, walOffset, walOffset);
        case DELETED -> batch.markDeleted(BLOCK, walOffset, walOffset);
        case CLEAR -> batch.clearBlock(BLOCK);
      }
    }
  }

  private static final List<Mark> MARKS = List.of(Mark.values());

  /** How a block came to a state, and what each call makes of it: a state, or a code. */
  private static final Map<List<Mark>, List<Object>> TRANSITIONS =
      Map.of(
          List.of(),
          List.of(BlockState.DIRTY, BlockState.NEW, BlockState.DELETED, -1002),
          List.of(Mark.DIRTY, Mark.CLEAR),
          List.of(BlockState.DIRTY, BlockState.NEW, BlockState.DELETED, BlockState.CLEAN),
          List.of(Mark.DELETED, Mark.CLEAR),
          List.of(BlockState.DIRTY, BlockState.NEW, BlockState.DELETED, BlockState.CLEAN),
          List.of(Mark.DIRTY),
          List.of(BlockState.DIRTY, -1001, BlockState.DELETED, BlockState.CLEAN),
          List.of(Mark.NEW),
          List.of(BlockState.NEW, BlockState.NEW, BlockState.DELETED, BlockState.CLEAN),
          List.of(Mark.NEW, Mark.DIRTY),
          List.of(BlockState.NEW, BlockState.NEW, BlockState.DELETED, BlockState.CLEAN),
          List.of(Mark.DELETED),
          List.of(-1001, -1001, BlockState.DELETED, BlockState.CLEAN));

  @TempDir Path directory;

  private static Object outcome(BitmapEngine engine) throws IOException {
    try {
      return engine.state(BLOCK);
    } catch (UnknownBlockException e) {
      return e.code();
    }
  }

  /** A call that is refused leaves nothing behind. */
  private static void verify(BitmapEngine engine, Mark mark, long walOffset, Object expected)
      throws IOException {
    Object before = outcome(engine);
    long position = engine.statistics().journalPosition();
    try {
      mark.apply(engine, walOffset);
      assertEquals(expected, outcome(engine));
      assertEquals(position + 1, engine.statistics().journalPosition());
    } catch (TidemarkException e) {
      assertEquals(expected, e.code(), e.getMessage());
      assertEquals(before, outcome(engine));
      assertEquals(position, engine.statistics().journalPosition());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldAllowTheTransitionsOfTheTable(boolean isSealed) throws Exception {
    for (Map.Entry<List<Mark>, List<Object>> from : TRANSITIONS.entrySet()) {
      for (int i = 0; i < MARKS.size(); i++) {
        Mark mark = MARKS.get(i);
        try (BitmapEngine engine = new EngineFixture().open(isSealed ? 1 : 100)) {
          long walOffset = 10;
          for (Mark before : from.getKey()) {
            before.apply(engine, walOffset++);
          }

          verify(engine, mark, walOffset, from.getValue().get(i));
        }
      }
    }
  }

  @Test
  void shouldCheckTransitionsAgainstTheStatesInsideABatch() throws Exception {
    for (Map.Entry<List<Mark>, List<Object>> from : TRANSITIONS.entrySet()) {
      for (int i = 0; i < MARKS.size(); i++) {
        Mark mark = MARKS.get(i);
        try (BitmapEngine engine = new EngineFixture().open()) {
          BlockBatch batch = new BlockBatch().markNew(OTHER, 5, 5);
          long walOffset = 10;
          for (Mark before : from.getKey()) {
            before.add(batch, walOffset++);
          }
          mark.add(batch, walOffset);
          Object expected = from.getValue().get(i);

          try {
            engine.applyBatch(batch);

            assertEquals(expected, engine.state(BLOCK));
            assertEquals(batch.size(), engine.statistics().journalPosition());
          } catch (TidemarkException e) {
            assertEquals(expected, e.code(), e.getMessage());
            assertEquals(0, engine.statistics().journalPosition());
            assertEquals(0, engine.statistics().blocks().known());
          }
        }
      }
    }
  }

  @Test
  void shouldSayWhichTransitionItRefuses() throws Exception {
    try (BitmapEngine engine = new EngineFixture().open()) {
      engine.markDirty(BLOCK, 1, 1);
      engine.markDeleted(-1, 2, 2);

      assertEquals(
          "block cannot change its state: from=DIRTY, to=NEW, blockId=7",
          assertThrows(InvalidTransitionException.class, () -> engine.markNew(BLOCK, 3, 3))
              .getMessage());
      assertEquals(
          "block cannot change its state: from=DELETED, to=DIRTY, blockId=18446744073709551615",
          assertThrows(InvalidTransitionException.class, () -> engine.markDirty(-1, 3, 3))
              .getMessage());
      assertEquals(
          "block is not known: blockId=9",
          assertThrows(UnknownBlockException.class, () -> engine.clearBlock(9)).getMessage());
      assertEquals(
          "block is not known: blockId=9",
          assertThrows(UnknownBlockException.class, () -> engine.state(9)).getMessage());
      assertEquals(
          "block is not known: blockId=9",
          assertThrows(UnknownBlockException.class, () -> engine.metadata(9)).getMessage());
    }
  }

  @Test
  void shouldAdvanceThePositionOfADirtyAndOfANewBlock() throws Exception {
    try (BitmapEngine engine = new EngineFixture().open()) {
      engine.markDirty(BLOCK, 1, 10);
      engine.markNew(OTHER, 2, 20);
      engine.markDirty(BLOCK, 3, -30);
      engine.markDirty(OTHER, 4, 40);

      assertEquals(
          new BlockMetadata(BLOCK, new WalPosition(1, 3), -30, BlockState.DIRTY),
          engine.metadata(BLOCK));
      assertEquals(
          new BlockMetadata(OTHER, new WalPosition(1, 4), 40, BlockState.NEW),
          engine.metadata(OTHER));
      assertEquals(new StateCounts(2, 1, 1, 0), engine.statistics().blocks());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100})
  void shouldClearEverythingAppliedSoFar(int maxOpenEvents) throws Exception {
    try (BitmapEngine engine = new EngineFixture().open(maxOpenEvents)) {
      engine.markDirty(BLOCK, 10, 10);
      engine.markDirty(OTHER, 100, 100);
      engine.completeThrough(200);

      engine.clearBlock(BLOCK);
      engine.markDirty(BLOCK, 50, 50);

      assertEquals(BlockState.CLEAN, engine.state(BLOCK), "late: it was applied before");
      assertEquals(List.of(BLOCK), blocks(changedIn(engine, ChangeRange.offsets(10, 50))));
      assertEquals(List.of(), blocks(dirtyBlocks(engine, ChangeRange.offsets(10, 50))));
      engine.markDirty(BLOCK, 101, 101);
      assertEquals(BlockState.DIRTY, engine.state(BLOCK));
      assertEquals(List.of(BLOCK), blocks(dirtyBlocks(engine, ChangeRange.offsets(10, 50))));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100})
  void shouldTakeIdsOffsetsAndTimesAtEveryEdge(int maxOpenEvents) throws Exception {
    try (BitmapEngine engine = new EngineFixture().open(maxOpenEvents)) {
      List<Long> edges = Unsigned.EDGES;
      for (long edge : edges) {
        engine.markNew(edge, edge, -edge);
      }
      engine.completeThrough(-1);

      assertEquals(edges, blocks(changedIn(engine, ChangeRange.offsets(0, -1))));
      for (int i = 0; i < edges.size(); i++) {
        long edge = edges.get(i);
        assertEquals(BlockState.NEW, engine.state(edge));
        assertEquals(
            new BlockMetadata(edge, new WalPosition(1, edge), -edge, BlockState.NEW),
            engine.metadata(edge));
        BlockPage one = changedIn(engine, ChangeRange.offsets(edge, edge));
        assertEquals(List.of(edge), blocks(one));
        assertEquals(Verdict.EXACT, one.verdict());
        assertEquals(
            edges.subList(i, edges.size()),
            blocks(changedIn(engine, ChangeRange.offsets(edge, -1))));
        assertEquals(
            edges.subList(i + 1, edges.size()),
            blocks(changedIn(engine, ChangeRange.after(new WalPosition(1, edge)))));
      }
      List<Long> negative = edges.stream().filter(edge -> -edge < 0).toList();
      assertEquals(
          negative, blocks(dirtyBlocks(engine, ChangeRange.timestamps(Long.MIN_VALUE, -1))));
      engine.clearBlock(-1);
      assertEquals(BlockState.CLEAN, engine.state(-1));
    }
  }

  @Test
  void shouldRefuseNoEventAndCountAnomalies() throws Exception {
    try (BitmapEngine engine = new EngineFixture().open()) {
      engine.onEvent(BlockEventType.UPDATE, BLOCK, 1, 1);
      engine.onEvent(BlockEventType.CREATE, BLOCK, 2, 2);
      engine.onEvent(BlockEventType.DELETE, OTHER, 3, 3);
      engine.onEvent(BlockEventType.UPDATE, OTHER, 4, 4);
      engine.onEvent(BlockEventType.UPDATE, OTHER, 1, 1);

      EngineStatistics statistics = engine.statistics();

      assertEquals(BlockState.NEW, engine.state(BLOCK));
      assertEquals(BlockState.DELETED, engine.state(OTHER));
      assertEquals(1, statistics.createsOnDirty());
      assertEquals(1, statistics.updatesOnDeleted(), "the late one found nothing");
      assertEquals(5, statistics.journalPosition());
      engine.onFlushAll(4, 4);
      assertEquals(BlockState.CLEAN, engine.state(BLOCK));
      assertThrows(
          IllegalArgumentException.class, () -> engine.onEvent(BlockEventType.CLEAR, BLOCK, 5, 5));
    }
  }

  @Test
  void shouldDeclareEverythingCompleteButTheGaps() throws Exception {
    try (BitmapEngine engine = new EngineFixture().open()) {
      assertNull(engine.statistics().completeThrough());
      engine.markNew(BLOCK, 5, 5);
      engine.completeThrough(9);
      engine.gap(20, 29, "ring was full");
      engine.completeThrough(39);
      engine.completeThrough(9);

      BlockPage across = changedIn(engine, ChangeRange.offsets(0, 39));

      assertEquals(Verdict.FULL_REQUIRED, across.verdict());
      assertEquals("[1/20-29 (ring was full)]", across.holes().toString());
      assertEquals(List.of(BLOCK), blocks(across));
      assertEquals(new WalPosition(1, 39), engine.statistics().completeThrough());
      assertEquals(Verdict.EXACT, changedIn(engine, ChangeRange.offsets(0, 19)).verdict());
      assertEquals(Verdict.EXACT, changedIn(engine, ChangeRange.offsets(30, 39)).verdict());
      assertEquals(Verdict.NOT_READY, changedIn(engine, ChangeRange.offsets(30, 40)).verdict());
      assertEquals(
          "hole ends before it begins: first=18446744073709551615, last=0",
          assertThrows(IllegalArgumentException.class, () -> engine.gap(-1, 0, "no")).getMessage());
    }
  }

  @Test
  void shouldTakeAFlushedBlockOutOfTheDirtyOnesOnly() throws Exception {
    try (BitmapEngine engine = new EngineFixture().open()) {
      engine.markDirty(BLOCK, 1, 1);
      engine.markDirty(OTHER, 2, 2);
      engine.onEvent(BlockEventType.FLUSH, BLOCK, 3, 3);
      engine.completeThrough(3);

      assertEquals(List.of(BLOCK, OTHER), blocks(changedIn(engine, ChangeRange.offsets(1, 2))));
      assertEquals(List.of(OTHER), blocks(dirtyBlocks(engine, ChangeRange.offsets(1, 2))));
      assertEquals(List.of(OTHER), blocks(dirtyBlocks(engine, ChangeRange.timestamps(1, 2))));
    }
  }

  @Test
  void shouldRefuseEverythingAfterItWasClosed() throws Exception {
    BitmapEngine engine = new EngineFixture().open();
    engine.markDirty(BLOCK, 1, 1);
    engine.close();
    engine.close();

    assertThrows(IllegalStateException.class, () -> engine.markDirty(BLOCK, 2, 2));
    assertThrows(IllegalStateException.class, () -> engine.state(BLOCK));
    assertThrows(IllegalStateException.class, () -> changedIn(engine, ChangeRange.offsets(0, 1)));
  }

  @Test
  void shouldKeepWhatItWasToldOnRealFiles() throws Exception {
    try (BitmapEngine engine =
        BitmapEngine.open(directory, "embedded", TrackerOptions.defaults())) {
      engine.markNew(BLOCK, 1, 1);
      engine.applyBatch(new BlockBatch().markDeleted(OTHER, 2, 2).clearBlock(OTHER));
      engine.completeThrough(2);
      engine.force();
    }

    try (BitmapEngine engine =
        BitmapEngine.open(directory, "embedded", TrackerOptions.defaults())) {
      assertEquals(BlockState.NEW, engine.state(BLOCK));
      assertEquals(BlockState.CLEAN, engine.state(OTHER));
      assertEquals(List.of(BLOCK, OTHER), blocks(changedIn(engine, ChangeRange.offsets(0, 2))));
      assertEquals(
          List.of(BLOCK, OTHER),
          engine.call(
              tracker -> {
                BackupRun run = tracker.backups().prepare("nightly");
                return tracker.backups().changes(run).changes().stream()
                    .map(BlockChange::blockId)
                    .toList();
              }));
    }
  }

  @Test
  void shouldTakeEventsOfOneThreadAfterAnotherOnRealFiles() throws Exception {
    try (BitmapEngine engine =
        BitmapEngine.open(directory, "embedded", TrackerOptions.defaults())) {
      ExecutorService one = Executors.newSingleThreadExecutor();
      ExecutorService other = Executors.newSingleThreadExecutor();
      try {
        one.submit(() -> engine.markNew(BLOCK, 1, 1)).get();
        other.submit(() -> engine.markNew(OTHER, 2, 2)).get();
        one.submit(() -> engine.markDirty(BLOCK, 3, 3)).get();
      } finally {
        one.shutdown();
        other.shutdown();
      }
      engine.completeThrough(3);

      assertEquals(List.of(BLOCK, OTHER), blocks(changedIn(engine, ChangeRange.offsets(0, 3))));
    }
  }
}
