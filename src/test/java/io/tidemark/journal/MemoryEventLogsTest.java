package io.tidemark.journal;

import io.tidemark.storage.StorageIO;
import io.tidemark.testing.MemoryStorageIO;
import java.nio.file.Path;

/** The journal in memory keeps the contract. */
class MemoryEventLogsTest extends EventLogsContract {
  private final MemoryStorageIO memory = new MemoryStorageIO();

  @Override
  StorageIO io() {
    return memory;
  }

  @Override
  Path journal() {
    return Path.of("/store/journal");
  }

  @Override
  EventLogs logs(StorageIO files, long storeId) {
    return new MemoryEventLogs(files, journal(), storeId);
  }
}
