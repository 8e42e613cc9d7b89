package io.tidemark.storage;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The files of the operating system keep the contract. */
class FileStorageIOTest extends StorageIOContract {
  @TempDir Path directory;

  @Override
  StorageIO io() {
    return FileStorageIO.INSTANCE;
  }

  @Override
  Path root() {
    return directory;
  }
}
