package io.tidemark.tools;

import io.tidemark.backup.LiveEngine;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedLogTail;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.tracker.BitmapEngine;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * An embedded engine that is there, and the store that tracks it.
 *
 * @param engine as it is at one moment; others may have it open and go on
 * @param store has every change through that moment that the engine's log still held
 */
record EngineAndStore(LiveEngine engine, BitmapEngine store) implements Closeable {

  /** Opens both; the store is created if it is new, the engine is only read. */
  static EngineAndStore open(Path engineDirectory, Path storeDirectory) throws IOException {
    checkIsEngine(engineDirectory);
    FileStorageIO io = FileStorageIO.INSTANCE;
    BitmapEngine store =
        BitmapEngine.open(
            storeDirectory, LiveEngine.shard(io, engineDirectory), VisitingOptions.INSTANCE);
    try {
      return new EngineAndStore(LiveEngine.open(io, engineDirectory, store), store);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** Opens an engine, and creates none. */
  static EmbeddedEngine openEngine(Path directory) throws IOException {
    checkIsEngine(directory);
    return EmbeddedEngine.open(directory, EmbeddedOptions.defaults());
  }

  private static void checkIsEngine(Path directory) throws IOException {
    if (!isEngine(directory)) {
      throw new CommandFailedException(
          ExitCode.USAGE, "not an embedded engine: no manifest: directory=" + directory);
    }
  }

  static boolean isEngine(Path directory) throws IOException {
    return EmbeddedLogTail.isEngine(FileStorageIO.INSTANCE, directory);
  }

  @Override
  public void close() throws IOException {
    try (store) {
      engine.close();
    }
  }
}
