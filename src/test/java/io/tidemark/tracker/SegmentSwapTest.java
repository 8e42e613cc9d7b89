package io.tidemark.tracker;

import static io.tidemark.tracker.PipelineFixture.inThreads;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockState;
import io.tidemark.block.Verdict;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * At no time is a change in neither the open nor a sealed segment, whoever asks while segments are
 * sealed, merged and checkpointed by threads of the store's own.
 */
@Timeout(120)
class SegmentSwapTest {
  private static final int EVENTS = Rounds.of("tidemark.swaps.events", 10_000, 500);
  private static final int OPEN_EVENTS = 7;
  private static final int READERS = 3;

  private final MemoryStorageIO io = new MemoryStorageIO();

  private BitmapEngine open() throws IOException {
    Path root = Path.of("/disk/store");
    io.createDurably(root.resolveSibling(""));
    TrackerOptions options =
        TrackerOptions.builder()
            .unlimited()
            .maxOpenEvents(OPEN_EVENTS)
            .segmentsPerCheckpoint(4)
            .journalRollBytes(1 << 14)
            .journalKeepBytes(0)
            .build();
    ChangeTracker tracker =
        ChangeTracker.open(Environments.memory(io, Maintenance::threads), root, "swapped", options);
    return BitmapEngine.of(tracker, BitmapEngine.DEFAULT_LEASE_MS, System::nanoTime);
  }

  /** Event i changes block i at WAL offset i, and all of it is complete at once. */
  @Test
  void shouldShowEveryChangeThatIsAppliedToEveryReader() throws Exception {
    AtomicLong applied = new AtomicLong();
    try (BitmapEngine engine = open()) {
      inThreads(
          1 + READERS,
          thread -> {
            if (thread == 0) {
              write(engine, applied);
            } else {
              read(engine, applied);
            }
          });
    }
  }

  private static void write(BitmapEngine engine, AtomicLong applied) throws IOException {
    engine.continueFrom(1);
    for (int i = 1; i <= EVENTS; i++) {
      engine.onEvent(BlockEventType.UPDATE, i, i, i);
      engine.completeThrough(i);
      applied.set(i);
    }
  }

  private static void read(BitmapEngine engine, AtomicLong applied) throws Exception {
    long through = 0;
    while (through < EVENTS) {
      through = applied.get();
      if (through > 0) {
        ChangedIds changed = engine.changedIdsIn(ChangeRange.offsets(1, through), 0);
        assertEquals(Verdict.EXACT, changed.verdict());
        assertEquals(through, changed.ids().size());
        assertEquals(BlockState.DIRTY, engine.state(through));
      }
    }
  }
}
