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

/** What a coordinator relies on, whatever keeps the backups. */
public abstract class BackupToolContract {
  private static final long STORE = 7;
  private static final String CHAIN = "nightly";
  private static final long GONE = 3;
  private static final String SET_SHA256 = "0".repeat(64);

  /** Returns a tool that keeps nothing yet; the same place each time it is called in a test. */
  protected abstract BackupTool tool() throws IOException;

  /** Returns the blocks 0 to 2 and 4 to 9: block {@code GONE} is not there. */
  protected abstract BlockReader blocks() throws IOException;

  private static RunPlan plan(String runId, long base, long end) {
    return new RunPlan(
        runId,
        CHAIN,
        RunKind.FULL,
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

  private static Batch batch(int number, long first, long last, CopyKind kind) {
    int size = (int) (last - first + 1);
    long[] ids = new long[size];
    CopyKind[] kinds = new CopyKind[size];
    for (int i = 0; i < size; i++) {
      ids[i] = first + i;
      kinds[i] = kind;
    }
    return new Batch(number, ids, kinds);
  }

  @Test
  void shouldShowARunWhenItIsSealedAndNotBefore() throws IOException {
    BackupTool tool = tool();
    RunPlan plan = plan("run-1", 0, 10);

    try (RunWriter writer = tool.open(plan, blocks(), List.of())) {
      writer.write(batch(1, 0, 2, CopyKind.NEW));

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
  void shouldSayWhatBecameOfEachBlock() throws IOException {
    try (RunWriter writer = tool().open(plan("run-1", 0, 10), blocks(), List.of())) {
      Batch copied = batch(1, 0, 4, CopyKind.NEW);
      BatchReceipt receipt = writer.write(copied);
      BatchReceipt deleted = writer.write(batch(2, 5, 6, CopyKind.DELETED));

      assertEquals(1, receipt.number());
      assertEquals(4, receipt.lastId());
      assertEquals(4, receipt.blocks());
      assertEquals(List.of(GONE), receipt.gone());
      assertEquals(copied.idsSha256(), receipt.idsSha256());
      assertEquals(0, deleted.blocks());
      assertEquals(2, deleted.deleted());
    }
  }

  @Test
  void shouldGoOnBehindTheBatchesThatHaveReceipts() throws IOException {
    RunPlan plan = plan("run-1", 0, 10);
    BatchReceipt first;
    try (RunWriter writer = tool().open(plan, blocks(), List.of())) {
      first = writer.write(batch(1, 0, 1, CopyKind.NEW));
      writer.write(batch(2, 2, 4, CopyKind.NEW));
    }

    try (RunWriter writer = tool().open(plan, blocks(), List.of(first))) {
      BatchReceipt second = writer.write(batch(2, 2, 2, CopyKind.NEW));
      assertEquals(2, second.number());
      writer.seal(end(10));
    }

    assertNotNull(tool().sealed("run-1"));
  }

  @Test
  void shouldLeaveNothingOfARunThatIsDiscarded() throws IOException {
    RunPlan plan = plan("run-1", 0, 10);
    try (RunWriter writer = tool().open(plan, blocks(), List.of())) {
      writer.write(batch(1, 0, 1, CopyKind.NEW));
    }

    tool().discard("run-1");
    tool().discard("run-1");

    try (RunWriter writer = tool().open(plan, blocks(), List.of())) {
      writer.seal(end(10));
    }
    BackupTool tool = tool();
    assertThrows(IllegalStateException.class, () -> tool.discard("run-1"));
    assertNotNull(tool.sealed("run-1"));
  }
}
