package io.tidemark.tracker;

import io.tidemark.testing.MemoryStorageIO;
import java.io.IOException;
import java.nio.file.Path;

/** Opens stores in memory for tests of other packages; maintenance is done at once. */
public final class MemoryStore {
  private static final int FAN_IN = 4;

  private MemoryStore() {}

  /** Opens a store; a segment is sealed after so many events. */
  public static BitmapEngine open(MemoryStorageIO io, Path root, String shard, int maxOpenEvents)
      throws IOException {
    ChangeTracker tracker = tracker(io, root, shard, options(maxOpenEvents));
    return BitmapEngine.of(tracker, BitmapEngine.DEFAULT_LEASE_MS, System::nanoTime);
  }

  /** Opens the tracker of a store. */
  public static ChangeTracker tracker(
      MemoryStorageIO io, Path root, String shard, TrackerOptions options) throws IOException {
    return ChangeTracker.open(Environments.memory(io), root, shard, options);
  }

  /** Returns options that seal, check and merge often. */
  static TrackerOptions options(int maxOpenEvents) {
    return TrackerOptions.builder()
        .unlimited()
        .maxOpenEvents(maxOpenEvents)
        .segmentsPerCheckpoint(2)
        .journalRollBytes(1 << 20)
        .journalKeepBytes(0)
        .mergeFanIn(FAN_IN)
        .build();
  }
}
