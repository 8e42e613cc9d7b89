package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.block.BlockEventType;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.storage.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which journal directories stay when checkpoints no longer need them. */
class JournalRecyclingTest {
  private static final long KEEP_TWO = 30_000_000;

  @TempDir Path root;

  private final RecordBuffer buffer = new RecordBuffer();

  /** Opens the store, appends one event, seals and publishes a checkpoint. */
  private void liveOnce(long keepBytes) throws IOException {
    try (ChangeTracker tracker =
        ChangeTracker.open(
            root,
            "v1",
            TrackerOptions.builder()
                .unlimited()
                .maxOpenEvents(10)
                .segmentsPerCheckpoint(1)
                .journalRollBytes(1 << 16)
                .journalKeepBytes(keepBytes)
                .build())) {
      long next = tracker.position() + 1;
      buffer.event(BlockEventType.UPDATE, next, next, next);
      tracker.append(buffer);
    }
  }

  private List<String> directories() throws IOException {
    return Directories.list(root.resolve("journal")).stream()
        .map(path -> path.getFileName().toString())
        .toList();
  }

  @Test
  void shouldKeepTheNewestDirectories() throws IOException {
    for (int i = 0; i < 5; i++) {
      liveOnce(KEEP_TWO);
    }

    assertEquals(
        List.of("00000000000000000003", "00000000000000000004", "00000000000000000005"),
        directories());
  }

  @Test
  void shouldKeepOnlyTheOneInUseWhenNothingIsToBeKept() throws IOException {
    for (int i = 0; i < 3; i++) {
      liveOnce(0);
    }

    assertEquals(List.of("00000000000000000003"), directories());
  }

  @Test
  void shouldEndADeletionThatAKillCutShort() throws IOException {
    liveOnce(KEEP_TWO);
    liveOnce(KEEP_TWO);
    Path half = root.resolve("journal/00000000000000000001.tmp");
    Files.move(root.resolve("journal/00000000000000000001"), half);
    assertEquals(List.of(), Rebuild.fromJournal(root).differences());

    liveOnce(KEEP_TWO);

    assertEquals(List.of("00000000000000000002", "00000000000000000003"), directories());
    assertEquals(List.of(), Rebuild.fromJournal(root).differences());
  }
}
