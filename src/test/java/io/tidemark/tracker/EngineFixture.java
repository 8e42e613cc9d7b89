package io.tidemark.tracker;

import io.tidemark.testing.MemoryStorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** An engine over a store in memory, and a clock that stands still until it is told. */
final class EngineFixture {
  static final long LEASE_MS = 60_000;
  static final long NS_PER_MS = 1_000_000;
  static final int ALL = Integer.MAX_VALUE;
  static final int MANY_EVENTS = 1 << 20;

  private static final String SHARD = "log of the test";
  private static final Path ROOT = Path.of("/disk/store");

  final MemoryStorageIO io;

  /** Runs over while leases are held. */
  final AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - NS_PER_MS);

  EngineFixture() throws IOException {
    this(new MemoryStorageIO());
    io.createDurably(ROOT.resolveSibling(""));
  }

  EngineFixture(MemoryStorageIO io) {
    this.io = io;
  }

  /** Opens the store; a segment is sealed after so many events. */
  BitmapEngine open(int maxOpenEvents) throws IOException {
    TrackerOptions options = MemoryStore.options(maxOpenEvents);
    ChangeTracker tracker = ChangeTracker.open(Environments.memory(io), ROOT, SHARD, options);
    return BitmapEngine.of(tracker, LEASE_MS, nowNs::get);
  }

  BitmapEngine open() throws IOException {
    return open(MANY_EVENTS);
  }

  static List<Long> blocks(BlockPage page) {
    return page.changes().stream().map(BlockChange::blockId).toList();
  }

  /** Returns the whole answer without waiting. */
  static BlockPage changedIn(BitmapEngine engine, ChangeRange range)
      throws IOException, InterruptedException {
    return engine.changedIn(range, ALL, 0);
  }

  /** Returns the whole answer without waiting. */
  static BlockPage dirtyBlocks(BitmapEngine engine, ChangeRange range)
      throws IOException, InterruptedException {
    return engine.dirtyBlocks(range, ALL, 0);
  }
}
