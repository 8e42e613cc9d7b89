package io.tidemark.tools.agent;

import static io.tidemark.tools.agent.AgentFixture.await;
import static io.tidemark.tools.agent.AgentFixture.awaitThrough;
import static io.tidemark.tools.agent.AgentFixture.completeThrough;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Verdict;
import io.tidemark.errors.ConfigurationException;
import io.tidemark.errors.StoreLockedException;
import io.tidemark.metrics.CountersFile;
import io.tidemark.metrics.Metric;
import io.tidemark.metrics.MetricSample;
import io.tidemark.tdengine.GeneratedVnode;
import io.tidemark.tdengine.WalContent;
import io.tidemark.testing.Rounds;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.StoreReader;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentTest {
  private static final int LOADED = 8;
  private static final int LOAD_RECORDS = 200;
  private static final int LOAD_TABLES = 50;
  private static final int MANY = Rounds.of("tidemark.agent.vgroups", 64, 24);
  private static final int RELOADS = Rounds.of("tidemark.agent.reloads", 1_000, 100);

  /** What a JVM has besides: the test's own, JUnit's, those of libraries. */
  private static final String OURS = "tidemark-";

  @TempDir private Path directory;
  private AgentFixture fixture;

  @BeforeEach
  void setUp() throws IOException {
    fixture = new AgentFixture(directory);
  }

  /** Returns the number of blocks that a store says ever changed, if it says so exactly. */
  private int changed(int vgroupId) throws IOException {
    ChangeSet answer =
        StoreReader.open(fixture.stores.resolve("vnode" + vgroupId)).view().changedEver();
    assertEquals(Verdict.EXACT, answer.verdict(), answer.holes().toString());
    return answer.changes().size();
  }

  @Test
  void shouldFollowManyVgroupsWithTheThreadsAndTheMemoryItWasGiven() throws Exception {
    List<GeneratedVnode> vnodes = new ArrayList<>();
    for (int vgroup = 1; vgroup <= MANY; vgroup++) {
      vnodes.add(fixture.vnode(vgroup));
    }
    fixture.with("bitmap_engine.memory_limit_mb", "16");
    try (Agent agent = fixture.start()) {
      long[] last = new long[MANY];
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < MANY; i++) {
          last[i] = vnodes.get(i).insert(i, round);
        }
        for (int i = 0; i < MANY; i++) {
          awaitThrough(agent, i + 1, last[i]);
        }
      }

      long followers =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().startsWith(OURS + "follow-"))
              .count();
      assertEquals(2, followers);
      assertEquals(MANY, agent.samples().size());
      await("ready", () -> agent.health().isReady());
    }
    for (int vgroup = 1; vgroup <= MANY; vgroup++) {
      // The stable, a table, and a file set a round that lies in one of ten days.
      assertTrue(changed(vgroup) >= 3, "vgroup " + vgroup);
    }
    for (GeneratedVnode vnode : vnodes) {
      vnode.close();
    }
  }

  /** What mapped files and a full heap throw is no exception. */
  @Test
  void shouldGoOnAfterErrorsInATurnAndInTellingOfThem() throws Exception {
    AtomicInteger errors = new AtomicInteger();
    try (GeneratedVnode vnode = fixture.vnode(1);
        Agent agent =
            fixture.start(
                line -> {
                  fixture.log.add(line);
                  if (line.contains("vnode1: ") && errors.incrementAndGet() <= 2) {
                    throw new InternalError("made for the test");
                  }
                })) {
      awaitThrough(agent, 1, vnode.insert(1, 1));

      await("ready", () -> agent.health().isReady());
      assertTrue(errors.get() >= 2, fixture.log.toString());
    }
  }

  /** Polling alone would take more than the minute that is waited for. */
  @Test
  void shouldLookAtOnceWhenALogIsWrittenToThatIsSeldomLookedAt() throws Exception {
    fixture.with("agent.poll_interval_ms", "60000").with("agent.idle_poll_interval_ms", "600000");
    try (GeneratedVnode vnode = fixture.vnode(1);
        Agent agent = fixture.start()) {
      awaitThrough(agent, 1, 1);

      for (int row = 0; row < 3; row++) {
        awaitThrough(agent, 1, vnode.insert(row, 1));
      }
    }
  }

  @Test
  void shouldKeepWithinItsMemoryByNothingButSealingEarlier() throws Exception {
    List<GeneratedVnode> vnodes = new ArrayList<>();
    for (int vgroup = 1; vgroup <= LOADED; vgroup++) {
      vnodes.add(fixture.vnode(vgroup));
    }
    long eventsMax = (16L << 20) / TrackerOptions.OPEN_EVENT_BYTES;
    fixture.with("bitmap_engine.memory_limit_mb", "16");
    try (Agent agent = fixture.start()) {
      await("all are there", () -> agent.statuses().size() == LOADED);
      long mostEvents = 0;
      long[] last = new long[LOADED];
      for (int record = 0; record < LOAD_RECORDS; record++) {
        for (int i = 0; i < LOADED; i++) {
          last[i] = vnodes.get(i).wal().submit(newTables(record));
        }
        mostEvents = Math.max(mostEvents, unsealedEvents(agent));
      }
      for (int i = 0; i < LOADED; i++) {
        awaitThrough(agent, i + 1, last[i]);
        mostEvents = Math.max(mostEvents, unsealedEvents(agent));
      }

      assertTrue(mostEvents <= eventsMax, "mostEvents=" + mostEvents + ", max=" + eventsMax);
      for (FollowedVgroup.Status status : agent.statuses()) {
        String told =
            "seals early to keep within the memory limit: openEventsMax=" + eventsMax / LOADED;
        assertTrue(status.unsealed().earlySeals() > 0, status.name());
        assertTrue(fixture.log.contains(status.name() + ": " + told), fixture.log.toString());
        String why = status.name() + ": seals early, memory limit is reached: openEventsMax=";
        assertTrue(agent.health().reasons().contains(why + eventsMax / LOADED));
        assertEquals(0, status.sample().value(Metric.MESSAGES_DROPPED));
        assertEquals(0, status.sample().value(Metric.EVENTS_DROPPED));
      }
      await("is ready all the same", () -> agent.health().isReady());
    }
    for (int vgroup = 1; vgroup <= LOADED; vgroup++) {
      // The stable, and of each table its definition and its rows.
      assertEquals(1 + 2 * LOAD_RECORDS * LOAD_TABLES, changed(vgroup));
    }
    for (GeneratedVnode vnode : vnodes) {
      vnode.close();
    }
  }

  private static List<WalContent.Block> newTables(int record) {
    List<WalContent.Block> blocks = new ArrayList<>();
    for (int i = 0; i < LOAD_TABLES; i++) {
      long uid = 1_000L + (long) record * LOAD_TABLES + i;
      blocks.add(WalContent.Block.creating(WalContent.Table.child("t" + uid, uid, "meters", 7), 0));
    }
    return blocks;
  }

  private static long unsealedEvents(Agent agent) {
    return agent.statuses().stream().mapToLong(status -> status.unsealed().events()).sum();
  }

  @Test
  void shouldBeginWithVnodesThatAppearAndEndWithThoseThatVanish() throws Exception {
    try (GeneratedVnode first = fixture.vnode(1);
        Agent agent = fixture.start()) {
      awaitThrough(agent, 1, 1);
      try (GeneratedVnode second = fixture.vnode(2)) {
        awaitThrough(agent, 2, second.insert(1, 1));
      }

      Files.move(fixture.data.resolve("vnode2"), directory.resolve("gone"));

      await("is told", () -> fixture.log.contains("vnode2: vanished; its store stays"));
      assertEquals(1, agent.samples().size());
      awaitThrough(agent, 1, first.insert(1, 1));
    }
    assertEquals(3, changed(2));
  }

  @Test
  void shouldWaitForAVnodeThatIsNotWholeYet() throws Exception {
    Path whole = directory.resolve("elsewhere");
    try (GeneratedVnode vnode = GeneratedVnode.create(whole, 3, "power", 3600);
        Agent agent = fixture.start()) {
      Path place = Files.createDirectories(fixture.data.resolve("vnode3"));
      String expected = "vnode is incomplete: missing=vnode.json, directory=" + place;
      await("is told", () -> agent.health().reasons().contains(expected));

      Files.createSymbolicLink(place.resolve("wal"), vnode.directory().walDirectory());
      Files.copy(vnode.directory().configFile(), place.resolve("vnode.json"));

      awaitThrough(agent, 3, 1);
      await("is well", () -> agent.health().equals(new Health(true, true, List.of())));
    }
  }

  @Test
  void shouldFollowOneDatabaseOnly() throws Exception {
    fixture.with("agent.database", "weather");
    try (GeneratedVnode other = fixture.vnode(1);
        GeneratedVnode wanted = GeneratedVnode.create(fixture.data, 2, "weather", 3600);
        Agent agent = fixture.start()) {
      awaitThrough(agent, 2, wanted.insert(1, 1));

      assertEquals(1, agent.samples().size());
      assertTrue(Files.exists(other.directory().path()));
    }
  }

  @Test
  void shouldTryAgainWhatFailedAndSayWhy() throws Exception {
    try (GeneratedVnode vnode = fixture.vnode(1);
        Agent agent = fixture.start()) {
      awaitThrough(agent, 1, 1);
      Path config = vnode.directory().configFile();
      String right = Files.readString(config);

      Files.writeString(config, "{}");

      String expected = "vnode1: missing value: name=config.precision, file=" + config;
      await("is told", () -> agent.health().reasons().contains(expected));
      await("is tried again", () -> value(agent, Metric.CONNECTION_RETRIES) >= 3);
      assertFalse(agent.health().isReady());
      Files.writeString(config, right);
      awaitThrough(agent, 1, vnode.insert(1, 1));
      await("is well", () -> agent.health().isReady());
      assertEquals(1, value(agent, Metric.SUBSCRIPTION_RETRIES));
    }
    assertEquals(3, changed(1));
  }

  private static long value(Agent agent, Metric metric) {
    return agent.samples().get(0).value(metric);
  }

  @Test
  void shouldReadNothingWhilePausedAndLoseNothing() throws Exception {
    try (GeneratedVnode vnode = fixture.vnode(1);
        Agent agent = fixture.start()) {
      awaitThrough(agent, 1, 1);
      agent.pause(true);
      await("rests", () -> agent.statuses().get(0).state() == FollowedVgroup.State.PAUSED);

      long last = vnode.insert(1, 1);
      await("sees what it leaves", () -> value(agent, Metric.OFFSET_LAG) == 1);

      assertEquals(last - 1, completeThrough(agent, "vnode1"));
      assertEquals(List.of("paused by hand"), agent.health().reasons());
      agent.pause(false);
      awaitThrough(agent, 1, last);
      await("nothing is left", () -> value(agent, Metric.OFFSET_LAG) == 0);
    }
    assertEquals(3, changed(1));
  }

  @Test
  void shouldRefuseASecondAgentAndAStoreThatSomebodyElseHas() throws Exception {
    try (GeneratedVnode vnode = fixture.vnode(1);
        Agent agent = fixture.start()) {
      awaitThrough(agent, 1, 1);
      assertTrue(Files.exists(vnode.directory().path()));

      StoreLockedException refused =
          assertThrows(StoreLockedException.class, () -> fixture.start());

      assertTrue(String.valueOf(refused.getMessage()).startsWith("store is locked: holder=pid="));
    }
  }

  @Test
  void shouldLoseNothingWhateverIsReloadedMeanwhile() throws Exception {
    Random random = new Random(7_777);
    int tables = 0;
    try (GeneratedVnode vnode = fixture.vnode(1);
        Agent agent = fixture.start()) {
      long last = 1;
      for (int i = 0; i < RELOADS; i++) {
        last = vnode.insert(tables, 1);
        tables++;
        String json = randomConfiguration(random);
        Files.writeString(fixture.configuration, json);
        boolean isWrong = json.contains("wrong");
        try {
          agent.reload();
          assertFalse(isWrong, json);
        } catch (ConfigurationException e) {
          assertTrue(isWrong, json);
        }
      }
      Files.writeString(fixture.configuration, "{}");
      agent.reload();
      awaitThrough(agent, 1, last);
    }
    assertEquals(1 + 2 * tables, changed(1));
  }

  private static String randomConfiguration(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> "{\"event_interceptor\":{\"enable\":" + random.nextBoolean() + "}}";
      case 1 -> "{\"event_interceptor\":{\"buffer_size\":" + (16 + random.nextInt(9)) + "}}";
      case 2 -> "{\"bitmap_engine\":{\"memory_limit_mb\":" + (16 + random.nextInt(9)) + "}}";
      case 3 -> "{\"agent\":{\"checkpoint_interval_seconds\":" + (1 + random.nextInt(9)) + "}}";
      default -> "{\"wrong\":" + random.nextInt() + "}";
    };
  }

  @Test
  void shouldTakeOverAFileThatChangedAndSayWhatIsWrongWithOne() throws Exception {
    try (Agent agent = fixture.start()) {
      Files.writeString(
          fixture.configuration, "{\"http\":{\"port\":1},\"backup\":{\"retry_count\":9}}");
      await(
          "is told", () -> fixture.log.contains("reloaded: backup.retry_count: before=3, after=9"));
      Files.writeString(fixture.configuration, "{\"backup\":{\"retry_count\":\"nine\"}}");

      String why =
          "reload refused, the configuration before is in force: configuration value is no whole"
              + " number: path=backup.retry_count, value=\"nine\", line=1, column=26, file="
              + fixture.configuration;
      await("is refused", () -> agent.health().reasons().contains(why));
      assertTrue(agent.health().isReady() || agent.samples().isEmpty());
      Files.writeString(fixture.configuration, "{}");
      await("is well", () -> !agent.health().reasons().contains(why));
    }
  }

  @Test
  void shouldRaiseTheAlarmOfTheHeadroomBeforeTheServerDeletesAndClearItAfterwards()
      throws Exception {
    Path told = directory.resolve("told");
    Path program = directory.resolve("hook.sh");
    Files.writeString(
        program,
        "#!/bin/sh\necho \"$1 $TIDEMARK_ALARM_STATE $TIDEMARK_ALARM_METRIC $TIDEMARK_ALARM_LABELS\""
            + " >> "
            + told
            + "\n");
    assertTrue(program.toFile().setExecutable(true));
    fixture.with("alarms.hook", program + " page");
    try (GeneratedVnode vnode = fixture.vnode(1);
        Agent agent = fixture.start()) {
      awaitThrough(agent, 1, 1);
      assertEquals(List.of(), agent.alarms());
      agent.pause(true);
      await("rests", () -> agent.statuses().get(0).state() == FollowedVgroup.State.PAUSED);
      long last = leaveUnread(vnode);

      await("is raised", () -> agent.alarms().size() == 1);

      assertEquals(Metric.WAL_HEADROOM_SECONDS, agent.alarms().get(0).rule().metric());
      agent.pause(false);
      awaitThrough(agent, 1, last);
      await("is cleared", () -> agent.alarms().isEmpty());
      String line = " wal_headroom_seconds database=power,vgroup=1";
      await(
          "the program ran twice",
          () -> lines(told).equals(List.of("page raised" + line, "page cleared" + line)));
    }
    assertEquals(5, changed(1));
  }

  /** Writes a segment that the server closed 50 minutes ago: it keeps it 10 minutes more. */
  private static long leaveUnread(GeneratedVnode vnode) throws IOException {
    vnode.insert(1, 1);
    vnode.wal().roll();
    long last = vnode.insert(2, 1);
    try (Stream<Path> files = Files.list(vnode.directory().walDirectory())) {
      Path first = files.filter(file -> file.toString().endsWith(".log")).sorted().toList().get(0);
      Files.setLastModifiedTime(first, FileTime.fromMillis(System.currentTimeMillis() - 3_001_000));
    }
    return last;
  }

  @Test
  void shouldRaiseAnAlarmThoughTheConfigurationCannotBeLookedAt() throws Exception {
    try (GeneratedVnode vnode = fixture.vnode(1);
        Agent agent = fixture.start()) {
      awaitThrough(agent, 1, 1);
      agent.pause(true);
      await("rests", () -> agent.statuses().get(0).state() == FollowedVgroup.State.PAUSED);
      Files.deleteIfExists(fixture.configuration);
      Files.createSymbolicLink(fixture.configuration, fixture.configuration);
      await("is told", () -> fixture.log.stream().anyMatch(l -> l.startsWith("watch failed: ")));

      leaveUnread(vnode);

      await("is raised", () -> agent.alarms().size() == 1);
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }

  @Test
  void shouldPublishEverythingWhenAskedSoThatNothingIsReplayed() throws Exception {
    try (GeneratedVnode vnode = fixture.vnode(1);
        Agent agent = fixture.start()) {
      awaitThrough(agent, 1, vnode.insert(1, 1));

      assertEquals(Map.of(), agent.checkpoint());

      assertEquals(
          0, StoreReader.open(fixture.stores.resolve("vnode1")).report().replayedEntries());
    }
    MetricSample last = CountersFile.open(fixture.stores.resolve("vnode1")).sample();
    assertTrue(last.isClosed());
  }
}
