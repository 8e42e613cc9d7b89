package io.tidemark.restore;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.ArchiveTool;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.Compressions;
import io.tidemark.archive.KeySource;
import io.tidemark.backup.BackupCoordinator;
import io.tidemark.backup.BackupOptions;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.BackupResult;
import io.tidemark.backup.StorageEngine;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.testing.EngineScript;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.PowerCut;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.EngineSink;
import io.tidemark.tracker.MemoryStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An embedded engine, a store that it feeds, and an archive, in memory. */
final class BackupFixture implements Closeable {
  static final String CHAIN = "default";
  static final Path ARCHIVE = Path.of("/disk/archive");

  private static final Path ENGINE = Path.of("/disk/engine");
  private static final Path STORE = Path.of("/disk/store");
  private static final Path TARGETS = Path.of("/disk/targets");
  private static final int MAX_OPEN_EVENTS = 20;
  private static final int BATCH_SIZE = 3;

  /** Holds the store, the archive and what is restored. */
  MemoryStorageIO io = new MemoryStorageIO();

  final AtomicLong nowMs = new AtomicLong(1_800_000_000_000L);
  final AtomicLong nowNs = new AtomicLong();

  /** How long was paused, each time. */
  final List<Long> pausesMs = new ArrayList<>();

  int retryCount;
  final EmbeddedEngine engine;
  BitmapEngine store;
  BackupCoordinator coordinator;
  Archive archive;
  ArchiveOptions options;
  private int targets;

  BackupFixture() throws IOException {
    this(new ArchiveOptions(Compressions.none(), null));
  }

  BackupFixture(ArchiveOptions options) throws IOException {
    this.options = options;
    io.createDurably(STORE.resolveSibling(""));
    io.createDurably(TARGETS);
    archive = new Archive(io, ARCHIVE);
    engine = EmbeddedEngine.open(new MemoryStorageIO(), ENGINE, roomyOptions());
    store = MemoryStore.open(io, STORE, engine.shard(), MAX_OPEN_EVENTS);
    EngineSink.start(engine, store);
    coordinator = coordinate();
  }

  /** Returns options that keep all log. */
  static EmbeddedOptions roomyOptions() {
    EmbeddedOptions small = EngineScript.smallOptions(1);
    return new EmbeddedOptions(
        1,
        small.flushBytes(),
        small.logRollBytes(),
        1 << 20,
        small.dataFileBytes(),
        small.mergeFanIn(),
        small.clock());
  }

  BackupCoordinator coordinate() throws IOException {
    return coordinateWith(ARCHIVE);
  }

  BackupCoordinator coordinateWith(Path root) throws IOException {
    return BackupCoordinator.open(
        store,
        StorageEngine.of(engine),
        new ArchiveTool(new Archive(io, root), options),
        io,
        STORE.resolve("runs"),
        backupOptions());
  }

  /** Returns options by which time passes in pauses only. */
  private BackupOptions backupOptions() {
    return new BackupOptions(
        BATCH_SIZE,
        retryCount,
        1,
        () -> nowMs.addAndGet(1000),
        nowNs::get,
        ns -> {
          nowNs.addAndGet(ns);
          pausesMs.add(TimeUnit.NANOSECONDS.toMillis(ns));
        });
  }

  /** Cuts the power of everything but the engine, and opens it again. */
  void crash(PowerCut cut) throws IOException {
    engine.stop();
    io = io.after(cut);
    archive = new Archive(io, ARCHIVE);
    store = MemoryStore.open(io, STORE, engine.shard(), MAX_OPEN_EVENTS);
    EngineSink.start(engine, store);
    coordinator = coordinate();
  }

  void put(long blockId, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    if (engine.length(blockId) >= 0) {
      engine.update(blockId, bytes);
    } else {
      engine.create(blockId, bytes);
    }
  }

  ArchivedRun full() throws IOException {
    return taken(coordinator.run(BackupRequest.full(CHAIN), progress -> {}));
  }

  ArchivedRun incremental() throws IOException {
    return taken(coordinator.run(BackupRequest.incremental(CHAIN), progress -> {}));
  }

  private ArchivedRun taken(BackupResult result) throws IOException {
    return archive.run(result.run().runId());
  }

  SortedMap<Long, ByteBuffer> restored(ArchivedRun run) throws IOException {
    return restored(run, options.keys());
  }

  /** Restores into a new engine and returns what it holds. */
  SortedMap<Long, ByteBuffer> restored(ArchivedRun run, @Nullable KeySource keys)
      throws IOException {
    Path target = newTarget();
    try (NewEngineTarget made = new NewEngineTarget(io, target, roomyOptions())) {
      new Restore(archive, keys).run(run, made, blocks -> {});
    }
    try (EmbeddedEngine found = EmbeddedEngine.open(io, target, roomyOptions())) {
      return content(found);
    }
  }

  Path newTarget() {
    targets++;
    return TARGETS.resolve("target-" + targets);
  }

  SortedMap<Long, ByteBuffer> content() throws IOException {
    return content(engine);
  }

  static SortedMap<Long, ByteBuffer> content(EmbeddedEngine engine) throws IOException {
    SortedMap<Long, ByteBuffer> blocks = new TreeMap<>(Long::compareUnsigned);
    engine.forEachBlock(
        (id, length) -> {
          byte[] content = engine.read(id);
          if (content != null) {
            blocks.put(id, ByteBuffer.wrap(content));
          }
        });
    return blocks;
  }

  @Override
  public void close() throws IOException {
    engine.close();
    store.close();
  }
}
