package io.tidemark.tracker;

import io.tidemark.journal.ChronicleEventLogs;
import io.tidemark.journal.EventLogs;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.StorageIO;

/**
 * What a store stands on.
 *
 * @param io where its files are
 * @param logs gives its journal
 */
record StoreEnvironment(StorageIO io, EventLogs.Factory logs) {

  /** Files of the operating system and Chronicle queues. */
  static final StoreEnvironment REAL =
      new StoreEnvironment(FileStorageIO.INSTANCE, ChronicleEventLogs::new);

  /** Returns the journal of a store; creates nothing. */
  EventLogs journal(StoreLayout layout, long storeId) {
    return logs.of(io, layout.journal(), storeId);
  }
}
