package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.metrics.StoreCounters;
import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationSource;
import io.tidemark.plugin.LiveConfiguration;
import io.tidemark.tdengine.RowFeed;
import io.tidemark.tdengine.TopicLog;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.VnodeFollower;
import io.tidemark.testing.FileTrees;
import io.tidemark.tools.agent.BackupJob;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is answered where there are stores and no logs, or none that is to be read. */
class DetectStoreTest {
  private static final String DETECT = "incremental_bitmap_tool detect: ";
  private static final String SEE = " (see: incremental_bitmap_tool detect --help)";

  @TempDir private Path directory;
  private DetectDirectory place;
  private Path stores;

  @BeforeEach
  void writeFirstSnapshot() throws IOException {
    place = DetectDirectory.create(directory);
    stores = place.stores();
  }

  private Tool detect(Object... more) {
    List<Object> args =
        new ArrayList<>(List.of("detect", "--store", stores, "--output", place.output()));
    args.addAll(List.of(more));
    return Tool.run(args.toArray());
  }

  /** Returns what the document written last says of blocks and deletions, whole. */
  private List<String> blocks() {
    List<String> texts = new ArrayList<>();
    for (Json vgroup : Json.read(place.output()).get("vgroups").list()) {
      for (String field :
          List.of("database", "precision", "minutesPerFileSet", "verdict", "completeThrough")) {
        texts.add(field + vgroup.get(field));
      }
      texts.add(vgroup.get("blocks") + "" + vgroup.get("deletions") + vgroup.get("known"));
    }
    return texts;
  }

  @Test
  void shouldAnswerFromStoresAloneWhatTheLogsWouldAndChangeNothing() throws Exception {
    place.detect("--store", stores);
    final List<String> expected = blocks();
    place.detect("--store", stores, "--since", "wal:1/5", "--vgroup", 24);
    final List<String> expectedSince = blocks();
    FileTrees.delete(place.data());
    List<Path> before = files();

    Tool ever = detect();
    final List<String> answered = blocks();
    final Tool since = detect("--since", "wal:1/5", "--vgroup", 24);

    assertEquals(ExitCode.DONE, ever.exitCode(), ever.err());
    assertEquals(expected, answered);
    assertEquals(
        "asked as far as the log was read by whoever follows vnode23, vnode24; the cursor of --since"
            + " last stays",
        ever.errLine());
    assertEquals(ExitCode.DONE, since.exitCode(), since.err());
    assertEquals(expectedSince, blocks());
    assertEquals(before, files());
    assertEquals(ExitCode.NOT_READY, detect("--since", "wal:1/9999").exitCode());
    assertEquals(
        DETECT + "unknown database: value=water, there=power" + SEE,
        detect("--database", "water").errLine());
  }

  private List<Path> files() throws IOException {
    try (var walk = Files.walk(stores)) {
      return walk.sorted().toList();
    }
  }

  @Test
  void shouldAnswerTheSpecificationsFormFromStores() {
    place.detect("--store", stores);

    Tool run =
        Tool.run(
            "--detect",
            "--host",
            "localhost",
            "--port",
            6030,
            "--store",
            stores,
            "--since",
            0,
            "--output",
            place.output());

    assertEquals(ExitCode.DONE, run.exitCode(), run.err());
    assertTrue(run.err().contains("--host and --port are not used: --store was given"), run.err());
  }

  @Test
  void shouldSayWhatAStoreAloneCannotDo() throws Exception {
    assertEquals(
        DETECT + "no store of a vgroup here: directory=" + stores + SEE, detect().errLine());
    place.detect("--store", stores);
    assertEquals(
        DETECT
            + "--since last moves a cursor, which takes DATA_DIR: give it too, or --since wal:G/N as"
            + " the last answer printed it"
            + SEE,
        detect("--since", "last").errLine());
    Path file = stores.resolve("vnode23").resolve("VNODE");
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    Tool unknown = detect();
    assertEquals(ExitCode.PARTIAL, unknown.exitCode(), unknown.err());
    assertTrue(
        unknown
            .err()
            .contains(
                "vnode23: store does not say what its vgroup is: ask once with the data directory:"
                    + " store="
                    + stores.resolve("vnode23")),
        unknown.err());
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);

    Tool damaged = detect("--vgroup", 24);

    assertTrue(damaged.err().contains("corrupt file: wrong payload CRC"), damaged.err());
    Tool check = Tool.run("check", stores.resolve("vnode23"));
    assertEquals(ExitCode.VERIFICATION_FAILED, check.exitCode());
    assertTrue(check.out().contains("VIEW"), check.out());
    assertEquals(ExitCode.DONE, place.detect("--store", stores).exitCode());
    assertEquals(ExitCode.DONE, Tool.run("check", stores.resolve("vnode23")).exitCode());
    assertTrue(Tool.run("inspect", file).out().contains("power"));
  }

  @Test
  void shouldWriteTheSameScriptFromStoresAsFromLogsAndMoveNoCursor() throws Exception {
    Path fromLogs = directory.resolve("from-logs");
    Path fromStores = directory.resolve("from-stores");
    place.detect("--store", stores);
    Tool logs = Tool.run("script", place.data(), "--store", stores, "--output", fromLogs);
    FileTrees.delete(place.data());

    Tool alone = Tool.run("script", "--store", stores, "--output", fromStores, "--json");

    assertEquals(ExitCode.DONE, logs.exitCode(), logs.err());
    assertEquals(ExitCode.DONE, alone.exitCode(), alone.err());
    assertEquals(calls(fromLogs), calls(fromStores));
    assertEquals(
        Files.readString(fromLogs.resolve("restore.sql")),
        Files.readString(fromStores.resolve("restore.sql")));
    assertFalse(
        Files.readString(fromStores.resolve("export.json")).contains("\"movesCursors\":true"));
  }

  private static List<String> calls(Path script) throws IOException {
    return Files.readAllLines(script.resolve("export.sh")).stream()
        .filter(line -> line.startsWith("dump 0"))
        .toList();
  }

  @Test
  void shouldCopyBesideAProcessThatFollowsAndLeaveTheCursorToIt() throws Exception {
    TaosdumpPlace taosdump = TaosdumpPlace.create(directory.resolve("bin"));
    place.detect("--store", stores);
    List<VgroupDetection> holders = new ArrayList<>();
    for (VgroupPlace vgroup : VgroupPlace.of(VnodeDirectory.find(place.data()), stores)) {
      holders.add(VgroupDetection.open(vgroup));
    }

    Tool run =
        Tool.run(
            "script",
            place.data(),
            "--store",
            stores,
            "--output",
            directory.resolve("dump"),
            "--run",
            "--taosdump",
            taosdump.program(),
            "--json");
    Tool last =
        Tool.run(
            "script",
            place.data(),
            "--store",
            stores,
            "--since",
            "last",
            "--output",
            directory.resolve("another"));

    assertEquals(ExitCode.DONE, run.exitCode(), run.err());
    assertTrue(run.out().contains("\"cursorMoved\":false"), run.out());
    assertEquals(ExitCode.LOCKED, last.exitCode(), last.err());
    for (VgroupDetection holder : holders) {
      holder.close();
    }
  }

  /** One row, which comes once. */
  private static final class OneRow implements RowFeed {
    @Override
    public Batch read(long expected) {
      Row row = new Row(new Table(1_001, 7, "d1", "meters"), Instant.parse("2026-11-01T00:00:00Z"));
      return expected > 0
          ? new Batch(0, expected, expected, List.of(), new TreeSet<>())
          : new Batch(0, 1, 1, List.of(row), new TreeSet<>());
    }
  }

  /** Where a topic is read nobody may be able to read the WAL: it is taken away here. */
  @Test
  void shouldBackUpWhatWasReadByATopicWithoutTheLogs() throws Exception {
    List<VnodeDirectory> vnodes = VnodeDirectory.find(place.data());
    VnodeFollower.Clocks clocks =
        new VnodeFollower.Clocks(SystemEpochClock.INSTANCE, SystemNanoClock.INSTANCE);
    for (VnodeDirectory vnode : vnodes) {
      try (VnodeFollower follower =
          VnodeFollower.open(
              new TopicLog(vnode, new OneRow(), clocks.epoch()),
              stores.resolve(String.valueOf(vnode.path().getFileName())),
              TrackerOptions.defaults(),
              StoreCounters.inMemory(Map.of(), clocks.epoch()),
              0,
              clocks)) {
        follower.poll(Long.MAX_VALUE);
        follower.counters().close();
      }
      FileTrees.delete(vnode.walDirectory());
    }
    TaosdumpPlace taosdump = TaosdumpPlace.create(directory.resolve("bin"));
    Tool detected = detect();
    assertEquals(ExitCode.FULL_REQUIRED, detected.exitCode(), detected.err());
    assertTrue(blocks().toString().contains("d1"), blocks().toString());

    List<Boolean> fulls = new ArrayList<>();
    TaosdumpBackup backup = new TaosdumpBackup(InstantSource.system(), Map.of());
    backup.run(
        new TopicStores(vnodes, configuration(taosdump)),
        new BackupJob.Listener() {
          @Override
          public void onPlan(String name, boolean isResumed, boolean isFull, int calls) {
            fulls.add(isFull);
          }

          @Override
          public void onProgress(int callsDone, long rows, long remainingMs) {}
        });

    assertEquals(List.of(true), fulls);
    try (var made = Files.list(directory.resolve("backups"))) {
      assertTrue(Files.exists(made.findFirst().orElseThrow().resolve("COMPLETE")));
    }
  }

  private Configuration configuration(TaosdumpPlace taosdump) throws IOException {
    Map<String, String> values =
        Map.of(
            "agent.source",
            "tmq",
            "backup.directory",
            directory.resolve("backups").toString(),
            "backup.taosdump",
            taosdump.program().toString(),
            "backup.retry_count",
            "0");
    return LiveConfiguration.read(new ConfigurationSource(null, Map.of(), values)).current();
  }

  /** Stores that nobody has open. */
  private final class TopicStores implements BackupJob.Stores {
    private final List<VnodeDirectory> vnodes;
    private final Configuration configuration;

    TopicStores(List<VnodeDirectory> vnodes, Configuration configuration) {
      this.vnodes = vnodes;
      this.configuration = configuration;
    }

    @Override
    public Configuration configuration() {
      return configuration;
    }

    @Override
    public List<VnodeDirectory> vnodes() {
      return vnodes;
    }

    @Override
    public List<BackupJob.Engine> engines() {
      return List.of();
    }

    @Override
    public Path directory() {
      return stores;
    }

    @Override
    public <T> T lend(BackupJob.Work<T> work) throws IOException {
      return work.work();
    }

    @Override
    public <T> T lend(BackupJob.Engine engine, BackupJob.Work<T> work) throws IOException {
      return work.work();
    }
  }
}
