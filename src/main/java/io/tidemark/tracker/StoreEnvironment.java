package io.tidemark.tracker;

import io.tidemark.journal.ChronicleEventLogs;
import io.tidemark.journal.EventLogs;
import io.tidemark.state.ChronicleMetadataMap;
import io.tidemark.state.MaximaSource;
import io.tidemark.state.MetadataMap;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.StorageIO;
import java.io.IOException;

/**
 * What a store stands on.
 *
 * @param io where its files are
 * @param logs gives its journal
 * @param metadata opens its metadata map
 * @param maintenance gives the threads for what need not be done at once
 */
record StoreEnvironment(
    StorageIO io,
    EventLogs.Factory logs,
    TrackedMetadata.Factory metadata,
    Maintenance.Factory maintenance) {

  /** Files of the operating system and Chronicle queues. */
  static final StoreEnvironment REAL =
      new StoreEnvironment(
          FileStorageIO.INSTANCE,
          ChronicleEventLogs::new,
          StoreEnvironment::chronicleMap,
          Maintenance::threads);

  /** Opens the map in the store's own directory. */
  static MetadataMap chronicleMap(StoreLayout layout, long storeId, MaximaSource history)
      throws IOException {
    return ChronicleMetadataMap.open(layout.metadata(), storeId, history);
  }

  /** Returns the journal of a store; creates nothing. */
  EventLogs journal(StoreLayout layout, long storeId) {
    return logs.of(io, layout.journal(), storeId);
  }
}
