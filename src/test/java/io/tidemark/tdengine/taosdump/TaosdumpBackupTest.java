package io.tidemark.tdengine.taosdump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.backup.BackupCoordinator;
import io.tidemark.backup.BackupOptions;
import io.tidemark.backup.BackupProgress.Listener;
import io.tidemark.backup.BackupProgress.Phase;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.BackupResult;
import io.tidemark.backup.RunPlan;
import io.tidemark.errors.BackupFailedException;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.tdengine.GeneratedVnode;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalContent;
import io.tidemark.tdengine.WalEventSource;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of a coordinator over the WAL of a vnode, exported with taosdump. */
class TaosdumpBackupTest {
  private static final String CHAIN = "nightly";
  private static final int VGROUP = 2;
  private static final int BATCH_SIZE = 2;
  private static final int FLIP_STEP = 97;
  private static final long DAY_MS = 86_400_000;

  /** With calls that cost nothing each table is copied alone. */
  private static final PlanOptions PLAN =
      new PlanOptions(new CallCosts(0, 1, 1), AlteredObjects.RELOAD);

  private static final Listener SILENT = progress -> {};

  @TempDir private Path directory;

  private StandIn server;
  private GeneratedVnode vnode;
  private BitmapEngine store;
  private VnodeEngine engine;
  private TaosdumpTool tool;
  private BackupCoordinator coordinator;

  @BeforeEach
  void open() throws Exception {
    server = StandIn.in(directory.resolve("server")).holds(9, "*");
    vnode = GeneratedVnode.create(directory.resolve("data"), VGROUP, "power", 3600);
    vnode.insert(0, 5);
    vnode.insert(1, 5);
    openStore();
  }

  private void openStore() throws Exception {
    String shard = WalEventSource.shardOf(vnode.directory().config());
    Path root = directory.resolve("store");
    store = BitmapEngine.open(root, shard, TrackerOptions.defaults());
    engine = VnodeEngine.open(vnode.directory(), store);
    RunOptions once = new RunOptions(server.taosdump().toString(), Connection.DEFAULTS, 0, 0);
    tool = new TaosdumpTool(directory.resolve("dumps"), engine, PLAN, once);
    BackupOptions options =
        new BackupOptions(BATCH_SIZE, 0, 0, () -> 1_800_000_000_000L, () -> 0, ns -> {});
    coordinator = BackupCoordinator.open(store, engine, tool, root, options);
  }

  @AfterEach
  void close() throws IOException {
    closeStore();
    vnode.close();
  }

  private void closeStore() throws IOException {
    engine.close();
    store.close();
  }

  private BackupResult full() throws IOException {
    return coordinator.run(BackupRequest.full(CHAIN), SILENT);
  }

  private BackupResult incremental(Listener listener) throws IOException {
    return coordinator.run(BackupRequest.incremental(CHAIN), listener);
  }

  private TaosdumpRun kept(BackupResult result) throws IOException {
    return Objects.requireNonNull(tool.find(result.run().runId()));
  }

  private void drop(int table) throws IOException {
    vnode
        .wal()
        .dropTables(List.of(WalContent.Table.child("d" + table, 1_000 + table, "meters", 7)));
  }

  private static List<String> calls(TaosdumpRun run) {
    return run.dump().calls().stream().map(DumpCall::toString).toList();
  }

  @Test
  void shouldExportEverythingThenWhatChanged() throws Exception {
    TaosdumpRun everything = kept(full());
    Files.writeString(directory.resolve("dumps/notes.txt"), "no run");
    vnode.insert(1, 7);
    TaosdumpRun changed = kept(incremental(SILENT));

    assertEquals(List.of("database power, all of it"), calls(everything));
    assertEquals(List.of("table d1, 604800000 to 691199999"), calls(changed));
    assertEquals(9, changed.rows());
    RunPlan.Parent parent = Objects.requireNonNull(changed.plan().parent());
    assertEquals(everything.digest(), parent.digest());
    assertEquals(List.of(), TaosdumpVerifier.verify(everything));
    assertEquals(List.of(), TaosdumpVerifier.verify(changed));
  }

  @Test
  void shouldLeaveScriptsThatRestoreRunAfterRun() throws Exception {
    TaosdumpRun everything = kept(full());
    vnode.insert(1, 7);
    drop(0);
    TaosdumpRun changed = kept(incremental(SILENT));

    assertEquals(0, server.run(everything.directory().resolve("restore.sh"), "power2").exitCode());
    assertEquals(0, server.run(changed.directory().resolve("restore.sh"), "power2").exitCode());

    assertEquals(
        "DROP TABLE IF EXISTS `d0`;\n",
        Files.readString(changed.directory().resolve("restore.sql")));
    assertEquals(
        List.of("power=power2 9 power", "power=power2 9 d1 604800000 691199999"),
        server.lines("loaded"));
  }

  @Test
  void shouldReloadATableThatWasDeletedFromSinceItWasCreated() throws Exception {
    full();
    vnode.insert(7, 5);
    vnode.wal().delete(WalContent.Delete.of(7, 1_007, 5 * DAY_MS, 5 * DAY_MS, 1));

    TaosdumpRun changed = kept(incremental(SILENT));

    assertEquals(List.of("table d7, all of it"), calls(changed));
    assertEquals(
        "DROP TABLE IF EXISTS `d7`;\n",
        Files.readString(changed.directory().resolve("restore.sql")));
  }

  @Test
  void shouldReloadAnAlteredTableAlthoughAClientAsksForItsCreationWithEveryRow() throws Exception {
    full();
    vnode.insert(1, 5);
    vnode.wal().setTag("d1", 3, "t", new byte[] {1}, 0);
    vnode.insert(1, 6);
    TaosdumpRun altered = kept(incremental(SILENT));
    vnode.insert(1, 7);
    TaosdumpRun filled = kept(incremental(SILENT));

    assertEquals(List.of("table d1, all of it"), calls(altered));
    assertEquals(List.of(new DroppedObject(false, "d1")), altered.dump().drops());
    assertEquals(List.of("table d1, 604800000 to 691199999"), calls(filled));
    assertEquals(List.of(), filled.dump().drops());
  }

  @Test
  void shouldExportADatabaseOfWhichTheLogTellsNothing() throws Exception {
    TaosdumpRun first = kept(full());
    TaosdumpRun second = kept(full());

    assertEquals(9, first.rows());
    assertEquals(9, second.rows());
    assertEquals(0, kept(incremental(SILENT)).rows());
  }

  @Test
  void shouldGoOnWhereAnExportFailed() throws Exception {
    full();
    for (int table = 0; table < 4; table++) {
      vnode.insert(table, 8);
    }
    server.forget("calls");
    server.answers(0, "OK: 9 row(s) dumped out!\n").answers(0, "ERROR: no luck\n");

    assertThrows(TaosdumpException.class, () -> incremental(SILENT));
    RunPlan interrupted = Objects.requireNonNull(coordinator.interrupted(CHAIN));
    assertNull(tool.sealed(interrupted.runId()));
    closeStore();
    openStore();
    BackupResult result = Objects.requireNonNull(coordinator.resume(CHAIN, SILENT));

    TaosdumpRun run = kept(result);
    assertEquals(interrupted.runId(), run.runId());
    assertEquals(4, run.results().size());
    assertEquals(List.of(), TaosdumpVerifier.verify(run));
    assertNull(coordinator.interrupted(CHAIN));
    assertEquals(0, kept(incremental(SILENT)).results().size());
  }

  @Test
  void shouldTakeWhatWasDroppedMeanwhileForNoLoss() throws Exception {
    full();
    vnode.insert(0, 8);
    vnode.insert(1, 8);
    Files.writeString(directory.resolve("server/missing"), "d1\n");
    boolean[] isDropped = new boolean[1];

    BackupResult result =
        incremental(
            progress -> {
              if (progress.phase() == Phase.COPY && !isDropped[0]) {
                isDropped[0] = true;
                try {
                  drop(1);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              }
            });

    assertEquals(1, result.gone()); // Its rows: its definition is what it was.
    assertFalse(result.end().isQuiet());
    assertEquals(9, kept(result).rows());
    TaosdumpRun next = kept(incremental(SILENT));
    assertEquals(List.of(new DroppedObject(false, "d1")), next.dump().drops());
  }

  @Test
  void shouldGiveUpARunThatLacksWhatNobodyDropped() throws Exception {
    BackupResult before = full();
    vnode.insert(0, 8);
    vnode.insert(1, 8);
    Files.writeString(directory.resolve("server/missing"), "d1\n");

    BackupFailedException failure =
        assertThrows(BackupFailedException.class, () -> incremental(SILENT));

    assertTrue(
        String.valueOf(failure.getMessage()).startsWith("block is gone and nobody has deleted it"),
        failure::getMessage);
    assertEquals(List.of(before.run()), tool.runs().stream().map(TaosdumpRun::sealed).toList());
    Files.delete(directory.resolve("server/missing"));
    assertEquals(18, kept(incremental(SILENT)).rows());
  }

  @Test
  void shouldCommitARunThatWasSealedBeforeACrash() throws Exception {
    full();
    vnode.insert(0, 8);
    assertThrows(
        AssertionError.class,
        () ->
            incremental(
                progress -> {
                  if (progress.phase() == Phase.COMMIT) {
                    throw new AssertionError("crash");
                  }
                }));

    closeStore();
    openStore();

    assertNull(coordinator.interrupted(CHAIN));
    assertEquals(1, coordinator.statistics().rolledForward());
    assertEquals(0, kept(incremental(SILENT)).results().size());
  }

  @Test
  void shouldRefuseADatabaseOfSeveralVgroups() throws Exception {
    Path config = vnode.directory().configFile();
    String text = Files.readString(config);
    Files.writeString(config, text.replace("4294967295", "2147483646"));
    VnodeDirectory half = vnode.directory();

    assertEquals(
        "database has several vgroups, and its names are in all of them: export it by script:"
            + " database=power, vgroup=2, hashFirst=0, hashLast=2147483646",
        assertThrows(TaosdumpException.class, () -> VnodeEngine.open(half, store)).getMessage());
  }

  @Test
  void shouldFindEveryFileThatIsNotWhatWasWritten() throws Exception {
    vnode.insert(0, 8);
    TaosdumpRun run = kept(full());
    Set<Path> checked = new TreeSet<>();

    try (Stream<Path> files = Files.walk(run.directory().resolve("calls"))) {
      files.filter(path -> path.toString().contains("/dump/")).forEach(checked::add);
    }
    checked.removeIf(Files::isDirectory);
    checked.add(run.directory().resolve("calls/000001/rows"));
    checked.add(run.directory().resolve("restore.sql"));

    assertTrue(checked.size() > 4, checked::toString);
    for (Path file : checked) {
      byte[] written = Files.readAllBytes(file);
      Files.writeString(file, "other");
      assertFalse(TaosdumpVerifier.verify(run).isEmpty(), file::toString);
      Files.delete(file);
      assertFalse(TaosdumpVerifier.verify(run).isEmpty(), file::toString);
      Files.write(file, written);
    }
    assertEquals(List.of(), TaosdumpVerifier.verify(run));
  }

  @Test
  void shouldNotTakeADamagedManifestForARun() throws Exception {
    BackupResult result = full();
    String runId = result.run().runId();
    Path file = kept(result).directory().resolve(TaosdumpTool.MANIFEST);
    byte[] written = Files.readAllBytes(file);

    for (int at = 0; at < written.length; at += FLIP_STEP) {
      byte[] flipped = written.clone();
      flipped[at] ^= 1;
      Files.write(file, flipped);
      assertThrows(CorruptFileException.class, () -> tool.find(runId));
      assertNull(tool.sealed(runId));
    }
    Files.write(file, written);
    assertNotNull(tool.sealed(runId));
    Path other = directory.resolve("dumps/other");
    Files.createDirectories(other);
    Files.write(other.resolve(TaosdumpTool.MANIFEST), written);
    assertEquals(
        "corrupt file: manifest is of another run: run="
            + runId
            + ", file="
            + other.resolve(TaosdumpTool.MANIFEST),
        assertThrows(CorruptFileException.class, () -> tool.find("other")).getMessage());
  }

  @Test
  void shouldNotGoOnWithARunWhoseCallsAreNotAsTheyWereLeft() throws Exception {
    full();
    for (int table = 0; table < 4; table++) {
      vnode.insert(table, 8);
    }
    server.answers(0, "OK: 9 row(s) dumped out!\n").answers(0, "OK: 9 row(s) dumped out!\n");
    server.answers(0, "ERROR: no luck\n");
    assertThrows(TaosdumpException.class, () -> incremental(SILENT));
    String runId = Objects.requireNonNull(coordinator.interrupted(CHAIN)).runId();
    Path rows = directory.resolve("dumps").resolve(runId).resolve("calls/000001/rows");
    Files.writeString(rows, "8\n");

    String refusal =
        assertThrows(CorruptFileException.class, () -> coordinator.resume(CHAIN, SILENT))
            .getMessage();

    assertEquals(
        "corrupt run: a call is not as it was left: expectedRows=9, actual=8, directory="
            + rows.getParent(),
        refusal);
    assertTrue(coordinator.abort(CHAIN));
    assertEquals(4, kept(incremental(SILENT)).results().size());
  }
}
