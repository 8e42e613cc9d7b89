package io.tidemark.tools;

import io.tidemark.block.WalPosition;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.BlockPage;
import io.tidemark.tracker.ChangeRange;
import io.tidemark.tracker.EngineSink;
import io.tidemark.tracker.TrackerOptions;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.agrona.concurrent.SystemEpochNanoClock;

/** An embedded engine and the store that it feeds, side by side in one directory. */
final class DemoEngine implements Closeable {
  private static final int STRIDE = 37;
  private static final int BLOCKS = 1000;

  private final EmbeddedEngine engine;
  private final BitmapEngine store;
  private final Path root;

  private DemoEngine(EmbeddedEngine engine, BitmapEngine store, Path root) {
    this.engine = engine;
    this.store = store;
    this.root = root;
  }

  /** Opens both, or creates them, and lets the engine feed the store. */
  static DemoEngine open(Path directory) throws IOException {
    return open(directory, EmbeddedOptions.defaults());
  }

  /** Opens an engine that keeps no log behind a flush. */
  static DemoEngine openForgetful(Path directory) throws IOException {
    EmbeddedOptions usual = EmbeddedOptions.defaults();
    return open(
        directory,
        new EmbeddedOptions(
            1,
            usual.flushBytes(),
            usual.logRollBytes(),
            0,
            usual.dataFileBytes(),
            usual.mergeFanIn(),
            SystemEpochNanoClock.INSTANCE));
  }

  private static DemoEngine open(Path directory, EmbeddedOptions options) throws IOException {
    Path root = directory.resolve("store");
    EmbeddedEngine engine = EmbeddedEngine.open(directory.resolve("engine"), options);
    try {
      BitmapEngine store = BitmapEngine.open(root, engine.shard(), TrackerOptions.defaults());
      DemoEngine demo = new DemoEngine(engine, store, root);
      demo.feed();
      return demo;
    } catch (IOException | RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  /** Gives the store what it does not have, and what happens from now on. */
  void feed() throws IOException {
    EngineSink.start(engine, store);
  }

  /** Returns the block of the n-th update of a series that comes round everywhere. */
  static long nth(long n) {
    return n * STRIDE % BLOCKS;
  }

  private byte[] content(long blockId) {
    String text = "block " + blockId + " as of offset " + (engine.walOffset() + 1);
    return text.getBytes(StandardCharsets.UTF_8);
  }

  void create(long blockId) throws IOException {
    engine.create(blockId, content(blockId));
  }

  void update(long blockId) throws IOException {
    engine.update(blockId, content(blockId));
  }

  EmbeddedEngine engine() {
    return engine;
  }

  BitmapEngine store() {
    return store;
  }

  /** Returns the directory of the store. */
  Path root() {
    return root;
  }

  /** Returns what changed after a position. */
  BlockPage changedAfter(WalPosition base) throws IOException, InterruptedException {
    return store.changedIn(ChangeRange.after(base), Integer.MAX_VALUE, 0);
  }

  @Override
  public void close() throws IOException {
    try (store) {
      engine.close();
    }
  }
}
