package io.tidemark.benchmarks.comparison;

import java.io.IOException;
import java.nio.file.Path;

/** What is compared, in the order of the tables. */
enum Engine {
  TIDEMARK("Tidemark"),
  LMDB("LMDB"),
  ROCKSDB("RocksDB"),
  MVSTORE("H2 MVStore"),
  MAPDB("MapDB"),
  SQLITE("SQLite"),
  HEAP("heap and a journal");

  private final String label;

  Engine(String label) {
    this.label = label;
  }

  /** Returns the name for people. */
  String label() {
    return label;
  }

  /** Opens the engine's store in a directory, and creates it if there is none. */
  TrackedStore open(Path directory) throws IOException {
    return switch (this) {
      case TIDEMARK -> TidemarkStore.open(directory);
      case LMDB -> LmdbStore.open(directory);
      case ROCKSDB -> RocksDbStore.open(directory);
      case MVSTORE -> MvStore.open(directory);
      case MAPDB -> MapDbStore.open(directory);
      case SQLITE -> SqliteStore.open(directory);
      case HEAP -> HeapStore.open(directory);
    };
  }
}
