package io.tidemark.backup;

import io.tidemark.ingest.BlockEventSource;
import io.tidemark.ingest.BlockReader;
import java.io.IOException;

/**
 * A storage engine as a backup sees it: it tells which blocks change, and gives what they hold.
 *
 * <p>Any number of engines may be backed up at once, each with a store and a coordinator of its
 * own. Thread-safe.
 */
public interface StorageEngine {

  /** Returns the engine's events; what it is called, {@code shard()}, names it in manifests. */
  BlockEventSource events();

  /** Returns the engine's blocks. */
  BlockReader blocks();

  /**
   * Returns when the store has every change that a read which returned before this call may have
   * seen. Does nothing for an engine that gives its events before its changes can be read.
   */
  void settle() throws IOException;

  /** Returns an engine that is both and gives its events to a sink that applies them at once. */
  static <E extends BlockEventSource & BlockReader> StorageEngine of(E engine) {
    return new StorageEngine() {
      @Override
      public BlockEventSource events() {
        return engine;
      }

      @Override
      public BlockReader blocks() {
        return engine;
      }

      @Override
      public void settle() {
        // An event is applied before the change it tells of can be read.
      }
    };
  }
}
