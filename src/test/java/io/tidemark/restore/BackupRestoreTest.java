package io.tidemark.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.ArchiveVerifier;
import io.tidemark.archive.ArchiveVerifier.Level;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.Compressions;
import io.tidemark.archive.KeySource;
import io.tidemark.backup.BackupRequest;
import io.tidemark.errors.FullBackupRequiredException;
import io.tidemark.errors.WrongKeyException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

/** Full and incremental runs of an embedded engine, restored. */
class BackupRestoreTest {
  private static final int CHEAP_KIB = 8;

  @Test
  void shouldRestoreEachRunOfAChain() throws IOException {
    try (BackupFixture fixture = new BackupFixture()) {
      for (long id = 0; id < 10; id++) {
        fixture.put(id, "first " + id);
      }
      ArchivedRun full = fixture.full();
      SortedMap<Long, ByteBuffer> first = fixture.content();
      fixture.engine.delete(3);
      fixture.put(4, "second");
      fixture.put(-1, "new");
      fixture.engine.flush();
      ArchivedRun second = fixture.incremental();
      SortedMap<Long, ByteBuffer> changed = fixture.content();
      fixture.put(3, "again");
      ArchivedRun third = fixture.incremental();

      assertEquals(first, fixture.restored(full));
      assertEquals(changed, fixture.restored(second));
      assertEquals(fixture.content(), fixture.restored(third));
      assertEquals(2, second.manifest().blocks());
      assertEquals(1, second.manifest().deleted());
      assertEquals(1, third.manifest().blocks());
    }
  }

  @Test
  void shouldKnowTheNewestRunThoughTheClockWentBack() throws IOException {
    try (BackupFixture fixture = new BackupFixture()) {
      fixture.put(1, "first");
      ArchivedRun full = fixture.full();
      fixture.put(2, "second");
      fixture.nowMs.addAndGet(-3_600_000);
      ArchivedRun second = fixture.incremental();
      fixture.put(3, "third");
      fixture.nowMs.addAndGet(-3_600_000);
      ArchivedRun newest = fixture.full();
      PrunePolicy newestOnly = new PrunePolicy(1, 0, Long.MAX_VALUE);

      RunIndex index = RunIndex.of(fixture.archive);

      assertEquals(List.of(full, second, newest), index.runs());
      assertEquals(newest, RestorePoints.of(index, BackupFixture.CHAIN, null).newest().run());
      assertEquals(List.of(second, full), Prune.choose(index, newestOnly, fixture.nowMs.get()));
    }
  }

  @Test
  void shouldRestoreCompressedAndEncryptedRuns() throws IOException {
    KeySource keys = KeySource.passPhrase("correct horse", CHEAP_KIB, 1);
    for (var compression : List.of(Compressions.none(), Compressions.lz4(), Compressions.zstd(1))) {
      try (BackupFixture fixture = new BackupFixture(new ArchiveOptions(compression, keys))) {
        fixture.put(1, "x".repeat(300_000));
        fixture.put(2, "");
        ArchivedRun full = fixture.full();
        fixture.put(1, "y".repeat(70_000));
        ArchivedRun second = fixture.incremental();

        assertEquals(fixture.content(), fixture.restored(second));
        assertEquals(
            List.of(), new ArchiveVerifier(fixture.archive, keys).verify(full, Level.FULL));
        WrongKeyException wrong =
            assertThrows(
                WrongKeyException.class,
                () -> fixture.restored(second, KeySource.passPhrase("incorrect", CHEAP_KIB, 1)));
        assertTrue(String.valueOf(wrong.getMessage()).startsWith("wrong pass phrase: file="));
      }
    }
  }

  @Test
  void shouldRefuseAnIncrementalRunWithoutAFullOne() throws IOException {
    try (BackupFixture fixture = new BackupFixture()) {
      fixture.put(1, "one");

      FullBackupRequiredException refused =
          assertThrows(FullBackupRequiredException.class, fixture::incremental);

      assertEquals(
          "full backup required: chain has no committed run: chain=default", refused.getMessage());
      fixture.full();
    }
  }

  @Test
  void shouldRefuseAnIncrementalRunAcrossAGap() throws IOException {
    try (BackupFixture fixture = new BackupFixture()) {
      fixture.put(1, "one");
      fixture.full();
      fixture.store.gap(1, 1, "told so");

      FullBackupRequiredException refused =
          assertThrows(FullBackupRequiredException.class, fixture::incremental);

      assertEquals(
          "full backup required: changes are not known in 1/1-1 (told so): chain=default, holes=1",
          refused.getMessage());
      assertEquals(fixture.content(), fixture.restored(fixture.full()));
      fixture.incremental();
    }
  }

  @Test
  void shouldTellWhatARunWouldCopy() throws IOException {
    try (BackupFixture fixture = new BackupFixture()) {
      fixture.put(1, "one");
      fixture.put(2, "three");
      fixture.full();
      fixture.put(2, "four!");
      fixture.engine.delete(1);

      var estimate = fixture.coordinator.estimate(BackupRequest.incremental("default"));

      assertEquals(2, estimate.size().blocks());
      assertEquals(5, estimate.size().bytes());
      assertEquals(1, estimate.deleted());
      assertEquals("", estimate.reason());
    }
  }
}
