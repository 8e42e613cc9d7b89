package io.tidemark.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.archive.ArchivedRun;
import io.tidemark.backup.BackupResult;
import io.tidemark.backup.RunPlan;
import io.tidemark.errors.StoreFailedException;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The power is cut at the calls of a run, from before it is prepared to after it is committed. */
class BackupCrashPointTest {
  /** In the short form every fifth call. */
  private static final int STRIDE = Rounds.of("tidemark.backup.stride", 1, 5);

  private static final int BLOCKS = 8;
  private static final long AFTER = 1000;

  @Test
  void shouldResumeCommitOrGiveUpAfterACutThatKeepsWhatWasForced() throws IOException {
    int rolledForward = crashEverywhere(PowerCut.keepingForced());

    assertTrue(rolledForward > 0, "no cut lay between seal and commit");
  }

  @Test
  void shouldResumeCommitOrGiveUpAfterACutThatKeepsEverything() throws IOException {
    int rolledForward = crashEverywhere(PowerCut.keepingAll());

    assertTrue(rolledForward > 0, "no cut lay between seal and commit");
  }

  /** Returns how many runs were sealed and not committed. */
  private static int crashEverywhere(PowerCut cut) throws IOException {
    int rolledForward = 0;
    int resumed = 0;
    boolean isDone = false;
    for (long at = 0; !isDone; at += STRIDE) {
      try (BackupFixture fixture = prepared()) {
        SortedMap<Long, ByteBuffer> prepared = fixture.content();
        isDone = runUntil(fixture, at);
        fixture.crash(cut);
        if (fixture.coordinator.statistics().rolledForward() > 0) {
          rolledForward++;
        }
        fixture.put(AFTER, "after the run was prepared");
        if (resume(fixture)) {
          resumed++;
        }
        verify(fixture, prepared);
      }
    }
    assertTrue(resumed > 0, "no cut lay within a run");
    return rolledForward;
  }

  private static BackupFixture prepared() throws IOException {
    BackupFixture fixture = new BackupFixture();
    for (long id = 0; id < BLOCKS; id++) {
      fixture.put(id, "first " + id);
    }
    fixture.full();
    for (long id = 0; id < BLOCKS; id++) {
      fixture.put(id, "second " + id);
    }
    fixture.engine.delete(0);
    return fixture;
  }

  /** Takes a run and cuts the power at a call; returns whether it was over before that. */
  private static boolean runUntil(BackupFixture fixture, long at) throws IOException {
    AtomicLong calls = new AtomicLong();
    MemoryStorageIO io = fixture.io;
    io.fault(
        (call, number, path) -> {
          if (calls.getAndIncrement() == at) {
            io.powerOff();
          }
        });
    try {
      fixture.incremental();
      return true;
    } catch (IOException | StoreFailedException e) {
      return false;
    }
  }

  /** Goes on with the run if it was interrupted; what has a receipt is not done again. */
  private static boolean resume(BackupFixture fixture) throws IOException {
    RunPlan interrupted = fixture.coordinator.interrupted(BackupFixture.CHAIN);
    if (interrupted == null) {
      return false;
    }
    long written =
        fixture.io.list(BackupFixture.ARCHIVE.resolve(interrupted.runId())).stream()
            .filter(path -> path.toString().endsWith(".blocks"))
            .count();
    BackupResult result = fixture.coordinator.resume(BackupFixture.CHAIN, progress -> {});
    assertNotNull(result);
    assertTrue(written - result.resumedBatches() <= 1, "batches done again: written=" + written);
    assertEquals(interrupted.runId(), result.run().runId());
    return true;
  }

  private static void verify(BackupFixture fixture, SortedMap<Long, ByteBuffer> prepared)
      throws IOException {
    List<ArchivedRun> runs = RunIndex.of(fixture.archive).runs();
    assertTrue(runs.size() <= 2, runs::toString);
    if (runs.size() == 2) {
      SortedMap<Long, ByteBuffer> restored = fixture.restored(runs.get(1));
      restored.remove(AFTER);
      assertEquals(prepared, restored);
    }
    ArchivedRun last = fixture.incremental();
    assertEquals(fixture.content(), fixture.restored(last));
    assertTrue(
        last.manifest().blocks() >= 1 && (runs.size() == 1 || last.manifest().blocks() == 1),
        "changes after the run was prepared are not the next run's");
  }
}
