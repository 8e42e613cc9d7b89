package io.tidemark.tracker;

import static io.tidemark.tracker.EngineFixture.blocks;
import static io.tidemark.tracker.EngineFixture.changedIn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.StoreFullException;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.testing.MemoryStorageIO.Call;
import io.tidemark.testing.PowerCut;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What embedding code declares when the log was rolled back or replaced. */
class EngineGenerationTest {
  private static final long ROLLED_BACK_NS = 1_000;

  /** So many blocks go back that more than one record tells of them. */
  private static final int MANY = RecordBuffer.MAX_EVENTS * 3 / 2;

  /** Bytes that hold the first of these records, not the second. */
  private static final long ROOM_FOR_ONE = 100_000;

  private final EngineFixture fixture;
  private final BitmapEngine engine;

  EngineGenerationTest() throws IOException {
    fixture = new EngineFixture();
    engine = fixture.open();
  }

  /** Blocks 1 to 3 changed at offset 10, 20 and 30; complete through 39. */
  @BeforeEach
  void fill() throws IOException {
    for (long block = 1; block <= 3; block++) {
      engine.markNew(block, 10 * block, 10 * block);
    }
    engine.completeThrough(39);
  }

  private static ChangeRange after(int generation, long walOffset) {
    return ChangeRange.after(new WalPosition(generation, walOffset));
  }

  @Test
  void shouldCountWhatWentBackAsChanged() throws Exception {
    assertEquals(2, engine.beginGeneration(20, ROLLED_BACK_NS));
    assertEquals(Verdict.NOT_READY, changedIn(engine, after(1, 39)).verdict());

    engine.markNew(4, 20, 2_000);
    engine.completeThrough(25);

    BlockPage answer = changedIn(engine, after(1, 39));
    assertEquals(List.of(2L, 3L, 4L), blocks(answer));
    assertEquals(Verdict.EXACT, answer.verdict());
    assertEquals(new WalPosition(2, 25), answer.completeThrough());
    assertEquals(
        List.of(2L, 3L),
        blocks(changedIn(engine, ChangeRange.timestamps(ROLLED_BACK_NS, ROLLED_BACK_NS))));
    assertEquals(new WalPosition(2, 19), engine.metadata(3).last());
  }

  /** What one thread still owes when another tells of the rollback is the new generation's. */
  @Test
  void shouldNotShareWithTheNewGenerationWhatTheOldOneStillOwed() throws Exception {
    engine.beginGeneration(200, ROLLED_BACK_NS);
    engine.markNew(7, 120, 2_000);

    assertEquals(Verdict.NOT_READY, changedIn(engine, ChangeRange.offsets(0, 150)).verdict());

    engine.completeThrough(300);

    BlockPage answer = changedIn(engine, ChangeRange.offsets(0, 150));
    assertEquals(Verdict.EXACT, answer.verdict());
    assertEquals(List.of(1L, 2L, 3L, 7L), blocks(answer));
    assertEquals(List.of(7L), blocks(changedIn(engine, after(1, 39))));
  }

  @Test
  void shouldAskForAFullBackupWhereItIsNotKnownWhatWentBack() throws Exception {
    engine.gap(25, 26, "ring was full");
    engine.beginGeneration(20, ROLLED_BACK_NS);
    engine.completeThrough(29);

    BlockPage across = changedIn(engine, after(1, 39));

    assertEquals(Verdict.FULL_REQUIRED, across.verdict());
    assertEquals(
        "[2/19-19 (rolled back across a hole: generation=1, first=25, last=26)]",
        across.holes().toString());
    assertEquals(List.of(2L, 3L), blocks(across));
    assertEquals(Verdict.EXACT, changedIn(engine, after(2, 20)).verdict());
    assertEquals(
        Verdict.EXACT,
        changedIn(engine, ChangeRange.positions(new WalPosition(2, 20), new WalPosition(2, 29)))
            .verdict());
  }

  @Test
  void shouldAskForAFullBackupAcrossAReplacement() throws Exception {
    assertEquals(2, engine.beginUnrelatedGeneration("log was replaced"));
    engine.markNew(4, 5, 5);
    engine.completeThrough(9);

    BlockPage across = changedIn(engine, after(1, 39));

    assertEquals(Verdict.FULL_REQUIRED, across.verdict());
    assertEquals("[2/0-0 (log was replaced)]", across.holes().toString());
    BlockPage inside = changedIn(engine, after(2, 0));
    assertEquals(Verdict.EXACT, inside.verdict());
    assertEquals(List.of(4L), blocks(inside));
  }

  @Test
  void shouldGoOnWithARollbackThatACrashCutOff() throws Exception {
    fillMany();
    int[] writes = {0};
    fixture.io.fault(
        (call, number, path) -> {
          if (isJournalWrite(call, path) && ++writes[0] == 3) {
            fixture.io.powerOff();
          }
        });
    assertThrows(RuntimeException.class, () -> engine.beginGeneration(20, ROLLED_BACK_NS));
    EngineFixture survivor = new EngineFixture(fixture.io.after(PowerCut.keepingAll()));

    try (BitmapEngine reopened = survivor.open()) {
      verifyManyWentBack(reopened);
    }
  }

  @Test
  void shouldGoOnWithARollbackThatAFullDiskCutOff() throws Exception {
    fillMany();
    int[] writes = {0};
    fixture.io.fault(
        (call, number, path) -> {
          if (isJournalWrite(call, path) && ++writes[0] == 2) {
            fixture.io.capacity(fixture.io.used() + ROOM_FOR_ONE);
          }
        });
    assertThrows(StoreFullException.class, () -> engine.beginGeneration(20, ROLLED_BACK_NS));
    int generation = engine.call(tracker -> tracker.coverage().generation());
    assertEquals(2, generation);
    fixture.io.capacity(Long.MAX_VALUE);

    verifyManyWentBack(engine);
  }

  private static boolean isJournalWrite(Call call, Path path) {
    return call == Call.WRITE && path.toString().contains("journal");
  }

  private void fillMany() throws IOException {
    BlockBatch batch = new BlockBatch();
    for (int i = 0; i < MANY; i++) {
      if (i == RecordBuffer.MAX_EVENTS) {
        engine.applyBatch(batch);
        batch = new BlockBatch();
      }
      batch.markDirty(100 + i, 35, 35);
    }
    engine.applyBatch(batch);
    engine.force();
  }

  private static void verifyManyWentBack(BitmapEngine engine)
      throws IOException, InterruptedException {
    engine.completeThrough(29);

    BlockPage answer = changedIn(engine, after(1, 39));

    assertEquals(Verdict.EXACT, answer.verdict());
    assertEquals(MANY + 2, answer.totalBlocks());
    assertTrue(
        answer.changes().stream().allMatch(change -> change.last().equals(new WalPosition(2, 19))));
  }

  @Test
  void shouldUndoAgainWhatIsRolledBackTwice() throws Exception {
    engine.beginGeneration(30, ROLLED_BACK_NS);
    engine.completeThrough(35);
    assertEquals(3, engine.beginGeneration(15, ROLLED_BACK_NS));
    engine.completeThrough(16);

    assertEquals(List.of(2L, 3L), blocks(changedIn(engine, after(2, 35))));
    assertEquals(List.of(2L, 3L), blocks(changedIn(engine, after(1, 39))));
    assertEquals(List.of(2L, 3L), blocks(changedIn(engine, after(1, 14))));
    assertEquals(List.of(), blocks(changedIn(engine, after(3, 15))));
  }
}
