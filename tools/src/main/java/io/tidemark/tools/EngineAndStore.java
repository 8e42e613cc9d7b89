package io.tidemark.tools;

import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.storage.Directories;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.EngineSink;
import io.tidemark.tracker.TrackerOptions;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * An embedded engine that is there, and the store that tracks it.
 *
 * @param engine feeds the store
 * @param store has every change the engine's log still holds
 */
record EngineAndStore(EmbeddedEngine engine, BitmapEngine store) implements Closeable {

  /** Opens both; the store is created if it is new. */
  static EngineAndStore open(Path engineDirectory, Path storeDirectory) throws IOException {
    EmbeddedEngine engine = openEngine(engineDirectory);
    try {
      BitmapEngine store =
          BitmapEngine.open(storeDirectory, engine.shard(), TrackerOptions.defaults());
      try {
        EngineSink.start(engine, store);
        return new EngineAndStore(engine, store);
      } catch (IOException | RuntimeException e) {
        store.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  /** Opens an engine, and creates none. */
  static EmbeddedEngine openEngine(Path directory) throws IOException {
    if (!isEngine(directory)) {
      throw new CommandFailedException(
          ExitCode.USAGE, "not an embedded engine: no manifest: directory=" + directory);
    }
    return EmbeddedEngine.open(directory, EmbeddedOptions.defaults());
  }

  static boolean isEngine(Path directory) throws IOException {
    return Directories.list(directory).stream()
        .anyMatch(path -> path.getFileName().toString().startsWith("manifest-"));
  }

  @Override
  public void close() throws IOException {
    try (store) {
      engine.close();
    }
  }
}
