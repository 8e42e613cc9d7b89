package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.ArchiveTool;
import io.tidemark.backup.BackupCoordinator;
import io.tidemark.backup.BackupOptions;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.LiveEngine;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.plugin.ConfigurationSource;
import io.tidemark.plugin.LiveConfiguration;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.tdengine.VnodeFollower;
import io.tidemark.testing.Rounds;
import io.tidemark.tools.agent.Agent;
import io.tidemark.tools.agent.ControlServer;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.Chains;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Backups that a real agent takes of embedded engines by order, while they are open and changed.
 */
class ArchiveBackupTest {
  private static final int BLOCKS = 200;
  private static final int RUNS = Rounds.of("tidemark.agent.engineBackups", 8, 3);

  @TempDir private Path directory;
  private Path archive;
  private EmbeddedEngine orders;
  private EmbeddedEngine parts;
  private @Nullable Agent agent;
  private @Nullable ControlServer control;

  @BeforeEach
  void open() throws IOException {
    archive = directory.resolve("archive");
    orders = open("orders");
    parts = open("parts");
    for (int block = 0; block < BLOCKS; block++) {
      orders.create(block, content(block));
    }
    parts.create(7, content(7));
  }

  private EmbeddedEngine open(String name) throws IOException {
    return EmbeddedEngine.open(
        directory.resolve("engines").resolve(name),
        new EmbeddedOptions(
            1, 60_000, 15_000, 1L << 30, 1 << 16, 3, SystemEpochNanoClock.INSTANCE));
  }

  private static byte[] content(int number) {
    return ByteBuffer.allocate(40).putInt(number).array();
  }

  private void startAgent(String... more) throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("agent.source", "embedded");
    values.put("agent.engine_directory", directory.resolve("engines").toString());
    values.put("bitmap_engine.persistence_path", stores().toString());
    values.put("agent.refresh_interval_ms", "20");
    values.put("event_interceptor.callback_threads", "1");
    values.put("backup.directory", archive.toString());
    values.put("backup.batch_size", "20");
    for (int i = 0; i < more.length; i += 2) {
      values.put(more[i], more[i + 1]);
    }
    LiveConfiguration live =
        LiveConfiguration.read(new ConfigurationSource(null, Map.of(), values));
    VnodeFollower.Clocks clocks =
        new VnodeFollower.Clocks(SystemEpochClock.INSTANCE, SystemNanoClock.INSTANCE);
    agent =
        Agent.start(live, clocks, line -> {}, new AgentBackup(InstantSource.system(), Map.of()));
    control = ControlServer.start(agent, stores(), line -> {});
  }

  private Path stores() {
    return directory.resolve("stores");
  }

  private void stopAgent() throws IOException {
    if (control != null) {
      control.close();
    }
    if (agent != null) {
      agent.close();
    }
  }

  @AfterEach
  void stop() throws IOException {
    stopAgent();
    orders.close();
    parts.close();
  }

  private Json backup() throws IOException {
    return BackupByOrder.take(stores());
  }

  private static Map<Long, byte[]> contents(EmbeddedEngine engine) throws IOException {
    Map<Long, byte[]> contents = new TreeMap<>();
    engine.forEachBlock((id, length) -> contents.put(id, engine.read(id)));
    return contents;
  }

  /** Restores the newest run of an engine and returns what it holds. */
  private Map<Long, byte[]> restored(EmbeddedEngine of, String name) throws IOException {
    Path target = directory.resolve(name);
    Tool restore =
        Tool.run("restore", "--archive", archive, "--target", target, "--shard", of.shard());
    assertEquals(ExitCode.DONE, restore.exitCode(), restore.err());
    try (EmbeddedEngine made = EmbeddedEngine.open(target, EmbeddedOptions.defaults())) {
      return contents(made);
    }
  }

  private static void assertSame(Map<Long, byte[]> expected, Map<Long, byte[]> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((id, content) -> assertArrayEquals(content, actual.get(id), "block " + id));
  }

  @Test
  void shouldCopyEachEngineWholeAndThenWhatChanged() throws Exception {
    startAgent();

    Json first = backup();
    orders.update(3, content(1_003));
    orders.delete(4);
    orders.flush();
    final Json second = backup();

    assertEquals("DONE", first.get("state").toString(), first.toString());
    assertEquals("true", first.get("full").toString());
    assertEquals("2", first.get("callsDone").toString());
    assertEquals(Integer.toString(BLOCKS + 1), first.get("rows").toString());
    assertEquals("DONE", second.get("state").toString(), second.toString());
    assertEquals("false", second.get("full").toString());
    assertEquals("2", second.get("rows").toString(), second.toString());
    assertSame(contents(orders), restored(orders, "orders-r"));
    assertSame(contents(parts), restored(parts, "parts-r"));
    Tool verified = Tool.run("verify", "--archive", archive, "--level", "restore");
    assertEquals(ExitCode.DONE, verified.exitCode(), verified.err());
  }

  /** Every run holds one moment of the engine: a sum that each pair of changes leaves as it is. */
  @Test
  void shouldCopyOneMomentOfAnEngineThatIsChangedMeanwhile() throws Exception {
    startAgent();
    AtomicBoolean isOver = new AtomicBoolean();
    FutureTask<Integer> changing = new FutureTask<>(() -> changeUntil(isOver));
    Thread changer = new Thread(changing, "changer");
    changer.start();
    try {
      for (int run = 0; run < RUNS; run++) {
        Json taken = backup();
        assertEquals("DONE", taken.get("state").toString(), taken.toString());
        assertEquals(
            run == 0, Boolean.parseBoolean(taken.get("full").toString()), taken.toString());

        assertOneMoment(restored(orders, "orders-" + run));
      }
    } finally {
      isOver.set(true);
    }
    assertTrue(changing.get() > 0);
    backup();
    assertSame(contents(orders), restored(orders, "orders-end"));
  }

  /** Gives all blocks the next number, one after the other, again and again. */
  private int changeUntil(AtomicBoolean isOver) throws IOException {
    int number = 1;
    while (!isOver.get()) {
      for (int block = 0; block < BLOCKS; block++) {
        orders.update(block, content(number * BLOCKS + block));
      }
      number++;
      LockSupport.parkNanos(1_000_000);
    }
    return number;
  }

  /** In one moment the first blocks have one number, and the others the one before. */
  private static void assertOneMoment(Map<Long, byte[]> contents) {
    assertEquals(BLOCKS, contents.size());
    int first = ByteBuffer.wrap(contents.values().iterator().next()).getInt() / BLOCKS;
    int before = first;
    for (Map.Entry<Long, byte[]> one : contents.entrySet()) {
      int number = ByteBuffer.wrap(one.getValue()).getInt() / BLOCKS;
      assertTrue(number == before || number == first - 1, "block " + one.getKey());
      before = number;
    }
  }

  @Test
  void shouldBeginAnewWhatCannotBeGoneOnWith() throws Exception {
    startAgent();
    assertEquals("DONE", backup().get("state").toString());
    stopAgent();
    for (int block = 0; block < BLOCKS; block++) {
      orders.update(block, content(block + 1));
    }
    Path begun = archive.resolve(interruptBackup()).resolve("000001.blocks");
    assertTrue(Files.exists(begun));
    Files.write(begun, new byte[1]);
    startAgent();

    Json taken = backup();

    assertEquals("DONE", taken.get("state").toString(), taken.toString());
    assertEquals("false", taken.get("full").toString());
    assertEquals(Integer.toString(BLOCKS), taken.get("rows").toString());
    assertFalse(Files.exists(begun));
    assertSame(contents(orders), restored(orders, "orders-r"));
  }

  /**
   * Takes a run of the engine that ends after some batches, as at a power cut; returns its name.
   */
  private String interruptBackup() throws IOException {
    Path engine = directory.resolve("engines/orders");
    Path place = stores().resolve("engine-orders");
    String shard = LiveEngine.shard(FileStorageIO.INSTANCE, engine);
    ArchiveTool tool =
        new ArchiveTool(new Archive(FileStorageIO.INSTANCE, archive), ArchiveOptions.defaults());
    try (BitmapEngine store = BitmapEngine.open(place, shard, TrackerOptions.defaults());
        LiveEngine live = LiveEngine.open(FileStorageIO.INSTANCE, engine, store)) {
      BackupCoordinator coordinator =
          BackupCoordinator.open(
              store, live, tool, place, BackupOptions.defaults().withBatchSize(20));
      assertThrows(
          IllegalStateException.class,
          () ->
              coordinator.run(
                  BackupRequest.incremental(Chains.DEFAULT),
                  progress -> {
                    if (progress.doneBlocks() > 50) {
                      throw new IllegalStateException("power cut");
                    }
                  }));
      return Objects.requireNonNull(coordinator.interrupted(Chains.DEFAULT)).runId();
    }
  }

  @Test
  void shouldRefuseWhatItCannotDoAndSayWhy() throws Exception {
    startAgent("backup.encryption", "true");

    Json refused = backup();

    assertEquals("FAILED", refused.get("state").toString());
    assertEquals(
        "backups are to be encrypted and no pass phrase is given: variable=TIDEMARK_PASS_PHRASE,"
            + " path=backup.encryption",
        refused.get("error").toString());
  }
}
