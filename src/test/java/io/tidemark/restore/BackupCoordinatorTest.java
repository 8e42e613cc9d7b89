package io.tidemark.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.archive.ArchivedRun;
import io.tidemark.backup.BackupCoordinator;
import io.tidemark.backup.BackupCursor;
import io.tidemark.backup.BackupProgress;
import io.tidemark.backup.BackupProgress.Phase;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.BackupResult;
import io.tidemark.backup.BackupStatistics;
import io.tidemark.backup.RunKind;
import io.tidemark.block.BlockEventType;
import io.tidemark.errors.BackupCancelledException;
import io.tidemark.errors.BackupFailedException;
import io.tidemark.errors.RunConflictException;
import io.tidemark.testing.MemoryStorageIO.Call;
import io.tidemark.testing.PowerCut;
import io.tidemark.tracker.BackupRun;
import io.tidemark.tracker.BitmapEngine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a coordinator does when it is not left alone. */
class BackupCoordinatorTest {
  private static final int BLOCKS = 7;
  private static final BackupRequest FULL = BackupRequest.full(BackupFixture.CHAIN);
  private static final BackupRequest INCREMENTAL = BackupRequest.incremental(BackupFixture.CHAIN);

  private static BackupFixture filled() throws IOException {
    BackupFixture fixture = new BackupFixture();
    for (long id = 0; id < BLOCKS; id++) {
      fixture.put(id, "block " + id);
    }
    return fixture;
  }

  @Test
  void shouldRefuseASecondCoordinatorOnAChain() throws IOException {
    try (BackupFixture fixture = filled()) {
      BackupCoordinator second = fixture.coordinate();
      List<String> refusals = new ArrayList<>();

      fixture.coordinator.run(
          FULL,
          progress -> {
            if (progress.phase() == Phase.SEAL) {
              RunConflictException refused =
                  assertThrows(RunConflictException.class, () -> second.run(FULL, unused -> {}));
              refusals.add(String.valueOf(refused.getMessage()));
            }
          });

      assertEquals(
          List.of("chain has a run that is being taken: chain=default, directory=/disk/store/runs"),
          refusals);
      assertNotNull(second.run(INCREMENTAL, unused -> {}));
    }
  }

  @Test
  void shouldBackUpSeveralChainsAtOnce() throws IOException {
    try (BackupFixture fixture = filled()) {
      BackupCoordinator second = fixture.coordinate();
      List<BackupResult> offsite = new ArrayList<>();

      BackupResult result =
          fixture.coordinator.run(
              FULL,
              progress -> {
                if (progress.phase() == Phase.SEAL) {
                  offsite.add(run(second, BackupRequest.full("offsite")));
                }
              });

      assertEquals(BLOCKS, result.blocks());
      assertEquals(BLOCKS, offsite.get(0).blocks());
      assertEquals(
          fixture.content(), fixture.restored(fixture.archive.run(offsite.get(0).run().runId())));
    }
  }

  private static BackupResult run(BackupCoordinator coordinator, BackupRequest request) {
    try {
      return coordinator.run(request, progress -> {});
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldRefuseACommitOfAnEarlierOpening() throws IOException {
    try (BackupFixture fixture = filled()) {
      BackupRun stale = fixture.store.call(tracker -> tracker.backups().prepare("stale"));
      fixture.crash(PowerCut.keepingAll());

      BitmapEngine store = fixture.store;
      assertThrows(
          RunConflictException.class,
          () ->
              store.call(
                  tracker -> {
                    tracker.backups().commit(stale);
                    return stale;
                  }));
    }
  }

  @Test
  void shouldGoOnAfterACancellationBehindTheLastBatch() throws IOException {
    try (BackupFixture fixture = filled()) {
      BackupCoordinator coordinator = fixture.coordinator;

      assertThrows(
          BackupCancelledException.class,
          () ->
              coordinator.run(
                  FULL,
                  progress -> {
                    if (progress.doneBlocks() > 0) {
                      coordinator.cancel();
                    }
                  }));
      RunConflictException refused =
          assertThrows(RunConflictException.class, () -> coordinator.run(FULL, progress -> {}));
      BackupResult result = coordinator.resume(BackupFixture.CHAIN, progress -> {});

      assertNotNull(result);
      assertEquals(
          "chain has an interrupted run: resume it or give it up: chain=default, batches=1, run="
              + result.run().runId(),
          refused.getMessage());
      assertEquals(1, result.resumedBatches());
      assertEquals(3, result.batches());
      assertEquals(fixture.content(), fixture.restored(fixture.archive.run(result.run().runId())));
      assertNull(coordinator.resume(BackupFixture.CHAIN, progress -> {}));
    }
  }

  @Test
  void shouldLeaveNothingOfARunThatIsGivenUp() throws IOException {
    try (BackupFixture fixture = filled()) {
      fixture.full();
      fixture.put(1, "changed");
      BackupCoordinator coordinator = fixture.coordinator;
      coordinator.cancel();
      assertThrows(
          BackupCancelledException.class,
          () ->
              coordinator.run(
                  INCREMENTAL,
                  progress -> {
                    coordinator.cancel();
                  }));

      assertTrue(coordinator.abort(BackupFixture.CHAIN));

      assertFalse(coordinator.abort(BackupFixture.CHAIN));
      assertEquals(1, fixture.archive.entries().size());
      ArchivedRun next = fixture.incremental();
      assertEquals(1, next.manifest().blocks());
      assertEquals(fixture.content(), fixture.restored(next));
    }
  }

  @Test
  void shouldTryABatchAgainThatFailed() throws IOException {
    try (BackupFixture fixture = filled()) {
      fixture.retryCount = 2;
      BackupCoordinator coordinator = fixture.coordinate();
      AtomicInteger failures = new AtomicInteger();
      fixture.io.fault(
          (call, number, path) -> {
            boolean isData = path.toString().endsWith("000002.blocks");
            if (call == Call.WRITE && isData && failures.getAndIncrement() < 2) {
              throw new IOException("No space left on device");
            }
          });

      BackupResult result = coordinator.run(FULL, progress -> {});

      assertEquals(2, result.retries());
      assertEquals(List.of(1L, 2L), fixture.pausesMs);
      assertEquals(fixture.content(), fixture.restored(fixture.archive.run(result.run().runId())));
    }
  }

  @Test
  void shouldKeepARunThatFailedForLater() throws IOException {
    try (BackupFixture fixture = filled()) {
      fixture.io.fault(
          (call, number, path) -> {
            if (call == Call.WRITE && path.toString().endsWith("000002.blocks")) {
              throw new IOException("No space left on device");
            }
          });

      assertThrows(IOException.class, fixture::full);
      fixture.io.fault((call, number, path) -> {});
      BackupResult result = fixture.coordinator.resume(BackupFixture.CHAIN, progress -> {});

      assertNotNull(result);
      assertEquals(fixture.content(), fixture.restored(fixture.archive.run(result.run().runId())));
    }
  }

  @Test
  void shouldTellProgressInWholeNumbers() throws IOException {
    try (BackupFixture fixture = filled()) {
      List<BackupProgress> told = new ArrayList<>();

      fixture.coordinator.run(FULL, told::add);

      long bytes = (long) BLOCKS * "block 0".length();
      assertEquals(
          List.of(0L, 0L, 3L, 6L, 7L, 7L, 7L),
          told.stream().map(BackupProgress::doneBlocks).toList());
      assertTrue(told.stream().allMatch(progress -> progress.totalBlocks() == BLOCKS));
      assertTrue(told.stream().allMatch(progress -> progress.totalBytes() == bytes));
      assertEquals(bytes, told.get(told.size() - 1).doneBytes());
      assertEquals(0, told.get(told.size() - 1).remainingMs());
      assertEquals(
          List.of(
              Phase.PREPARE,
              Phase.COPY,
              Phase.COPY,
              Phase.COPY,
              Phase.COPY,
              Phase.SEAL,
              Phase.COMMIT),
          told.stream().map(BackupProgress::phase).toList());
    }
  }

  @Test
  void shouldHoldLimitsThatAreChangedWhileItRuns() throws IOException {
    try (BackupFixture fixture = filled()) {
      BackupCoordinator coordinator = fixture.coordinate();
      coordinator.limits().change(7, 0);

      coordinator.run(
          FULL,
          progress -> {
            if (progress.doneBlocks() == 3) {
              coordinator.limits().change(0, 0);
            }
          });

      // Three blocks of 7 bytes each, a second's worth each; the others cost nothing.
      long waitedMs = fixture.pausesMs.stream().mapToLong(Long::longValue).sum();
      assertTrue(waitedMs >= 2500 && waitedMs <= 3500, () -> "waitedMs=" + waitedMs);
    }
  }

  @Test
  void shouldCountWhatItDid() throws IOException {
    try (BackupFixture fixture = filled()) {
      fixture.full();
      fixture.engine.delete(1);
      fixture.put(2, "longer than it was");
      fixture.incremental();

      BackupStatistics counts = fixture.coordinator.statistics();
      fixture.coordinator.resetStatistics();

      assertEquals(2, counts.runs());
      assertEquals(1, counts.fullRuns());
      assertEquals(BLOCKS + 1, counts.blocks());
      assertEquals(1, counts.deleted());
      assertEquals(4, counts.batches());
      assertEquals(0, fixture.coordinator.statistics().runs());
    }
  }

  @Test
  void shouldCopyWhatIsThereWhenALateEventSaysItWasDeleted() throws IOException {
    try (BackupFixture fixture = filled()) {
      fixture.full();
      fixture.store.onEvent(BlockEventType.DELETE, 1, 1, 1);

      ArchivedRun run = fixture.incremental();

      assertEquals(1, run.manifest().blocks());
      assertEquals(fixture.content(), fixture.restored(run));
    }
  }

  @Test
  void shouldGiveUpARunWhenABlockIsGoneThatNobodyDeleted() throws IOException {
    try (BackupFixture fixture = filled()) {
      fixture.full();
      fixture.store.onEvent(BlockEventType.UPDATE, 99, 7, 1);

      BackupFailedException lost = assertThrows(BackupFailedException.class, fixture::incremental);

      String message = String.valueOf(lost.getMessage());
      assertTrue(message.startsWith("block is gone and nobody has deleted it: run="), message);
      assertTrue(message.endsWith(", blocks=1, blockId=99"), message);
      assertEquals(1, fixture.archive.entries().size());
      assertNull(fixture.coordinator.interrupted(BackupFixture.CHAIN));
    }
  }

  @Test
  void shouldTranslateCursorsDownwards() throws IOException {
    try (BackupFixture fixture = filled()) {
      long half = fixture.engine.walOffset();
      fixture.store.call(
          tracker -> {
            tracker.seal();
            return half;
          });
      fixture.put(1, "changed");
      fixture.put(2, "changed");

      BackupResult wal = since(fixture, "wal", BackupCursor.wal(half));
      BackupResult time = since(fixture, "time", BackupCursor.time(Long.MAX_VALUE));
      BackupResult both = since(fixture, "hybrid", BackupCursor.hybrid(Long.MAX_VALUE, 0));

      assertEquals(2, wal.blocks());
      assertEquals(0, time.blocks());
      assertEquals(BLOCKS, both.blocks());
    }
  }

  private static BackupResult since(BackupFixture fixture, String chain, BackupCursor cursor)
      throws IOException {
    return fixture.coordinator.run(
        new BackupRequest(chain, RunKind.INCREMENTAL, cursor), progress -> {});
  }

  @Test
  void shouldNotGoOnWithARunOfAnotherArchive() throws IOException {
    try (BackupFixture fixture = filled()) {
      BackupCoordinator coordinator = fixture.coordinator;
      assertThrows(
          BackupCancelledException.class,
          () -> coordinator.run(FULL, progress -> coordinator.cancel()));
      BackupCoordinator other = fixture.coordinateWith(BackupFixture.ARCHIVE.resolve("other"));

      RunConflictException refused =
          assertThrows(
              RunConflictException.class, () -> other.resume(BackupFixture.CHAIN, unused -> {}));

      assertEquals(
          "chain has a run of another backup: chain=default, expected=archive:/disk/archive,"
              + " actual=archive:/disk/archive/other",
          refused.getMessage());
    }
  }
}
