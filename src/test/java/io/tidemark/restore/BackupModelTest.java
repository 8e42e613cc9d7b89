package io.tidemark.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.ArchiveTool;
import io.tidemark.archive.ArchiveVerifier;
import io.tidemark.archive.ArchiveVerifier.Level;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.Compression;
import io.tidemark.archive.Compressions;
import io.tidemark.archive.KeySource;
import io.tidemark.backup.BackupCoordinator;
import io.tidemark.backup.BackupOptions;
import io.tidemark.backup.BackupProgress;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.BackupResult;
import io.tidemark.backup.StorageEngine;
import io.tidemark.errors.FullBackupRequiredException;
import io.tidemark.errors.StoreFailedException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.ingest.BlockEventSource;
import io.tidemark.ingest.BlockReader;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.storage.StorageFile;
import io.tidemark.testing.EngineHistory;
import io.tidemark.testing.EngineScript;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.MemoryStorageIO.Fault;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.EngineSink;
import io.tidemark.tracker.MemoryStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random lives of an engine that is backed up along two chains, with power cuts at any call,
 * failing calls, exporters that are killed, gaps, late events and damaged files: every run that is
 * committed restores what the engine was, and none restores from a damaged file. {@code
 * -Dtidemark.backup.lives=N} lives, {@code -Dtidemark.seed=S} for one.
 */
class BackupModelTest {
  private static final int LIVES = Rounds.of("tidemark.backup.lives", 150, 15);
  private static final int STEPS = 40;
  private static final int MAX_OPEN_EVENTS = 15;
  private static final Path ENGINE = Path.of("/disk/engine");
  private static final Path STORE = Path.of("/disk/store");
  private static final Path ARCHIVE = Path.of("/disk/archive");
  private static final List<String> CHAINS = List.of("default", "offsite");

  @Test
  void shouldRestoreWhatTheEngineWasAtEachRun() {
    Seeds.each(LIVES, random -> new Life(random).run());
  }

  /** A run, and what the engine was from its beginning to its end. */
  private record Point(String runId, List<SortedMap<Long, ByteBuffer>> states) {}

  /** The process that copies is not there any more. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** Reads blocks until somebody throws. */
  private record MortalReader(BlockReader blocks, Runnable onRead) implements BlockReader {

    @Override
    public boolean read(long blockId, ContentHandler handler) throws IOException {
      onRead.run();
      return blocks.read(blockId, handler);
    }

    @Override
    public int length(long blockId) throws IOException {
      return blocks.length(blockId);
    }

    @Override
    public void forEachBlock(BlockHandler handler) throws IOException {
      blocks.forEachBlock(handler);
    }
  }

  /** Takes what is restored into memory. */
  private static final class MapTarget implements RestoreTarget {
    private final SortedMap<Long, ByteBuffer> blocks = new TreeMap<>(Long::compareUnsigned);
    private boolean isUntouched = true;

    @Override
    public void prepare(long count, long bytes) {
      isUntouched = false;
    }

    @Override
    public void put(long blockId, ByteBuffer content) {
      blocks.put(blockId, ByteBuffer.allocate(content.remaining()).put(content.duplicate()).flip());
    }

    @Override
    public void complete() {
      // All is in memory.
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }

  private static final class Life {
    private final Random random;
    private final EmbeddedOptions engineOptions;
    private final EngineHistory history = new EngineHistory(1);
    private final EngineScript script;
    private final EmbeddedEngine engine;
    private final MemoryStorageIO engineIo = new MemoryStorageIO();
    private final ArchiveOptions options;
    private final AtomicLong nowMs = new AtomicLong(1_800_000_000_000L);
    private final Map<String, Point> points = new TreeMap<>();

    /** What the engine was since the run that a chain has begun was prepared. */
    private final Map<String, List<SortedMap<Long, ByteBuffer>>> begun = new HashMap<>();

    private MemoryStorageIO io = new MemoryStorageIO();
    private BitmapEngine store;
    private LateSink sink;
    private BackupCoordinator coordinator;
    private Archive archive;
    private boolean isFaulty;
    private boolean isChanging;

    /** Blocks that are read until the process that copies them is killed; negative for never. */
    private int readsLeft = -1;

    private int targets;

    Life(Random random) throws IOException {
      this.random = random;
      EmbeddedOptions small = EngineScript.smallOptions(1);
      // With little log a store that was cut off finds it recycled: a gap.
      this.engineOptions = random.nextInt(3) == 0 ? small : BackupFixture.roomyOptions();
      this.script = new EngineScript(random, history);
      this.engine = EmbeddedEngine.open(engineIo, ENGINE, engineOptions);
      Compression[] compressions = {
        Compressions.none(), Compressions.none(), Compressions.lz4(), Compressions.zstd(1)
      };
      KeySource key = KeySource.keyFile(new byte[32], "key");
      this.options =
          new ArchiveOptions(
              compressions[random.nextInt(compressions.length)],
              random.nextInt(3) == 0 ? key : null);
      io.createDurably(STORE.resolveSibling(""));
      this.archive = new Archive(io, ARCHIVE);
      this.store = openStore();
      this.sink = feed();
      this.coordinator = coordinate();
    }

    private BitmapEngine openStore() throws IOException {
      return MemoryStore.open(io, STORE, engine.shard(), MAX_OPEN_EVENTS);
    }

    private LateSink feed() throws IOException {
      EngineSink direct = new EngineSink(store);
      LateSink late = new LateSink(direct, random);
      engine.start(direct.completeThrough(), late);
      late.flush();
      return late;
    }

    private BackupCoordinator coordinate() throws IOException {
      BackupOptions backup =
          new BackupOptions(
              1 + random.nextInt(4), 1, 1, () -> nowMs.addAndGet(1000), System::nanoTime, ns -> {});
      StorageEngine settled =
          new StorageEngine() {
            @Override
            public BlockEventSource events() {
              return engine;
            }

            @Override
            public BlockReader blocks() {
              return new MortalReader(engine, Life.this::onRead);
            }

            @Override
            public void settle() throws IOException {
              try {
                sink.flush();
              } catch (UncheckedIOException e) {
                throw Objects.requireNonNull(e.getCause());
              }
            }
          };
      return BackupCoordinator.open(
          store, settled, new ArchiveTool(archive, options), io, STORE.resolve("runs"), backup);
    }

    private void onRead() {
      if (readsLeft == 0) {
        isFaulty = true;
        throw new Killed();
      }
      readsLeft--;
    }

    void run() throws IOException {
      for (int step = 0; step < STEPS; step++) {
        step();
      }
      verifyAll();
      engine.close();
    }

    private void step() throws IOException {
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> backup(CHAINS.get(random.nextInt(CHAINS.size())));
        case 3 -> crash(PowerCut.any(random));
        case 4 -> {
          if (random.nextInt(4) == 0) {
            sink.gap(history.last(), history.last(), "of the test");
          }
        }
        case 5 -> verifyOne();
        case 6 -> combineOrPrune();
        case 7 -> {
          if (random.nextInt(3) == 0) {
            damage();
          }
        }
        default -> change();
      }
    }

    private void change() throws IOException {
      int changes = 1 + random.nextInt(6);
      for (int i = 0; i < changes; i++) {
        script.step(engine);
        SortedMap<Long, ByteBuffer> state = history.blocksAt(history.last());
        begun.values().forEach(states -> states.add(state));
      }
    }

    private void backup(String chain) throws IOException {
      if (coordinator.interrupted(chain) == null) {
        begun.put(chain, new ArrayList<>(List.of(history.blocksAt(history.last()))));
      } else if (random.nextInt(4) == 0) {
        coordinator.abort(chain);
        begun.remove(chain);
        return;
      }
      isChanging = random.nextBoolean();
      readsLeft = random.nextInt(4) == 0 ? random.nextInt(8) : -1;
      try {
        io.fault(anyFault());
        BackupResult result = coordinator.resume(chain, this::onProgress);
        committed(chain, result == null ? take(chain) : result);
      } catch (FullBackupRequiredException e) {
        begun.remove(chain);
      } catch (IOException | StoreFailedException e) {
        assertTrue(isFaulty, () -> "failed without a fault: " + e);
        crash(PowerCut.any(random));
      } catch (Killed e) {
        crash(PowerCut.keepingAll());
      } finally {
        readsLeft = -1;
        io.fault((call, number, path) -> {});
        isFaulty = false;
      }
    }

    private BackupResult take(String chain) throws IOException {
      boolean isFull = random.nextInt(5) == 0;
      try {
        return coordinator.run(
            isFull ? BackupRequest.full(chain) : BackupRequest.incremental(chain),
            this::onProgress);
      } catch (FullBackupRequiredException e) {
        begun.put(chain, new ArrayList<>(List.of(history.blocksAt(history.last()))));
        return coordinator.run(BackupRequest.full(chain), this::onProgress);
      }
    }

    private void committed(String chain, BackupResult result) {
      List<SortedMap<Long, ByteBuffer>> states = Objects.requireNonNull(begun.remove(chain));
      points.put(result.run().runId(), new Point(result.run().runId(), states));
    }

    /** The engine changes while it is copied. */
    private void onProgress(BackupProgress progress) {
      boolean canChange =
          progress.phase() == BackupProgress.Phase.PREPARE
              || progress.phase() == BackupProgress.Phase.COPY;
      if (isChanging && canChange && random.nextInt(3) == 0) {
        boolean wasFaulty = isFaulty;
        MemoryStorageIO now = io;
        Fault before = fault;
        now.fault((call, number, path) -> {});
        try {
          change();
        } catch (IOException e) {
          throw new AssertionError(e);
        }
        now.fault(before);
        isFaulty = wasFaulty;
      }
    }

    private Fault fault = (call, number, path) -> {};

    /** Nothing, a call that fails, or a power cut at a call. */
    private Fault anyFault() {
      int kind = random.nextInt(4);
      long at = random.nextInt(kind == 1 ? 60 : 120);
      MemoryStorageIO faulty = io;
      AtomicLong calls = new AtomicLong();
      fault =
          switch (kind) {
            case 0 ->
                (call, number, path) -> {
                  if (calls.getAndIncrement() == at) {
                    isFaulty = true;
                    faulty.powerOff();
                  }
                };
            case 1 ->
                (call, number, path) -> {
                  boolean isOurs =
                      path.startsWith(ARCHIVE) || path.startsWith(STORE.resolve("runs"));
                  if (isOurs && calls.getAndIncrement() == at) {
                    isFaulty = true;
                    throw new IOException("No space left on device");
                  }
                };
            default -> (call, number, path) -> {};
          };
      return fault;
    }

    /** Cuts the power of everything but the engine, and goes on. */
    private void crash(PowerCut cut) throws IOException {
      engine.stop();
      fault = (call, number, path) -> {};
      io.fault(fault);
      io = io.after(cut);
      archive = new Archive(io, ARCHIVE);
      store = openStore();
      sink = feed();
      coordinator = coordinate();
      for (String chain : CHAINS) {
        if (begun.containsKey(chain) && coordinator.interrupted(chain) == null) {
          rolledForwardOrGivenUp(chain);
        }
      }
    }

    private void rolledForwardOrGivenUp(String chain) throws IOException {
      List<SortedMap<Long, ByteBuffer>> states = Objects.requireNonNull(begun.remove(chain));
      for (ArchivedRun run : archive.runs()) {
        boolean isNew = !points.containsKey(run.runId()) && run.manifest().standsFor() == null;
        if (isNew && run.manifest().plan().chain().equals(chain)) {
          points.put(run.runId(), new Point(run.runId(), states));
        }
      }
    }

    private void verifyOne() throws IOException {
      if (!points.isEmpty()) {
        verify(new ArrayList<>(points.values()).get(random.nextInt(points.size())));
      }
    }

    private void verifyAll() throws IOException {
      for (Point point : points.values()) {
        verify(point);
      }
    }

    private void verify(Point point) throws IOException {
      ArchivedRun run = archive.run(point.runId);
      SortedMap<Long, ByteBuffer> restored = restore(run);
      SortedMap<Long, ByteBuffer> first = point.states.get(0);
      if (run.manifest().end().isQuiet() || point.states.size() == 1) {
        assertEquals(first, restored, point.runId);
      }
      TreeSet<Long> ids = new TreeSet<>(Long::compareUnsigned);
      ids.addAll(restored.keySet());
      point.states.forEach(state -> ids.addAll(state.keySet()));
      for (long id : ids) {
        @Nullable ByteBuffer content = restored.get(id);
        assertTrue(
            point.states.stream().anyMatch(state -> Objects.equals(state.get(id), content)),
            () -> "block was never so: run=" + point.runId + ", blockId=" + id);
      }
      assertEquals(List.of(), new ArchiveVerifier(archive, options.keys()).verify(run, Level.FULL));
    }

    /** Into an engine, or where the engine is of no interest, into memory. */
    private SortedMap<Long, ByteBuffer> restore(ArchivedRun run) throws IOException {
      if (random.nextInt(4) > 0) {
        MapTarget target = new MapTarget();
        new Restore(archive, options.keys()).run(run, target, blocks -> {});
        return target.blocks;
      }
      Path target = Path.of("/disk/target-" + targets++);
      try (NewEngineTarget made =
          new NewEngineTarget(engineIo, target, BackupFixture.roomyOptions())) {
        new Restore(archive, options.keys()).run(run, made, blocks -> {});
      }
      try (EmbeddedEngine found =
          EmbeddedEngine.open(engineIo, target, BackupFixture.roomyOptions())) {
        return BackupFixture.content(found);
      } finally {
        engineIo.deleteTree(target);
      }
    }

    /** Changes one bit of the archive: whatever needs that file is refused; then mends it. */
    private void damage() throws IOException {
      if (points.isEmpty()) {
        return;
      }
      RunIndex index = RunIndex.of(archive);
      List<ArchivedRun> runs = index.runs();
      ArchivedRun damaged = runs.get(random.nextInt(runs.size()));
      List<Path> files = io.list(damaged.directory());
      Path path = files.get(random.nextInt(files.size()));
      int at = random.nextInt((int) io.length(path));
      int bit = 1 << random.nextInt(Byte.SIZE);
      flip(path, at, bit);
      for (ArchivedRun run : runs) {
        MapTarget target = new MapTarget();
        try {
          Restore.Content content =
              new Restore(archive, options.keys())
                  .run(archive.run(run.runId()), target, blocks -> {});
          // One that was combined may be read instead of it, or without it.
          assertTrue(
              content.runs().stream().noneMatch(read -> read.runId().equals(damaged.runId())),
              () -> "restored from " + path + " with a wrong bit in byte " + at);
        } catch (TidemarkException e) {
          assertTrue(index.leadingTo(run).contains(damaged), () -> "refused: " + e);
          assertTrue(target.isUntouched);
        }
      }
      assertFalse(ArchiveReport.of(archive, null, Level.FULL, options.keys()).isGood());
      flip(path, at, bit);
    }

    private void flip(Path path, int at, int bit) throws IOException {
      try (StorageFile file = io.openForWriting(path)) {
        ByteBuffer one = ByteBuffer.allocate(1);
        file.read(one, at);
        file.write(one.put(0, (byte) (one.get(0) ^ bit)).rewind(), at);
        file.force();
      }
    }

    private void combineOrPrune() throws IOException {
      if (points.isEmpty()) {
        return;
      }
      if (random.nextBoolean()) {
        Point point = new ArrayList<>(points.values()).get(random.nextInt(points.size()));
        ArchivedRun made =
            Combine.run(archive, archive.run(point.runId), options.keys(), options, 2);
        points.put(made.runId(), new Point(made.runId(), point.states));
        return;
      }
      PrunePolicy policy =
          new PrunePolicy(1 + random.nextInt(4), 0, random.nextInt(3) == 0 ? 2000 : Long.MAX_VALUE);
      Prune.delete(archive, Prune.choose(RunIndex.of(archive), policy, nowMs.get()));
      List<String> left = archive.runs().stream().map(ArchivedRun::runId).toList();
      points.keySet().retainAll(left);
      for (ArchivedRun run : archive.runs()) {
        assertNotNull(RunIndex.of(archive).leadingTo(run));
      }
    }
  }
}
