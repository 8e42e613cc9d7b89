package io.tidemark.tracker;

import io.tidemark.journal.ChronicleEventLogs;
import io.tidemark.journal.MemoryEventLogs;
import io.tidemark.state.HeapMetadataMap;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.testing.MemoryStorageIO;

/** What stores of tests stand on. */
final class Environments {
  private Environments() {}

  /** Returns files and journal in memory; maintenance is done at once. */
  static StoreEnvironment memory(MemoryStorageIO io) {
    return memory(io, Environments::atOnce);
  }

  /** Returns files and journal in memory. */
  static StoreEnvironment memory(MemoryStorageIO io, Maintenance.Factory maintenance) {
    return new StoreEnvironment(
        io, MemoryEventLogs::new, (layout, storeId, history) -> new HeapMetadataMap(), maintenance);
  }

  /** Returns real files and journal; maintenance is done at once. */
  static StoreEnvironment real() {
    return new StoreEnvironment(
        FileStorageIO.INSTANCE,
        ChronicleEventLogs::new,
        StoreEnvironment::chronicleMap,
        Environments::atOnce);
  }

  private static Maintenance atOnce(StoreIdentity store) {
    return new Maintenance(Runnable::run, Runnable::run);
  }
}
