package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.TrackerOptions;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command that opens a store leaves its history to whose store it is. */
class VisitingOptionsTest {
  private static final int SEGMENTS = 20;
  private static final long APART_NS = TimeUnit.DAYS.toNanos(30);

  @TempDir private Path directory;

  private Verdict verdictAfterOpeningWith(TrackerOptions options) throws Exception {
    Path store = directory.resolve(options.history().toString().replaceAll("\\W", "-"));
    try (ChangeTracker tracker = ChangeTracker.open(store, "log", VisitingOptions.INSTANCE)) {
      RecordBuffer record = new RecordBuffer();
      for (int i = 1; i <= SEGMENTS; i++) {
        record.event(BlockEventType.UPDATE, i, i, i * APART_NS);
        record.event(BlockEventType.UPDATE, 1, i, i * APART_NS);
        record.cover(i == 1 ? 0 : i, i, new byte[0]);
        tracker.append(record);
        tracker.seal();
      }
      record.commit("script", tracker.position());
      tracker.append(record);
    }
    for (int opening = 0; opening < 2; opening++) {
      try (ChangeTracker tracker = ChangeTracker.open(store, "log", options)) {
        RecordBuffer record = new RecordBuffer();
        record.event(BlockEventType.UPDATE, 1, SEGMENTS, SEGMENTS * APART_NS);
        tracker.append(record);
        tracker.checkpoint();
      }
    }
    try (ChangeTracker tracker = ChangeTracker.open(store, "log", VisitingOptions.INSTANCE)) {
      ChangeSet early = tracker.view().changedIn(new WalPosition(1, 2), new WalPosition(1, 3));
      return early.verdict();
    }
  }

  @Test
  void shouldKeepWhatTheUsualLimitsFold() throws Exception {
    assertEquals(Verdict.SUPERSET, verdictAfterOpeningWith(TrackerOptions.defaults()));
    assertEquals(Verdict.EXACT, verdictAfterOpeningWith(VisitingOptions.INSTANCE));
  }
}
