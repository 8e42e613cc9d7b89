package io.tidemark.tools.agent;

import static io.tidemark.tools.agent.AgentFixture.await;
import static io.tidemark.tools.agent.AgentFixture.awaitThrough;
import static io.tidemark.tools.agent.AgentFixture.completeThrough;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.Verdict;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.journal.SomeEntriesHandler;
import io.tidemark.metrics.Metric;
import io.tidemark.tdengine.GeneratedVnode;
import io.tidemark.testing.Rounds;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.StoreReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that follows embedded engines, which are open and changed meanwhile. */
class AgentEngineTest {
  private static final int SWITCHES = Rounds.of("tidemark.agent.engineSwitches", 60, 15);
  private static final int CHANGES_MAX = 40;
  private static final byte[] CONTENT = {1, 2, 3};

  @TempDir private Path directory;
  private Path engines;
  private AgentFixture fixture;

  @BeforeEach
  void setUp() throws IOException {
    engines = Files.createDirectories(directory.resolve("engines"));
    fixture =
        new AgentFixture(directory)
            .with("agent.engine_directory", engines.toString())
            .with("alarms.wal_headroom_seconds.raise_at", "none");
    Files.writeString(fixture.configuration, source("embedded"));
  }

  private static String source(String source) {
    return "{\"agent\":{\"source\":\"" + source + "\"}}";
  }

  /** Opens an engine that rolls, flushes and merges often, and keeps its log. */
  private EmbeddedEngine open(String name) throws IOException {
    return EmbeddedEngine.open(
        engines.resolve(name),
        new EmbeddedOptions(1, 4_000, 1_000, 1L << 30, 1 << 14, 3, SystemEpochNanoClock.INSTANCE));
  }

  private StoreReader store(String name) throws IOException {
    return StoreReader.open(fixture.stores.resolve(name));
  }

  /** Returns the ids of the blocks that a store says ever changed, if it says so exactly. */
  private List<Long> changed(String name) throws IOException {
    ChangeSet answer = store(name).view().changedEver();
    assertEquals(Verdict.EXACT, answer.verdict(), answer.holes().toString());
    return answer.changes().stream().map(BlockChange::blockId).toList();
  }

  private static List<Long> ids(long count) {
    return LongStream.range(0, count).boxed().toList();
  }

  private static FollowedVgroup.Status status(Agent agent, String name) {
    return agent.statuses().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldFollowEnginesThatAppearAndVanishBesideOneAnother() throws Exception {
    try (EmbeddedEngine orders = open("orders");
        Agent agent = fixture.start()) {
      orders.create(0, CONTENT);
      orders.flush();
      awaitThrough(agent, "engine-orders", orders.walOffset());
      try (EmbeddedEngine parts = open("parts")) {
        parts.create(0, CONTENT);
        parts.create(1, CONTENT);
        awaitThrough(agent, "engine-parts", parts.walOffset());
        await("is well", () -> agent.health().equals(new Health(true, true, List.of())));
      }
      Files.move(engines.resolve("parts"), directory.resolve("gone"));

      await("is told", () -> fixture.log.contains("engine-parts: vanished; its store stays"));
      orders.rollbackTo(1);
      orders.create(1, CONTENT);
      awaitThrough(agent, "engine-orders", orders.walOffset());

      FollowedVgroup.Status status = status(agent, "engine-orders");
      assertEquals("embedded", status.source());
      assertEquals(Map.of("engine", "orders"), status.labels());
      assertEquals(1, agent.statuses().size());
    }
    assertEquals(ids(2), changed("engine-orders"));
    assertEquals(ids(2), changed("engine-parts"));
    assertEquals(2, store("engine-orders").coverage().generation());
  }

  @Test
  void shouldFollowTheOneEngineThatIsNamedAndAuditItsStore() throws Exception {
    fixture
        .with("agent.engine_directory", engines.resolve("orders").toString())
        .with("agent.audit_interval_seconds", "1");
    try (EmbeddedEngine orders = open("orders");
        EmbeddedEngine other = open("other");
        Agent agent = fixture.start()) {
      orders.create(0, CONTENT);
      other.create(0, CONTENT);
      awaitThrough(agent, "engine-orders", orders.walOffset());
      assertEquals(Map.of(), agent.checkpoint());

      await("is audited", () -> status(agent, "engine-orders").audit() != null);

      StoreAudit.Report audit = status(agent, "engine-orders").audit();
      assertTrue(audit != null && audit.findings().isEmpty(), String.valueOf(audit));
      assertEquals(1, agent.statuses().size());
    }
  }

  @Test
  void shouldSayWhatItIsBehindWhilePausedAndWhatWasRecycled() throws Exception {
    EmbeddedOptions forgetful =
        new EmbeddedOptions(1, 1 << 20, 1 << 20, 0, 1 << 20, 3, SystemEpochNanoClock.INSTANCE);
    try (EmbeddedEngine orders = EmbeddedEngine.open(engines.resolve("orders"), forgetful);
        Agent agent = fixture.start()) {
      orders.create(0, CONTENT);
      awaitThrough(agent, "engine-orders", 1);
      await("all is read", () -> value(agent, Metric.WAL_HEADROOM_SECONDS) > 0);
      agent.pause(true);
      await("rests", () -> agent.statuses().get(0).state() == FollowedVgroup.State.PAUSED);

      orders.create(1, CONTENT);
      orders.flush();
      orders.create(2, CONTENT);
      orders.flush();
      await("sees what it leaves", () -> value(agent, Metric.OFFSET_LAG) == 3);
      assertEquals(0, value(agent, Metric.WAL_HEADROOM_SECONDS));
      agent.pause(false);
      awaitThrough(agent, "engine-orders", orders.walOffset());

      await("is told", () -> value(agent, Metric.GAP_COUNT) == 1);
      await("all is read", () -> value(agent, Metric.WAL_HEADROOM_SECONDS) > 0);
      // The file that was open here was read to its end; the next one was deleted before that.
      assertEquals(2, value(agent, Metric.MESSAGES_DROPPED));
    }
    assertEquals(Verdict.FULL_REQUIRED, store("engine-orders").view().changedEver().verdict());
  }

  private static long value(Agent agent, Metric metric) {
    return agent.samples().get(0).value(metric);
  }

  @Test
  void shouldRefuseAnotherEngineInThePlaceOfOneAndSayWhatIsNotThere() throws Exception {
    open("orders").close();
    try (Agent agent = fixture.start()) {
      await("is followed", () -> agent.health().isReady() && agent.statuses().size() == 1);
      String shard = store("engine-orders").identity().shard();

      Files.move(engines.resolve("orders"), directory.resolve("gone"));
      open("orders").close();

      await("is told", () -> agent.health().reasons().toString().contains("expected=embedded-"));
      assertFalse(agent.health().isReady());
      assertEquals(shard, store("engine-orders").identity().shard());
    }
    fixture.with("agent.engine_directory", "");
    try (Agent agent = fixture.start()) {
      assertEquals(
          List.of(
              "no directory of engines is named: path=agent.engine_directory", "no engine found"),
          agent.health().reasons());
    }
    Path nowhere = directory.resolve("nowhere");
    fixture.with("agent.engine_directory", nowhere.toString());
    open("parts.restoring").close();
    try (Agent agent = fixture.start()) {
      assertEquals(
          List.of("directory of engines does not exist: directory=" + nowhere, "no engine found"),
          agent.health().reasons());
    }
    fixture.with("agent.engine_directory", engines.toString());
    try (Agent agent = fixture.start()) {
      assertEquals(
          List.of("engine-orders"),
          agent.statuses().stream().map(FollowedVgroup.Status::name).toList());
    }
  }

  @Test
  void shouldGoOverToAnotherDirectoryAtAReload() throws Exception {
    fixture = new AgentFixture(directory);
    Files.writeString(fixture.configuration, in(engines.resolve("orders")));
    try (EmbeddedEngine orders = open("orders");
        EmbeddedEngine parts = open("parts");
        Agent agent = fixture.start()) {
      orders.create(0, CONTENT);
      parts.create(0, CONTENT);
      awaitThrough(agent, "engine-orders", orders.walOffset());

      Files.writeString(fixture.configuration, in(engines.resolve("parts")));
      agent.reload();
      awaitThrough(agent, "engine-parts", parts.walOffset());
      assertEquals(1, agent.statuses().size());
      assertTrue(fixture.log.contains("engine-orders: is not wanted; its store stays"));
      orders.create(1, CONTENT);
      Files.writeString(fixture.configuration, in(engines));
      agent.reload();

      awaitThrough(agent, "engine-orders", orders.walOffset());
      assertEquals(2, agent.statuses().size());
    }
    assertEquals(ids(2), changed("engine-orders"));
  }

  private static String in(Path root) {
    return "{\"agent\":{\"source\":\"embedded\",\"engine_directory\":\"" + root + "\"}}";
  }

  /** Counts the changes that a journal holds, by block. */
  private static final class Counter implements SomeEntriesHandler {
    private final Map<Long, Integer> changes = new HashMap<>();

    @Override
    public void onEvent(
        long position,
        int generation,
        BlockEventType type,
        long blockId,
        long walOffset,
        long timestampNs) {
      changes.merge(blockId, 1, Integer::sum);
    }
  }

  @Test
  void shouldLoseAndDoubleNothingWhenTheSourceIsSwitchedUnderLoad() throws Exception {
    Random random = new Random(7_777);
    int tables = 0;
    long blocks = 0;
    try (GeneratedVnode vnode = fixture.vnode(1);
        EmbeddedEngine orders = open("orders");
        Agent agent = fixture.start()) {
      long last = 1;
      for (int i = 0; i < SWITCHES; i++) {
        Files.writeString(fixture.configuration, source(random.nextBoolean() ? "wal" : "embedded"));
        if (random.nextBoolean()) {
          agent.reload();
        }
        for (int change = random.nextInt(CHANGES_MAX); change >= 0; change--) {
          last = vnode.insert(tables++, 1);
          orders.create(blocks++, CONTENT);
        }
        if (random.nextInt(4) == 0) {
          orders.flush();
        }
      }
      Files.writeString(fixture.configuration, source("wal"));
      agent.reload();
      awaitThrough(agent, 1, last);
      await("only the vnode", () -> agent.statuses().size() == 1);
      Files.writeString(fixture.configuration, source("embedded"));
      agent.reload();
      awaitThrough(agent, "engine-orders", orders.walOffset());
      assertEquals(-1, completeThrough(agent, "vnode1"), "is not followed");
    }
    // The stable, and of each table its definition and its rows.
    assertEquals(1 + 2 * tables, changed("vnode1").size());
    assertEquals(ids(blocks), changed("engine-orders"));
    StoreReader store = store("engine-orders");
    Counter counter = new Counter();
    store.forEachRecord(
        1, store.lastPosition(), record -> record.forEach(1, store.lastPosition(), counter));
    assertTrue(counter.changes.values().stream().allMatch(count -> count == 1), "doubled");
    assertEquals(blocks, counter.changes.size());
  }
}
