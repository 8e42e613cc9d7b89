package io.tidemark.tracker;

import static io.tidemark.tracker.PipelineFixture.LONG_MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockState;
import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.FullBackupRequiredException;
import io.tidemark.errors.RunConflictException;
import io.tidemark.errors.StoreLockedException;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.tracker.RecordingCallback.Blocked;
import io.tidemark.tracker.RecordingCallback.Seen;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One object for everything that a program needs of a store. */
@Timeout(120)
class TidemarkTest {
  private static final int THREADS = 2;

  @TempDir Path directory;

  private final EngineFixture fixture = new EngineFixture();

  TidemarkTest() throws IOException {}

  /** Opens a store in memory. */
  private Tidemark open(TidemarkBuilder builder) throws IOException {
    return builder.of(fixture.open(), THREADS);
  }

  private Tidemark open() throws IOException {
    return open(builder());
  }

  private TidemarkBuilder builder() {
    return Tidemark.at(directory, "log of the test").durability(Durability.ASYNC);
  }

  private static List<Long> ids(ChangedIds changed) {
    List<Long> ids = new ArrayList<>();
    changed.ids().forEach(ids::add);
    return ids;
  }

  @Test
  void shouldTakeEventsAnswerAndKeepThem() throws Exception {
    WalPosition asked;
    try (Tidemark store = open()) {
      assertNull(store.knownThrough());
      store.continueFrom(1);
      store.onBlockCreate(1, 1, 0);
      store.onBlockUpdate(2, 2, 0);
      store.onBlockDelete(3, 3, 0);
      store.onBlockFlush(2, 4, 0);
      store.completeThrough(4);
      long position = store.flush();

      ChangedIds changed = store.changedAfter(new WalPosition(1, 0), LONG_MS);

      assertEquals(Verdict.EXACT, changed.verdict());
      assertEquals(List.of(1L, 2L, 3L), ids(changed));
      assertEquals(List.of(2L), ids(store.changedIn(ChangeRange.offsets(2, 2), 0)));
      assertEquals(BlockState.CLEAN, store.state(2));
      assertTrue(store.awaitDurable(position, LONG_MS));
      asked = Objects.requireNonNull(changed.completeThrough());
    }
    try (Tidemark store = open()) {
      assertEquals(new WalPosition(1, 4), store.knownThrough());
      store.continueFrom(7);
      store.onBlockUpdate(9, 7, 0);
      store.completeThrough(7);
      store.flush();

      ChangedIds changed = store.changedAfter(asked, LONG_MS);

      assertEquals(Verdict.FULL_REQUIRED, changed.verdict());
      assertEquals(
          List.of(new Hole(1, 5, 6, "source goes on behind what the store has")), changed.holes());
      assertEquals(List.of(9L), ids(changed));
    }
  }

  @Test
  void shouldFlushAllRollBackAndNameGaps() throws Exception {
    try (Tidemark store = open()) {
      store.onBlockUpdate(1, 1, 0);
      store.onFlushAll(1, 0);
      store.onBlockUpdate(2, 2, 0);
      store.completeThrough(2);
      store.rolledBack(2, 10);
      store.gap(3, 4, "cannot be read");
      store.completeThrough(5);
      store.flush();

      ChangedIds changed = store.changedAfter(new WalPosition(1, 2), 0);

      assertEquals(List.of(2L), ids(changed));
      assertEquals(List.of(new Hole(2, 3, 4, "cannot be read")), changed.holes());
      assertEquals(BlockState.CLEAN, store.state(1));
    }
  }

  @Test
  void shouldKeepChainsOfBackups() throws Exception {
    try (Tidemark store = open()) {
      store.onBlockUpdate(1, 1, 0);
      BackupRun first = store.prepareRun("nightly");
      store.onBlockUpdate(2, 2, 0);

      assertEquals(List.of(1L), ids(store.changedIds(first)));
      assertEquals(first, store.preparedRun("nightly"));
      assertThrows(RunConflictException.class, () -> store.prepareRun("nightly"));

      assertThrows(FullBackupRequiredException.class, () -> store.commitRun(first));
      store.commitFullRun(first);
      assertNull(store.preparedRun("nightly"));
      BackupRun given = store.prepareRun("nightly");
      assertEquals(List.of(2L), ids(store.changedIds(given)));
      store.abortRun(given);
      store.onBlockUpdate(3, 3, 0);
      BackupRun second = store.prepareRun("nightly");
      assertEquals(List.of(2L, 3L), ids(store.changedIds(second)));
      store.commitRun(second);
      assertEquals(List.of(), ids(store.changedIds(store.prepareRun("nightly"))));
    }
  }

  @Test
  void shouldRefuseToCommitAnIncrementalRunAcrossAGap() throws Exception {
    try (Tidemark store = open()) {
      store.onBlockUpdate(1, 0, 0);
      store.commitFullRun(store.prepareRun("nightly"));
      store.onBlockUpdate(1, 1, 0);
      store.gap(2, 3, "cannot be read");
      BackupRun run = store.prepareRun("nightly");

      assertEquals(Verdict.FULL_REQUIRED, store.changedIds(run).verdict());
      FullBackupRequiredException refusal =
          assertThrows(FullBackupRequiredException.class, () -> store.commitRun(run));
      assertTrue(refusal.toString().contains("2-3 (cannot be read)"), refusal.toString());
      store.commitFullRun(run);
    }
  }

  @Test
  void shouldGiveListenersWhatWasGivenBeforeItIsClosed() throws Exception {
    RecordingCallback callback = new RecordingCallback();
    BlockEventListener listener;
    try (Tidemark store = open()) {
      listener = store.addListener("all", callback);
      for (int i = 1; i <= 1_000; i++) {
        store.onBlockUpdate(i, i, 0);
      }
    }

    assertEquals(1_000, callback.seen().size());
    assertEquals(1_000, listener.deliveredThrough());
  }

  @Test
  void shouldCloseThoughAListenerDoesNotEnd() throws Exception {
    Blocked blocked = new Blocked();
    Tidemark store = open(builder().closeLimitMs(0));
    store.addListener("endless", blocked, ListenerOptions.defaults().withFrom(1));
    store.onBlockUpdate(1, 1, 0);
    blocked.awaitCall();

    store.close();

    store.close();
    open().close();
  }

  @Test
  void shouldLetAListenerCloseIt() throws Exception {
    Tidemark opened = open();
    RecordingCallback other = new RecordingCallback();
    opened.addListener("other", other);
    BlockEventListener closing = opened.addListener("closing", event -> opened.close());

    opened.onBlockUpdate(1, 1, 0);

    assertThrows(
        IllegalStateException.class, () -> closing.awaitDelivered(Long.MAX_VALUE, LONG_MS));
  }

  @Test
  void shouldTellWhenTheLogMayBeRecycled() throws Exception {
    AtomicReference<WalPosition> through = new AtomicReference<>();
    try (Tidemark store =
        open(builder().onDurable((position, complete) -> through.set(complete)))) {
      store.onBlockUpdate(1, 1, 0);
      store.completeThrough(1);
      assertTrue(store.awaitDurable(store.flush(), LONG_MS));
    }

    assertEquals(new WalPosition(1, 1), through.get());
  }

  @Test
  void shouldShowStatisticsOfAllParts() throws Exception {
    try (Tidemark store = open()) {
      BlockEventListener listener = store.addListener("counted", event -> {});
      store.onBlockCreate(1, 1, 0);
      assertTrue(listener.awaitDelivered(store.flush(), LONG_MS));

      TidemarkStatistics statistics = store.statistics();

      assertEquals(1, statistics.store().blocks().known());
      assertEquals(1, statistics.pipeline().eventsApplied());
      assertEquals(
          List.of(new ListenerStatistics("counted", 1, 0, 0, 1, 0, null)), statistics.listeners());
    }
  }

  @Test
  void shouldKeepSeveralStoresApart() throws Exception {
    RecordingCallback callback = new RecordingCallback();
    try (Tidemark one = Tidemark.at(directory.resolve("one"), "one").open();
        Tidemark two =
            Tidemark.at(directory.resolve("two"), "two")
                .durability(Durability.STRICT)
                .ringCapacity(64)
                .waitLimitMs(0)
                .callbackThreads(1)
                .memoryLimitMb(64)
                .store(TrackerOptions.builder().unlimited().build())
                .open()) {
      BlockEventListener listener = two.addListener("two", callback);
      one.onBlockUpdate(1, 1, 0);
      two.onBlockUpdate(2, 1, 0);
      one.completeThrough(1);
      two.completeThrough(1);
      one.flush();

      assertTrue(listener.awaitDelivered(two.flush(), LONG_MS));

      assertEquals(List.of(1L), ids(one.changedIn(ChangeRange.offsets(0, 1), 0)));
      assertEquals(List.of(2L), ids(two.changedIn(ChangeRange.offsets(0, 1), 0)));
      assertEquals(List.of(2L), callback.seen().stream().map(Seen::blockId).toList());
      assertThrows(
          StoreLockedException.class,
          () -> Tidemark.at(directory.resolve("one"), "one").open().close());
    }
  }

  @Test
  void shouldStartASourceWhereTheStoreIs() throws Exception {
    Path files = directory.resolve("engine");
    try (EmbeddedEngine source = EmbeddedEngine.open(files, EmbeddedOptions.defaults());
        Tidemark store = Tidemark.at(directory.resolve("store"), source.shard()).open()) {
      store.start(source);
      source.create(5, new byte[] {1});
      store.flush();

      ChangedIds changed = store.changedAfter(new WalPosition(1, 0), LONG_MS);

      assertEquals(List.of(5L), ids(changed));
      assertEquals(Verdict.EXACT, changed.verdict());
    }
  }

  @Test
  void shouldSealEarlierWithLessMemory() {
    assertEquals(1 << 20, builder().storeOptions().maxOpenEvents());
    assertEquals(1 << 20, builder().memoryLimitMb(1 << 20).storeOptions().maxOpenEvents());
    assertEquals((64 - 24 - 2) << 13, builder().memoryLimitMb(64).storeOptions().maxOpenEvents());
  }

  @Test
  void shouldRefuseTooLittleMemoryBeforeAnythingIsOpened() {
    TidemarkBuilder builder = Tidemark.at(directory.resolve("never"), "never").memoryLimitMb(27);

    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, builder::open);

    assertEquals(
        "memory limit is too low: neededMb=28, limitMb=27, ringCapacity=65536", e.getMessage());
    assertFalse(directory.resolve("never").toFile().exists());
  }
}
