package io.tidemark.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.block.Verdict;
import io.tidemark.ingest.BlockReader;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a coordinator relies on, whatever keeps the backups, and however it fetches content. */
public abstract class BackupToolContract {

  /** Blocks of the set: all have to be copied but those that were deleted. */
  protected static final int BLOCKS = 10;

  /** The first block of the set that was deleted. */
  protected static final int FIRST_DELETED = 5;

  /** The last one. */
  protected static final int LAST_DELETED = 6;

  /** The block that has to be copied and is not there. */
  protected static final int GONE = 3;

  private static final long STORE = 7;
  private static final String CHAIN = "nightly";
  private static final String SET_SHA256 = "0".repeat(64);

  /** Returns a tool that keeps nothing yet; the same place each time it is called in a test. */
  protected abstract BackupTool tool() throws IOException;

  /** Returns the blocks 0 to 2 and 4 to 9: block {@code GONE} is not there. */
  protected abstract BlockReader blocks() throws IOException;

  /** Returns the ids of the blocks whose content a sealed run holds, as the kept bytes say. */
  protected abstract List<Long> held(String runId) throws IOException;

  /** Returns the kind of run for which the tool fetches each block by itself. */
  protected RunKind kind() {
    return RunKind.FULL;
  }

  private RunPlan plan(String runId, long base, long end) {
    return new RunPlan(
        runId,
        CHAIN,
        kind(),
        STORE,
        "shard",
        0,
        base,
        end,
        null,
        Verdict.EXACT,
        0,
        List.of(),
        null,
        List.of(),
        null,
        null);
  }

  private static RunEnd end(long journalPosition) {
    return new RunEnd(journalPosition, null, true, 1, SET_SHA256);
  }

  private static Batch batch(int number, long first, long last) {
    int size = (int) (last - first + 1);
    long[] ids = new long[size];
    CopyKind[] kinds = new CopyKind[size];
    for (int i = 0; i < size; i++) {
      ids[i] = first + i;
      boolean isDeleted = ids[i] >= FIRST_DELETED && ids[i] <= LAST_DELETED;
      kinds[i] = isDeleted ? CopyKind.DELETED : CopyKind.NEW;
    }
    return new Batch(number, ids, kinds);
  }

  @Test
  void shouldShowARunWhenItIsSealedAndNotBefore() throws IOException {
    BackupTool tool = tool();
    RunPlan plan = plan("run-1", 0, 10);

    try (RunWriter writer = tool.open(plan, blocks(), List.of())) {
      writer.write(batch(1, 0, 4));
      writer.write(batch(2, 5, 9));

      assertNull(tool().sealed("run-1"));
      assertNull(tool().endingAt(STORE, CHAIN, 10));
      SealedRun sealed = writer.seal(end(11));
      assertEquals(sealed, tool().sealed("run-1"));
    }

    SealedRun found = tool().endingAt(STORE, CHAIN, 10);
    assertNotNull(found);
    assertEquals(plan, found.plan());
    assertNull(tool().endingAt(STORE, CHAIN, 9));
    assertNull(tool().endingAt(STORE, "weekly", 10));
    assertNull(tool().endingAt(STORE + 1, CHAIN, 10));
  }

  @Test
  void shouldHoldWhatWasThereAndSayWhatBecameOfEachBlock() throws IOException {
    try (RunWriter writer = tool().open(plan("run-1", 0, 10), blocks(), List.of())) {
      Batch copied = batch(1, 0, 4);
      BatchReceipt receipt = writer.write(copied);
      BatchReceipt deleted = writer.write(batch(2, 5, 6));
      writer.write(batch(3, 7, 9));
      writer.seal(end(10));

      assertEquals(1, receipt.number());
      assertEquals(4, receipt.lastId());
      assertEquals(4, receipt.blocks());
      assertEquals(List.of((long) GONE), receipt.gone());
      assertEquals(copied.idsSha256(), receipt.idsSha256());
      assertEquals(0, deleted.blocks());
      assertEquals(2, deleted.deleted());
    }

    assertEquals(List.of(0L, 1L, 2L, 4L, 7L, 8L, 9L), held("run-1"));
  }

  @Test
  void shouldGoOnBehindTheBatchesThatHaveReceipts() throws IOException {
    RunPlan plan = plan("run-1", 0, 10);
    BatchReceipt first;
    try (RunWriter writer = tool().open(plan, blocks(), List.of())) {
      first = writer.write(batch(1, 0, 1));
      writer.write(batch(2, 2, 4));
    }

    try (RunWriter writer = tool().open(plan, blocks(), List.of(first))) {
      BatchReceipt second = writer.write(batch(2, 2, 2));
      assertEquals(2, second.number());
      assertEquals(1, second.blocks());
      writer.write(batch(3, 3, 9));
      writer.seal(end(10));
    }

    assertNotNull(tool().sealed("run-1"));
    assertEquals(List.of(0L, 1L, 2L, 4L, 7L, 8L, 9L), held("run-1"));
  }

  @Test
  void shouldLeaveNothingOfARunThatIsDiscarded() throws IOException {
    RunPlan plan = plan("run-1", 0, 10);
    try (RunWriter writer = tool().open(plan, blocks(), List.of())) {
      writer.write(batch(1, 0, 1));
    }

    tool().discard("run-1");
    tool().discard("run-1");

    try (RunWriter writer = tool().open(plan, blocks(), List.of())) {
      writer.write(batch(1, 0, 9));
      writer.seal(end(10));
    }
    BackupTool tool = tool();
    assertThrows(IllegalStateException.class, () -> tool.discard("run-1"));
    assertNotNull(tool.sealed("run-1"));
    assertEquals(List.of(0L, 1L, 2L, 4L, 7L, 8L, 9L), held("run-1"));
  }
}
