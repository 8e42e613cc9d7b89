package io.tidemark.tools.agent;

import static io.tidemark.tools.agent.AgentFixture.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.tdengine.BlockCatalog;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.GeneratedVnode;
import io.tidemark.tdengine.RowFeed;
import io.tidemark.tdengine.WalContent;
import io.tidemark.tdengine.tmq.TableDirectory;
import io.tidemark.tdengine.tmq.TopicAccess;
import io.tidemark.tdengine.tmq.TopicConsumer;
import io.tidemark.tdengine.tmq.TopicPlace;
import io.tidemark.tdengine.tmq.TopicRow;
import io.tidemark.testing.Rounds;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.StoreReader;
import io.tidemark.tracker.StoreView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An agent whose configuration says now that it reads the WAL, now that it reads a topic, now that
 * it follows an engine.
 */
class AgentTopicTest {
  private static final int SWITCHES = Rounds.of("tidemark.agent.switches", 60, 12);
  private static final List<String> SOURCES = List.of("wal", "tmq", "embedded");
  private static final int VGROUPS = 3;
  private static final long DAY_SECONDS = 86_400;
  private static final int DAYS = 40;

  @TempDir private Path directory;
  private AgentFixture fixture;
  private final Topic topic = new Topic();

  @BeforeEach
  void setUp() throws IOException {
    fixture =
        new AgentFixture(directory)
            .with("agent.database", "power")
            .with("tmq.poll_timeout_ms", "1");
  }

  /** The rows that the test writes, one a version, as a topic shows them. */
  private static final class Topic implements TopicAccess {
    private final Map<Integer, ConcurrentSkipListMap<Long, TopicRow>> rows =
        new ConcurrentHashMap<>();
    private final AtomicInteger open = new AtomicInteger();
    private volatile boolean isDeaf;

    void add(int vgroup, long version, int table, int day) {
      rows.computeIfAbsent(vgroup, unused -> new ConcurrentSkipListMap<>())
          .put(
              version,
              new TopicRow(
                  vgroup,
                  version,
                  "d" + table,
                  Map.of("ts", Instant.ofEpochSecond(day * DAY_SECONDS))));
    }

    @Override
    public TopicConsumer subscribe() {
      assertEquals(1, open.incrementAndGet(), "one subscription for all");
      Map<Integer, Long> positions = new ConcurrentHashMap<>();
      return new TopicConsumer() {
        @Override
        public List<TopicRow> poll(long timeoutMs) {
          for (Map.Entry<Integer, ConcurrentSkipListMap<Long, TopicRow>> vgroup : rows.entrySet()) {
            var next = vgroup.getValue().ceilingEntry(positions.getOrDefault(vgroup.getKey(), 0L));
            if (next != null) {
              positions.put(vgroup.getKey(), next.getKey() + 1);
              return List.of(next.getValue());
            }
          }
          LockSupport.parkNanos(timeoutMs * 1_000_000);
          return List.of();
        }

        @Override
        public Map<Integer, TopicPlace> places() {
          Map<Integer, TopicPlace> places = new ConcurrentHashMap<>();
          rows.forEach(
              (vgroup, written) ->
                  places.put(
                      vgroup,
                      new TopicPlace(
                          0, positions.getOrDefault(vgroup, 0L), written.lastKey() + 1)));
          return places;
        }

        @Override
        public void seek(int vgroupId, long version) {
          positions.put(vgroupId, version);
        }

        @Override
        public void close() {
          open.decrementAndGet();
        }
      };
    }

    @Override
    public TableDirectory openDirectory() throws IOException {
      if (isDeaf) {
        throw new IOException("server went away");
      }
      return new TableDirectory() {
        @Override
        public Entry find(String table) {
          long uid = 1_000 + Long.parseLong(table.substring(1));
          return new Entry(new RowFeed.Table(uid, 7, table, "meters"), "ts");
        }

        @Override
        public RowFeed.Table named(long uid) {
          return new RowFeed.Table(uid, 7, "d" + (uid - 1_000), "meters");
        }

        @Override
        public void close() {}
      };
    }
  }

  private void follow(Agent agent, String source) throws IOException {
    Files.writeString(fixture.configuration, "{\"agent\": {\"source\": \"" + source + "\"}}");
    agent.reload();
  }

  private static boolean isAt(Agent agent, int vgroup, long next, boolean isByTopic) {
    return agent.statuses().stream()
        .filter(status -> status.name().equals("vnode" + vgroup))
        .anyMatch(
            status ->
                status.source().equals("tmq") == isByTopic
                    && status.standing() != null
                    && status.standing().nextVersion() == next);
  }

  @Test
  void shouldGoOverAtAReloadAndLoseOrDoubleNothing() throws Exception {
    Random random = new Random(7);
    GeneratedVnode[] vnodes = new GeneratedVnode[VGROUPS];
    long[] next = new long[VGROUPS];
    for (int i = 0; i < VGROUPS; i++) {
      vnodes[i] = fixture.vnode(i + 2);
      next[i] = insert(vnodes[i], i + 2, 0, 0);
    }
    fixture.with("agent.engine_directory", directory.resolve("engine").toString());
    long blocks = 0;
    try (EmbeddedEngine engine =
            EmbeddedEngine.open(directory.resolve("engine"), EmbeddedOptions.defaults());
        Agent agent = fixture.start(topic, Map.of("TAOS_PASSWORD", "secret"))) {
      String source = "wal";
      for (int round = 0; round < SWITCHES; round++) {
        source = random.nextInt(3) == 0 ? source : SOURCES.get(random.nextInt(SOURCES.size()));
        follow(agent, source);
        for (int i = 0; i < VGROUPS; i++) {
          for (int count = random.nextInt(6); count > 0; count--) {
            next[i] = insert(vnodes[i], i + 2, random.nextInt(4), random.nextInt(DAYS));
            engine.create(blocks++, new byte[] {1});
          }
        }
        if (source.equals("embedded")) {
          AgentFixture.awaitThrough(agent, "engine-engine", engine.walOffset());
        } else if (random.nextBoolean()) {
          awaitAll(agent, next, source.equals("tmq"));
        }
      }
      follow(agent, "embedded");
      AgentFixture.awaitThrough(agent, "engine-engine", engine.walOffset());
      follow(agent, "wal");
      for (int i = 0; i < VGROUPS; i++) {
        next[i] = insert(vnodes[i], i + 2, 0, 0);
      }
      awaitAll(agent, next, false);

      await("no subscription is left", () -> topic.open.get() == 0);
      assertTrue(agent.health().isReady(), agent.health().reasons().toString());
      assertFalse(fixture.log.toString().contains("secret"));
      assertFalse(fixture.log.toString().contains("failed"), fixture.log.toString());
    }
    int gaps = 0;
    for (int i = 0; i < VGROUPS; i++) {
      vnodes[i].close();
      gaps += check(i + 2, next[i]);
    }
    assertTrue(gaps > 0, "a topic was read");
    ChangeSet engine =
        StoreReader.open(fixture.stores.resolve("engine-engine")).view().changedEver();
    assertEquals(Verdict.EXACT, engine.verdict(), engine.holes().toString());
    assertEquals(blocks, engine.changes().size());
  }

  private long insert(GeneratedVnode vnode, int vgroup, int table, int day) throws IOException {
    long version = vnode.insert(table, day);
    topic.add(vgroup, version, table, day);
    return version + 1;
  }

  private static void awaitAll(Agent agent, long[] next, boolean isByTopic) {
    for (int i = 0; i < VGROUPS; i++) {
      int vgroup = i + 2;
      long due = next[i];
      await("vgroup " + vgroup + " at " + due, () -> isAt(agent, vgroup, due, isByTopic));
    }
  }

  /** Compares every version with the row it had; returns how many are a gap. */
  private int check(int vgroup, long end) throws IOException {
    StoreView view = StoreReader.open(fixture.stores.resolve("vnode" + vgroup)).view();
    int gaps = 0;
    for (long version = 0; version < end; version++) {
      WalPosition at = new WalPosition(1, version);
      ChangeSet answer = view.changedIn(at, at);
      if (answer.verdict() == Verdict.FULL_REQUIRED) {
        gaps++;
        assertTrue(
            answer.holes().get(0).reason().startsWith("read from a topic, "),
            answer.holes().toString());
      } else {
        assertEquals(Verdict.EXACT, answer.verdict());
      }
      if (version >= 2) {
        // The data block, and the definition if the WAL was read and the table was not known: once.
        long blocks = answer.changes().size();
        assertTrue(
            blocks >= 1 && blocks <= 2, "version=" + version + ", changes=" + answer.changes());
      }
    }
    Collection<TopicRow> rows = Objects.requireNonNull(topic.rows.get(vgroup)).values();
    long data = rows.stream().map(row -> row.table() + row.times()).distinct().count();
    long tables = rows.stream().map(TopicRow::table).distinct().count();
    assertEquals(data + tables + 1, view.changedEver().changes().size(), "and one for the stable");
    return gaps;
  }

  @Test
  void shouldSayWhatATopicLacksAndGoOnByWal() throws Exception {
    long last;
    try (GeneratedVnode vnode = fixture.vnode(2)) {
      last = vnode.insert(1, 1);
    }
    try (Agent agent = fixture.start(topic, Map.of())) {
      AgentFixture.awaitThrough(agent, 2, last);
      follow(agent, "tmq");
      await(
          "a password is missing",
          () ->
              agent
                  .health()
                  .reasons()
                  .toString()
                  .contains(
                      "no password is given: variable=TAOS_PASSWORD, path=tmq.password_file"));
      assertFalse(agent.health().isReady());

      follow(agent, "wal");

      await("ready again", () -> agent.health().isReady());
      assertEquals(0, topic.open.get());
    }
  }

  @Test
  void shouldLookUpNamesThatTheLogDoesNotTell() throws Exception {
    fixture.with("agent.names_interval_seconds", "1");
    topic.isDeaf = true;
    long last;
    try (GeneratedVnode vnode = fixture.vnode(2)) {
      last = vnode.wal().submit(WalContent.Block.rows(7, 1_004, 0));
    }
    Path store = fixture.stores.resolve("vnode2");
    try (Agent agent = fixture.start(topic, Map.of("TAOS_PASSWORD", "secret"))) {
      AgentFixture.awaitThrough(agent, 2, last);
      await(
          "the server cannot be asked, and nothing else is wrong",
          () -> {
            Health health = agent.health();
            return health.isReady()
                && health
                    .reasons()
                    .toString()
                    .contains("names cannot be looked up: server went away");
          });

      topic.isDeaf = false;

      await("no trouble is left", () -> agent.health().reasons().isEmpty());
    }
    BlockCatalog names = BlockCatalog.of(StoreReader.open(store).catalog());
    assertTrue(
        names.names().stream()
            .filter(name -> name.kind() == BlockName.Kind.DATA)
            .allMatch(name -> name.table().equals("d4") && name.stable().equals("meters")),
        names.names().toString());
  }
}
