package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockState;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.testing.MemoryStorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Chains that somebody stopped to back up. */
class BackupChainsTest {
  private static final Path ROOT = Path.of("/store");
  private static final String SHARD = "v1";
  private static final long DAY_NS = 86_400_000_000_000L;
  private static final String WEEKLY = "weekly";

  private final MemoryStorageIO io = new MemoryStorageIO();
  private final RecordBuffer record = new RecordBuffer();

  private ChangeTracker open(TrackerOptions options) throws IOException {
    return ChangeTracker.open(Environments.memory(io), ROOT, SHARD, options);
  }

  private ChangeTracker open() throws IOException {
    return open(MemoryStore.options(1000));
  }

  private void change(ChangeTracker tracker, long block, long day) throws IOException {
    record.event(BlockEventType.UPDATE, block, tracker.position() + 1, day * DAY_NS);
    tracker.append(record);
  }

  private static void backUp(ChangeTracker tracker, String chain) throws IOException {
    tracker.backups().commit(tracker.backups().prepare(chain));
  }

  @Test
  void shouldDropAChainThatOwesOldChanges() throws IOException {
    try (ChangeTracker tracker = open()) {
      change(tracker, 1, 0);
      backUp(tracker, WEEKLY);
      change(tracker, 2, 1);
      change(tracker, 3, 31);

      assertEquals(List.of(), tracker.backups().dropIdle(30 * DAY_NS));
      change(tracker, 4, 32);
      assertEquals(List.of(), tracker.backups().dropIdle(31 * DAY_NS));
      tracker.seal();

      assertEquals(List.of(WEEKLY), tracker.backups().dropIdle(30 * DAY_NS));
      assertEquals(Map.of(), tracker.chains().all());
    }
  }

  @Test
  void shouldKeepAChainThatOwesNothing() throws IOException {
    try (ChangeTracker tracker = open()) {
      change(tracker, 1, 0);
      change(tracker, 1, 900);
      backUp(tracker, WEEKLY);

      assertEquals(List.of(), tracker.backups().dropIdle(0));
      assertEquals(Set.of(WEEKLY), tracker.chains().all().keySet());
    }
  }

  @Test
  void shouldDropAChainWithARunThatNobodyEnded() throws IOException {
    try (ChangeTracker tracker = open()) {
      change(tracker, 1, 0);
      assertNotNull(tracker.backups().prepare(WEEKLY));
      change(tracker, 2, 100);

      assertEquals(List.of(WEEKLY), tracker.backups().dropIdle(DAY_NS));

      assertNull(tracker.backups().prepared(WEEKLY));
    }
    try (ChangeTracker tracker = open()) {
      assertEquals(Map.of(), tracker.chains().all(), "after another opening");
    }
  }

  @Test
  void shouldKeepTheStatesThatCommitsOfADroppedChainEnded() throws IOException {
    try (ChangeTracker tracker = open()) {
      change(tracker, 1, 0);
      backUp(tracker, Chains.DEFAULT);
      change(tracker, 2, 1);
      change(tracker, 3, 50);
      tracker.seal();

      assertEquals(List.of(Chains.DEFAULT), tracker.backups().dropIdle(10 * DAY_NS));

      assertEquals(BlockState.CLEAN, tracker.state(1));
      assertEquals(BlockState.DIRTY, tracker.state(2));
    }
  }

  @Test
  void shouldLetGoOfTheHistoryThatADroppedChainKept() throws IOException {
    TrackerOptions options =
        TrackerOptions.builder()
            .unlimited()
            .maxOpenEvents(20)
            .segmentsPerCheckpoint(1)
            .mergeFanIn(4)
            .history(new HistoryLimits(Long.MAX_VALUE, 1000))
            .build();
    try (ChangeTracker tracker = open(options)) {
      backUp(tracker, WEEKLY);
      changeDaily(tracker, 0, 500);
    }
    try (ChangeTracker tracker = open(options)) {
      changeDaily(tracker, 500, 600);
      assertNull(tracker.view().base(), "the chain owes all of it");

      assertEquals(List.of(WEEKLY), tracker.backups().dropIdle(30 * DAY_NS));
      changeDaily(tracker, 600, 700);

      assertNotNull(tracker.view().base());
      assertEquals(700, tracker.view().changedEver().changes().size());
      assertTrue(StoreCheck.run(Environments.memory(io), ROOT).isClean());
    }
  }

  private void changeDaily(ChangeTracker tracker, int first, int end) throws IOException {
    for (int day = first; day < end; day++) {
      change(tracker, day, day);
    }
  }
}
