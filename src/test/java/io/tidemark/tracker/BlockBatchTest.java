package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockState;
import io.tidemark.errors.InvalidTransitionException;
import io.tidemark.errors.StoreFullException;
import io.tidemark.state.StateCounts;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.Seeds;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Several operations as one: whole or not at all. */
class BlockBatchTest {
  private static final int CUTS = 60;

  /** As many operations as fill some pages of the journal. */
  private static final int OPERATIONS = 1_000;

  private static BlockBatch marks(int count) {
    BlockBatch batch = new BlockBatch();
    for (int i = 0; i < count; i++) {
      batch.markNew(i, i, i);
    }
    return batch;
  }

  @Test
  void shouldApplyNothingIfTheLastOperationIsIllegal() throws Exception {
    try (BitmapEngine engine = new EngineFixture().open()) {
      engine.markDirty(1, 1, 1);
      BlockBatch batch = new BlockBatch().markDeleted(1, 2, 2).markNew(2, 3, 3).markDirty(1, 4, 4);

      assertThrows(InvalidTransitionException.class, () -> engine.applyBatch(batch));

      assertEquals(BlockState.DIRTY, engine.state(1));
      assertEquals(new StateCounts(1, 1, 0, 0), engine.statistics().blocks());
      assertEquals(1, engine.statistics().journalPosition());
    }
  }

  @Test
  void shouldClearWhatTheBatchItselfDid() throws Exception {
    try (BitmapEngine engine = new EngineFixture().open()) {
      engine.applyBatch(
          new BlockBatch().markDeleted(1, 9, 9).markNew(2, 5, 5).clearBlock(2).clearBlock(1));
      engine.applyBatch(new BlockBatch().markNew(1, 10, 10).markDirty(1, 11, 11));

      assertEquals(BlockState.NEW, engine.state(1));
      assertEquals(BlockState.CLEAN, engine.state(2));
    }
  }

  @Test
  void shouldDoNothingIfItIsEmpty() throws Exception {
    try (BitmapEngine engine = new EngineFixture().open()) {
      engine.markDirty(1, 1, 1);
      BlockBatch batch = marks(2);
      batch.clear();

      assertEquals(1, engine.applyBatch(batch));
      assertEquals(1, engine.statistics().journalPosition());
    }
  }

  @Test
  void shouldHoldAsMuchAsAJournalRecordAndNoMore() throws Exception {
    try (BitmapEngine engine = new EngineFixture().open()) {
      BlockBatch batch = marks(BlockBatch.MAX_OPERATIONS);

      assertEquals(BlockBatch.MAX_OPERATIONS, engine.applyBatch(batch));

      assertEquals(BlockBatch.MAX_OPERATIONS, engine.statistics().blocks().created());
      assertEquals(
          "batch does not fit one journal record: limit=" + BlockBatch.MAX_OPERATIONS,
          assertThrows(IllegalArgumentException.class, () -> batch.clearBlock(1)).getMessage());
    }
  }

  @Test
  void shouldApplyNothingIfTheDiskIsFull() throws Exception {
    EngineFixture fixture = new EngineFixture();
    try (BitmapEngine engine = fixture.open()) {
      engine.markDirty(OPERATIONS, 1, 1);
      fixture.io.capacity(fixture.io.used() + OPERATIONS);

      assertThrows(StoreFullException.class, () -> engine.applyBatch(marks(OPERATIONS)));

      assertEquals(new StateCounts(1, 1, 0, 0), engine.statistics().blocks());
      fixture.io.capacity(Long.MAX_VALUE);
      engine.applyBatch(marks(OPERATIONS));
      assertEquals(OPERATIONS, engine.statistics().blocks().created());
    }
  }

  /** The pages of the record reach the disk or do not, each by itself. */
  @Test
  void shouldBeThereWholeOrNotAtAllAfterAPowerCut() {
    int[] whole = {0};
    Seeds.each(
        CUTS,
        random -> {
          EngineFixture fixture = new EngineFixture();
          BitmapEngine engine = fixture.open();
          engine.markDirty(OPERATIONS, 1, 1);
          engine.force();
          engine.applyBatch(marks(OPERATIONS));

          long created = createdAfter(fixture, PowerCut.any(random));

          assertTrue(created == 0 || created == OPERATIONS, "created=" + created);
          whole[0] += created == 0 ? 0 : 1;
        });
    assertTrue(whole[0] > 0 && whole[0] < CUTS, "whole=" + whole[0]);
  }

  @Test
  void shouldBeThereWholeAfterTheProcessWasKilled() throws Exception {
    EngineFixture fixture = new EngineFixture();
    BitmapEngine engine = fixture.open();
    engine.applyBatch(marks(OPERATIONS));

    assertEquals(OPERATIONS, createdAfter(fixture, PowerCut.keepingAll()));
  }

  private static long createdAfter(EngineFixture fixture, PowerCut cut) throws IOException {
    fixture.io.powerOff();
    try (BitmapEngine engine = new EngineFixture(fixture.io.after(cut)).open()) {
      return engine.statistics().blocks().created();
    }
  }
}
