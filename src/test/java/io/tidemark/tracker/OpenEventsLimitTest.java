package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.Verdict;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.MemoryTempDir;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a tracker holds that is not sealed, under a limit. */
class OpenEventsLimitTest {
  private static final int LIMIT = 4096;
  private static final int RECORD_EVENTS = LIMIT / 8;
  private static final int RECORDS = 48;

  @TempDir(factory = MemoryTempDir.class)
  Path root;

  private final RecordBuffer record = new RecordBuffer();
  private long events;

  private void append(ChangeTracker tracker) throws IOException {
    record.generation(1);
    for (int i = 0; i < RECORD_EVENTS; i++) {
      record.event(BlockEventType.CREATE, events, events, events);
      events++;
    }
    record.cover(events - RECORD_EVENTS, events - 1, new byte[0]);
    tracker.append(record);
  }

  @Test
  void shouldHoldNoMoreThanItsLimitAndLoseNothing() throws Exception {
    try (ChangeTracker tracker = ChangeTracker.open(root, "log", TrackerOptions.defaults())) {
      tracker.limitOpenEvents(LIMIT);
      int most = 0;
      for (int i = 0; i < RECORDS; i++) {
        append(tracker);
        most = Math.max(most, tracker.openEvents());
      }

      assertTrue(most <= LIMIT && most >= LIMIT / 4, "most=" + most);
      assertTrue(tracker.earlySeals() >= RECORDS / 8, "earlySeals=" + tracker.earlySeals());
      ChangeSet changed = tracker.view().changedEver();
      assertEquals(Verdict.EXACT, changed.verdict());
      assertEquals(events, changed.changes().size());
    }
  }

  @Test
  void shouldFollowALimitThatChanges() throws Exception {
    try (ChangeTracker tracker = ChangeTracker.open(root, "log", TrackerOptions.defaults())) {
      for (int i = 0; i < 2 * LIMIT / RECORD_EVENTS; i++) {
        append(tracker);
      }
      assertEquals(2 * LIMIT, tracker.openEvents());

      tracker.limitOpenEvents(LIMIT);
      append(tracker);
      append(tracker);
      tracker.seal();
      append(tracker);

      assertEquals(RECORD_EVENTS, tracker.openEvents());
      assertEquals(LIMIT, tracker.openEventsMax());
      long seals = tracker.earlySeals();
      tracker.limitOpenEvents(Integer.MAX_VALUE);
      for (int i = 0; i < 2 * LIMIT / RECORD_EVENTS; i++) {
        append(tracker);
      }
      assertEquals(seals, tracker.earlySeals());
    }
  }

  /** The largest limit that a configuration gives lets a segment fill. */
  @Test
  void shouldSealNothingEarlyWhereThereIsMemoryForFullSegments() throws Exception {
    TrackerOptions options = TrackerOptions.builder().maxOpenEvents(LIMIT).build();
    try (ChangeTracker tracker = ChangeTracker.open(root, "log", options)) {
      tracker.limitOpenEvents(3 * LIMIT);
      for (int i = 0; i < RECORDS; i++) {
        append(tracker);
      }

      assertEquals(0, tracker.earlySeals());
    }
  }

  /** A log of a writer that had more memory: folded as a whole it would take all of it again. */
  @Test
  void shouldKeepItsLimitWhileItReplaysWhatAWriterWithoutOneLeft() throws Exception {
    MemoryStorageIO io = new MemoryStorageIO();
    Path store = Path.of("/disk/store");
    TrackerOptions.Builder options = TrackerOptions.builder().unlimited();
    ChangeTracker writer = MemoryStore.tracker(io, store, "log", options.build());
    for (int i = 0; i < RECORDS; i++) {
      append(writer);
    }
    writer.abandon();
    AtomicInteger spilled = new AtomicInteger();
    io.fault(
        (call, number, path) -> {
          boolean isReplayed = path.getFileName().toString().startsWith("replayed-");
          spilled.addAndGet(isReplayed && call == MemoryStorageIO.Call.CREATE ? 1 : 0);
        });

    TrackerOptions limited = options.openEventsMax(LIMIT).build();
    try (ChangeTracker tracker = MemoryStore.tracker(io, store, "log", limited)) {
      int most = 0;
      for (Path file : io.list(store.resolve("segments"))) {
        ChangeSegment segment = ChangeSegment.open(io, file, 0);
        most = Math.max(most, segment.changedCount());
      }
      // What did not fit beside the rest lay in files, all of which are gone.
      assertTrue(most <= LIMIT / 2, "most=" + most);
      assertTrue(spilled.get() >= (events - LIMIT) / (LIMIT / 2), "spilled=" + spilled);
      assertEquals(LIMIT, tracker.openEventsMax());
      ChangeSet changed = tracker.view().changedEver();
      assertEquals(Verdict.EXACT, changed.verdict());
      assertEquals(events, changed.changes().size());
    }
  }
}
