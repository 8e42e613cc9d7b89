package io.tidemark.tracker;

import io.tidemark.journal.MemoryEventLogs;
import io.tidemark.testing.MemoryStorageIO;

/** What stores of tests stand on. */
final class Environments {
  private Environments() {}

  /** Returns files and journal in memory. */
  static StoreEnvironment memory(MemoryStorageIO io) {
    return new StoreEnvironment(io, MemoryEventLogs::new);
  }
}
