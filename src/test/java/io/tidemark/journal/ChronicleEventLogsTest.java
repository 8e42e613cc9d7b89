package io.tidemark.journal;

import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.StorageIO;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Chronicle queues keep the contract. */
class ChronicleEventLogsTest extends EventLogsContract {
  @TempDir Path root;

  @Override
  StorageIO io() {
    return FileStorageIO.INSTANCE;
  }

  @Override
  Path journal() {
    return root.resolve("journal");
  }

  @Override
  EventLogs logs(StorageIO files, long storeId) {
    return new ChronicleEventLogs(files, journal(), storeId);
  }
}
