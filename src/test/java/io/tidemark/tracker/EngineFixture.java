package io.tidemark.tracker;

import io.tidemark.testing.MemoryStorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** An engine over a store in memory, and a clock that stands still until it is told. */
final class EngineFixture {
  static final String SHARD = "log of the test";
  static final long LEASE_MS = 60_000;
  static final long NS_PER_MS = 1_000_000;
  static final int ALL = Integer.MAX_VALUE;

  private static final int FAN_IN = 4;

  final MemoryStorageIO io = new MemoryStorageIO();
  final Path root = Path.of("/store");
  final AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - NS_PER_MS);

  /** Opens the store; a segment is sealed after so many events. */
  BitmapEngine open(int maxOpenEvents) throws IOException {
    return BitmapEngine.of(tracker(maxOpenEvents), LEASE_MS, nowNs::get);
  }

  BitmapEngine open() throws IOException {
    return open(1 << 20);
  }

  private ChangeTracker tracker(int maxOpenEvents) throws IOException {
    TrackerOptions options = new TrackerOptions(maxOpenEvents, 2, 1 << 20, 0, FAN_IN);
    return ChangeTracker.open(Environments.memory(io), root, SHARD, options);
  }

  static List<Long> blocks(BlockPage page) {
    return page.changes().stream().map(BlockChange::blockId).toList();
  }
}
