package io.tidemark.benchmarks;

import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.TrackerOptions;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A store with a workload in it, for JMH: made in a temporary directory, deleted when it is closed.
 *
 * <p>Used by one thread, the tracker's.
 */
final class LoadedStore implements Closeable {
  private static final String CLUSTERED = "clustered";
  private static final int RUN = 16;
  private static final long RANDOM_RANGE = 1_000_000_000;

  private final StoreWorkload workload;
  private final Path root;
  private final StoreLoader loader;
  private final ChangeTracker tracker;

  /**
   * Makes a store in which every block changed once, and waits until it is merged.
   *
   * @param ids "clustered" for runs of 16, else each anywhere in [0, 10^9)
   */
  LoadedStore(String ids, long blocks) throws IOException {
    workload =
        ids.equals(CLUSTERED)
            ? StoreWorkload.clustered(blocks, RUN)
            : StoreWorkload.random(blocks, RANDOM_RANGE);
    root = Files.createTempDirectory("tidemark-jmh");
    loader =
        new StoreLoader(
            workload,
            root,
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    tracker = ChangeTracker.open(root, StoreBenchmark.SHARD, TrackerOptions.defaults());
    loader.load(tracker, workload.blocks());
    tracker.checkpoint();
    Meter.awaitIdle();
  }

  ChangeTracker tracker() {
    return tracker;
  }

  StoreWorkload workload() {
    return workload;
  }

  /** Appends events: blocks that changed before change again. */
  void load(long events) throws IOException {
    loader.load(tracker, events);
  }

  @Override
  public void close() throws IOException {
    tracker.close();
    Footprint.delete(root);
  }
}
