package io.tidemark.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.ArchiveTool;
import io.tidemark.archive.ArchiveVerifier.Level;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.Compressions;
import io.tidemark.backup.BackupCoordinator;
import io.tidemark.backup.BackupOptions;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.StorageEngine;
import io.tidemark.errors.MissingRunException;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.EngineSink;
import io.tidemark.tracker.MemoryStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two engines of one process, each with its own store, whose backups share an archive. */
class TwoEnginesTest {
  private static final String CHAIN = "default";
  private static final int MAX_OPEN_EVENTS = 20;
  private static final int BATCH_SIZE = 3;

  private final MemoryStorageIO io = new MemoryStorageIO();
  private final Archive archive = new Archive(io, Path.of("/disk/archive"));
  private Source orders;
  private Source readings;

  /** An engine with what backs it up. */
  private static final class Source implements Closeable {
    private final MemoryStorageIO io;
    private final Archive archive;
    private final String name;
    private final EmbeddedEngine engine;
    private final BitmapEngine store;
    private final BackupCoordinator coordinator;
    private int targets;

    Source(String name, MemoryStorageIO io, Archive archive) throws IOException {
      this.io = io;
      this.archive = archive;
      this.name = name;
      Path root = Path.of("/disk", name);
      io.createDurably(root);
      engine = EmbeddedEngine.open(io, root.resolve("engine"), EmbeddedOptions.defaults());
      store = MemoryStore.open(io, root.resolve("store"), engine.shard(), MAX_OPEN_EVENTS);
      EngineSink.start(engine, store);
      coordinator =
          BackupCoordinator.open(
              store,
              StorageEngine.of(engine),
              new ArchiveTool(archive, new ArchiveOptions(Compressions.none(), null)),
              io,
              root.resolve("store/runs"),
              BackupOptions.defaults().withBatchSize(BATCH_SIZE));
    }

    void put(long blockId, String text) throws IOException {
      byte[] content = (name + " " + text).getBytes(StandardCharsets.UTF_8);
      if (engine.length(blockId) >= 0) {
        engine.update(blockId, content);
      } else {
        engine.create(blockId, content);
      }
    }

    ArchivedRun run(BackupRequest request) throws IOException {
      return archive.run(coordinator.run(request, progress -> {}).run().runId());
    }

    SortedMap<Long, ByteBuffer> content() throws IOException {
      return BackupFixture.content(engine);
    }

    SortedMap<Long, ByteBuffer> restored(ArchivedRun run) throws IOException {
      Path target = Path.of("/disk", name, "target-" + targets++);
      try (NewEngineTarget made = new NewEngineTarget(io, target, EmbeddedOptions.defaults())) {
        new Restore(archive, null).run(run, made, blocks -> {});
      }
      try (EmbeddedEngine found = EmbeddedEngine.open(io, target, EmbeddedOptions.defaults())) {
        return BackupFixture.content(found);
      }
    }

    RestorePoints points() throws IOException {
      return RestorePoints.of(RunIndex.of(archive), CHAIN, engine.shard());
    }

    @Override
    public void close() throws IOException {
      engine.close();
      store.close();
    }
  }

  @BeforeEach
  void open() throws IOException {
    orders = new Source("orders", io, archive);
    readings = new Source("readings", io, archive);
    for (long id = 0; id < 10; id++) {
      orders.put(id, "first " + id);
      readings.put(id, "first " + id);
    }
  }

  @AfterEach
  void close() throws IOException {
    orders.close();
    readings.close();
  }

  @Test
  void shouldKeepTheRunsOfEachEngineApart() throws IOException {
    ArchivedRun firstOrders = orders.run(BackupRequest.full(CHAIN));
    SortedMap<Long, ByteBuffer> ordersBefore = orders.content();
    ArchivedRun firstReadings = readings.run(BackupRequest.full(CHAIN));
    orders.put(3, "second");
    readings.put(4, "second");
    readings.engine.delete(5);
    ArchivedRun nextReadings = readings.run(BackupRequest.incremental(CHAIN));
    ArchivedRun nextOrders = orders.run(BackupRequest.incremental(CHAIN));

    assertEquals(4, archive.runs().size());
    assertEquals(List.of(firstOrders, nextOrders), RunIndex.of(archive).leadingTo(nextOrders));
    assertEquals(
        List.of(firstReadings, nextReadings), RunIndex.of(archive).leadingTo(nextReadings));
    assertEquals(ordersBefore, orders.restored(firstOrders));
    assertEquals(orders.content(), orders.restored(nextOrders));
    assertEquals(readings.content(), readings.restored(nextReadings));
    assertTrue(ArchiveReport.of(archive, null, Level.FULL, null).isGood());
    assertEquals(
        List.of(firstReadings, nextReadings),
        ArchiveReport.of(archive, nextReadings, Level.FULL, null).runs());
  }

  @Test
  void shouldAskWhichEngineIsMeant() throws IOException {
    orders.run(BackupRequest.full(CHAIN));
    readings.run(BackupRequest.full(CHAIN));
    readings.put(1, "second");
    ArchivedRun newest = readings.run(BackupRequest.incremental(CHAIN));

    String refusal =
        String.valueOf(
            assertThrows(
                    MissingRunException.class,
                    () -> RestorePoints.of(RunIndex.of(archive), CHAIN, null))
                .getMessage());
    assertTrue(
        refusal.startsWith("archive holds several engines or stores; name a run, or one of them"),
        refusal);
    assertEquals(newest, readings.points().newest().run());
    assertEquals(1, orders.points().all().size());
  }

  @Test
  void shouldPruneAndGiveUpTheRunsOfOneEngineOnly() throws IOException {
    ArchivedRun ordersRun = orders.run(BackupRequest.full(CHAIN));
    readings.run(BackupRequest.full(CHAIN));
    ArchivedRun again = readings.run(BackupRequest.full(CHAIN));
    PrunePolicy newestOnly = new PrunePolicy(1, 0, Long.MAX_VALUE);

    Prune.delete(archive, Prune.choose(RunIndex.of(archive), newestOnly, Long.MAX_VALUE));

    assertEquals(
        List.of(ordersRun.runId(), again.runId()).stream().sorted().toList(),
        archive.runs().stream().map(ArchivedRun::runId).toList());
    assertEquals(orders.content(), orders.restored(ordersRun));
    assertEquals(readings.content(), readings.restored(again));
  }
}
