package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalEventSource;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DetectCommandTest {
  private static final String NAME = "incremental_bitmap_tool detect: ";
  private static final String SEE = " (see: incremental_bitmap_tool detect --help)";

  private static final long BLOCKS_OF_FIRST = 38;
  private static final long BLOCKS_OF_SECOND = 32;

  @TempDir private Path directory;

  private DemoServer server;
  private Path data;
  private Path stores;
  private Path output;

  @BeforeEach
  void writeFirstSnapshot() throws IOException {
    data = directory.resolve("data");
    stores = directory.resolve("stores");
    output = directory.resolve("blocks.json");
    server = new DemoServer(data, directory.resolve("staging"));
    server.writeAll(1);
  }

  private Tool detect(Object... more) {
    Object[] args = new Object[more.length + 4];
    args[0] = "detect";
    args[1] = data;
    args[2] = "--output";
    args[3] = output;
    System.arraycopy(more, 0, args, 4, more.length);
    return Tool.run(args);
  }

  private long blockCount() {
    return Long.parseLong(Json.read(output).get("blockCount").toString());
  }

  @Test
  void shouldAnswerWithoutAStoreAndLeaveNothingBehind() throws IOException {
    Tool run = detect();

    assertEquals(ExitCode.DONE, run.exitCode(), run.err());
    assertEquals("", run.err());
    assertTrue(run.out().contains("EXACT: 38 blocks changed; exactly these"), run.out());
    assertEquals(BLOCKS_OF_FIRST, blockCount());
    try (var files = Files.list(directory)) {
      assertEquals(
          List.of("blocks.json", "data"), files.map(DetectCommandTest::name).sorted().toList());
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  @Test
  void shouldWriteEveryFieldOfTheDocumentedSchema() {
    assertEquals(ExitCode.DONE, detect("--vgroup", 23, "--since", "wal:1/12").exitCode());

    Json document = Json.read(output);
    assertEquals(
        List.of(
            "schema",
            "schemaVersion",
            "tool",
            "toolVersion",
            "created",
            "since",
            "verdict",
            "blockCount",
            "vgroups",
            "failures"),
        document.names());
    assertEquals("tidemark.incremental-blocks", document.get("schema").value());
    assertEquals(1L, document.get("schemaVersion").value());
    assertEquals("incremental_bitmap_tool", document.get("tool").value());
    assertTrue(document.get("created").toString().endsWith("Z"));
    assertEquals(
        "{asked=wal:1/12, form=wal, generation=1, walOffset=12, timestampNs=null}",
        document.get("since").toString());
    assertEquals("EXACT", document.get("verdict").value());
    assertEquals(List.of(), document.get("failures").list());

    Json vgroup = document.get("vgroups").get(0);
    assertEquals(
        List.of(
            "vgroup",
            "database",
            "verdict",
            "surplus",
            "holes",
            "completeThrough",
            "sinceJournalPosition",
            "journalPosition",
            "tail",
            "recovery",
            "blocks"),
        vgroup.names());
    assertEquals(23L, vgroup.get("vgroup").value());
    assertEquals("power", vgroup.get("database").value());
    assertEquals("EXACT", vgroup.get("verdict").value());
    assertEquals(0L, vgroup.get("surplus").value());
    assertEquals(List.of(), vgroup.get("holes").list());
    assertEquals("{generation=1, walOffset=13}", vgroup.get("completeThrough").toString());
    assertEquals("null", vgroup.get("sinceJournalPosition").toString());
    assertTrue(vgroup.get("journalPosition").value() instanceof String);
    assertEquals("null", vgroup.get("tail").toString());
    assertEquals("new store", vgroup.get("recovery").value());

    Json block = vgroup.get("blocks").get(0);
    assertEquals(
        List.of(
            "id",
            "kind",
            "type",
            "vgroup",
            "table",
            "stable",
            "uid",
            "fileSet",
            "firstGeneration",
            "firstWalOffset",
            "generation",
            "lastWalOffset",
            "timestampNs",
            "dataRange"),
        block.names());
    for (String id : List.of("id", "uid", "firstGeneration", "firstWalOffset", "timestampNs")) {
      assertTrue(block.get(id).toString().matches("\\d+"), id);
      assertTrue(block.get(id).value() instanceof String, id);
    }
    assertEquals("13", block.get("firstWalOffset").value());
    assertEquals("13", block.get("lastWalOffset").value());
    assertEquals("1", block.get("generation").value());
  }

  @Test
  void shouldGiveADataBlockTheRangeOfItsFileSetAndADefinitionNone() {
    assertEquals(ExitCode.DONE, detect("--vgroup", 23).exitCode());

    for (Json block : Json.read(output).get("vgroups").get(0).get("blocks").list()) {
      if (block.get("type").toString().equals("data")) {
        long first = Long.parseLong(block.get("dataRange").get("first").toString());
        long last = Long.parseLong(block.get("dataRange").get("last").toString());
        long fileSet = Long.parseLong(block.get("fileSet").toString());
        assertEquals(fileSet * 86_400_000L, first);
        assertEquals(first + 86_399_999L, last);
        assertEquals("ms", block.get("dataRange").get("precision").value());
        assertFalse(block.get("table").toString().isEmpty());
      } else {
        assertEquals("null", block.get("dataRange").toString());
        assertEquals("null", block.get("fileSet").toString());
      }
    }
  }

  @Test
  void shouldAnswerLastWithWhatChangedSinceTheDetectionBefore() throws IOException {
    detect("--store", stores);
    server.writeAll(2);

    Tool second = detect("--store", stores, "--since", "last");
    final long secondCount = blockCount();
    final Tool third = detect("--store", stores, "--since", "last");

    assertEquals(ExitCode.DONE, second.exitCode(), second.err());
    assertEquals(BLOCKS_OF_SECOND, secondCount);
    assertEquals(ExitCode.DONE, third.exitCode(), third.err());
    assertEquals(0, blockCount());
    assertFalse(second.out().contains("dropped"), second.out());
  }

  @Test
  void shouldTakeTheFirstLastOfAStoreForEverythingKnown() {
    detect("--store", stores, "--since", "last");

    assertEquals(BLOCKS_OF_FIRST, blockCount());
    assertEquals("0", Json.read(output).get("vgroups").get(0).get("sinceJournalPosition").value());
  }

  @Test
  void shouldNotMoveLastByAQuestionAboutAPosition() {
    detect("--store", stores, "--since", "wal:1/5");

    detect("--store", stores, "--since", "last");

    assertEquals(BLOCKS_OF_FIRST, blockCount());
  }

  @Test
  void shouldNotMoveLastWhenTheOutputCouldNotBeWritten() {
    assumeTrue(Files.exists(Path.of("/dev/full")), "this system has no /dev/full");
    Tool failed = Tool.run("detect", data, "--store", stores, "--output", "/dev/full");

    detect("--store", stores, "--since", "last");

    assertEquals(ExitCode.FAILED, failed.exitCode());
    assertEquals(
        NAME + "cannot write the output: No space left on device: file=/dev/full",
        failed.errLine());
    assertEquals(BLOCKS_OF_FIRST, blockCount());
  }

  @Test
  void shouldAnswerForATime() {
    detect("--since", "time:2000-01-01T00:00:00Z");
    final long all = blockCount();
    detect("--since", "time:2200-01-01T00:00:00Z");

    assertEquals(BLOCKS_OF_FIRST, all);
    assertEquals(0, blockCount());
    assertEquals(
        "{asked=time:2200-01-01T00:00:00Z, form=time, generation=null, walOffset=null,"
            + " timestampNs=7258118400000000000}",
        Json.read(output).get("since").toString());
  }

  @Test
  void shouldWarnWhenOnePositionIsAskedOfSeveralLogs() {
    Tool run = detect("--since", "wal:5");

    assertEquals(ExitCode.DONE, run.exitCode());
    assertEquals(
        "--since wal:5 is applied to each of 2 vgroups, whose logs are unrelated:"
            + " --vgroup chooses one",
        run.errLine());
  }

  @Test
  void shouldBeNotReadyBeyondTheEndOfTheLog() {
    Tool run = detect("--since", "wal:1/9999", "--vgroup", 23);

    assertEquals(ExitCode.NOT_READY, run.exitCode());
    assertEquals("NOT_READY", Json.read(output).get("verdict").value());
    assertTrue(run.out().contains("NOT_READY: 0 blocks changed"), run.out());
  }

  @Test
  void shouldNameTheHoleWhenTheServerRecycledTheLog() throws IOException {
    Files.delete(data.resolve("vnode23/wal/00000000000000000000.log"));

    Tool run = detect();

    assertEquals(ExitCode.FULL_REQUIRED, run.exitCode());
    Json document = Json.read(output);
    assertEquals("FULL_REQUIRED", document.get("verdict").value());
    Json vgroup = document.get("vgroups").get(0);
    assertEquals(
        "[{generation=1, first=0, last=6, reason=recycled by the server before it was read}]",
        vgroup.get("holes").toString());
    assertEquals("EXACT", document.get("vgroups").get(1).get("verdict").value());
    assertTrue(
        run.out().contains("WAL 1/0 to 1/6: recycled by the server before it was read"), run.out());
  }

  @Test
  void shouldTellOfATornTail() throws IOException {
    Path log = data.resolve("vnode24/wal/00000000000000000008.log");
    byte[] bytes = Files.readAllBytes(log);
    Files.write(log, Arrays.copyOf(bytes, bytes.length - 1));

    Tool run = detect("--vgroup", 24);

    assertEquals(ExitCode.DONE, run.exitCode());
    Json tail = Json.read(output).get("vgroups").get(0).get("tail");
    assertEquals(List.of("segment", "file", "offset", "lengthBytes", "reason"), tail.names());
    assertEquals("8", tail.get("segment").value());
    assertTrue(run.out().contains("are no record yet"), run.out());
  }

  @Test
  void shouldPutTheDocumentOnStandardOutputAlone() {
    Tool people = Tool.run("detect", data, "--output", "-");
    Tool programs = Tool.run("detect", data, "--output", "-", "--json");

    assertEquals(BLOCKS_OF_FIRST, Json.parse(people.out()).get("blockCount").value());
    assertTrue(people.err().contains("EXACT: 38 blocks changed"), people.err());
    assertEquals(1, programs.out().lines().count());
    assertEquals(BLOCKS_OF_FIRST, Json.parse(programs.out()).get("blockCount").value());
    assertEquals("", programs.err());
  }

  @Test
  void shouldPrintOneJsonObjectALine() {
    Tool run = detect("--json");

    List<Json> lines = run.out().lines().map(Json::parse).toList();
    assertEquals(
        List.of("vgroup", "vgroup", "result"),
        lines.stream().map(line -> line.get("event").toString()).toList());
    assertEquals("EXACT", lines.get(2).get("verdict").value());
    assertEquals(output.toString(), lines.get(2).get("output").value());
    assertEquals(0L, lines.get(2).get("exitCode").value());
  }

  @Test
  void shouldTakeTheSpecificationsFormUnchanged() {
    Tool run =
        Tool.run(
            "--detect",
            "--host",
            "localhost",
            "--port",
            "6030",
            "--database",
            "test_db",
            "--since",
            "1640995200",
            "--output",
            output);

    assertEquals(ExitCode.USAGE, run.exitCode());
    assertEquals(
        NAME
            + "--host needs a source over JDBC, which is not available yet: give --data-dir with"
            + " the server's data directory: host=localhost"
            + SEE,
        run.errLine());
  }

  @Test
  void shouldTakeABareNumberAsSecondsInTheSpecificationsForm() {
    Tool run =
        Tool.run(
            "--detect",
            "--data-dir",
            data,
            "--database",
            "power",
            "--since",
            "1640995200",
            "--output",
            output);

    assertEquals(ExitCode.DONE, run.exitCode());
    assertEquals("--since 1640995200 is taken as seconds since the epoch", run.errLine());
    assertEquals(
        "{asked=1640995200, form=time, generation=null, walOffset=null,"
            + " timestampNs=1640995200000000000}",
        Json.read(output).get("since").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1640995200", "wal:", "time:2026-01-31", "never"})
  void shouldRefuseABadSinceBeforeItReadsAnything(String since) {
    Tool run = detect("--since", since);

    assertEquals(ExitCode.USAGE, run.exitCode());
    assertTrue(run.errLine().startsWith(NAME + "--since "), run.err());
    assertTrue(run.errLine().endsWith(": value=" + since + SEE), run.err());
    assertFalse(Files.exists(output));
  }

  @Test
  void shouldRefuseLastWithoutAStore() {
    Tool run = detect("--since", "last");

    assertEquals(ExitCode.USAGE, run.exitCode());
    assertEquals(
        NAME + "--since last needs the store of the last detection: give --store" + SEE,
        run.errLine());
  }

  @Test
  void shouldListWhatIsThereWhenTheDatabaseOrVgroupIsUnknown() {
    Tool database = detect("--database", "water");
    Tool vgroup = detect("--vgroup", 7);

    assertEquals(ExitCode.USAGE, database.exitCode());
    assertEquals(NAME + "unknown database: value=water, there=power" + SEE, database.errLine());
    assertEquals(ExitCode.USAGE, vgroup.exitCode());
    assertEquals(NAME + "unknown vgroup: value=7, there=[23, 24]" + SEE, vgroup.errLine());
  }

  @Test
  void shouldRefuseADirectoryThatHoldsNoVnode() throws IOException {
    Path empty = Files.createDirectory(directory.resolve("empty"));

    Tool missing = Tool.run("detect", directory.resolve("nowhere"), "--output", output);
    Tool nothing = Tool.run("detect", empty, "--output", output);
    Tool none = Tool.run("detect", "--output", output);

    assertEquals(ExitCode.USAGE, missing.exitCode());
    assertEquals(
        NAME + "directory does not exist: directory=" + directory.resolve("nowhere"),
        missing.errLine());
    assertEquals(ExitCode.USAGE, nothing.exitCode());
    assertEquals(NAME + "directory holds no vnode: directory=" + empty, nothing.errLine());
    assertEquals(ExitCode.USAGE, none.exitCode());
    assertEquals(
        NAME + "no data directory given: give DATA_DIR or --data-dir" + SEE, none.errLine());
  }

  @Test
  void shouldSayThatItMayNotReadADirectory() throws IOException {
    assumeFalse("root".equals(System.getProperty("user.name")), "root may read every directory");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("---------"));
    try {
      Tool run = detect();

      assertEquals(ExitCode.FAILED, run.exitCode());
      assertEquals(NAME + "no permission to read: directory=" + data, run.errLine());
    } finally {
      Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void shouldRefuseAnOutputItCannotWriteBeforeItReadsAnything() {
    Path nowhere = directory.resolve("no/such.json");
    Tool missing = Tool.run("detect", data, "--store", stores, "--output", nowhere);
    Tool isDirectory = Tool.run("detect", data, "--store", stores, "--output", directory);

    assertEquals(ExitCode.USAGE, missing.exitCode());
    assertEquals(
        NAME + "cannot write the output: its directory does not exist: file=" + nowhere,
        missing.errLine());
    assertEquals(ExitCode.USAGE, isDirectory.exitCode());
    assertEquals(
        NAME + "cannot write the output: it is a directory: file=" + directory,
        isDirectory.errLine());
    assertFalse(Files.exists(stores));
  }

  @Test
  void shouldRefuseAStoreInsideTheServersDirectory() {
    Tool inside = detect("--store", data.resolve("stores"));

    assertEquals(ExitCode.USAGE, inside.exitCode());
    assertEquals(
        NAME
            + "--store lies inside the server's data directory: directory="
            + data.resolve("stores")
            + SEE,
        inside.errLine());
    assertFalse(Files.exists(data.resolve("stores")));
  }

  @Test
  void shouldRefuseToPutAStoreIntoAVnode() {
    Tool beside = Tool.run("detect", data.resolve("vnode23"), "--store", data, "--output", output);

    assertEquals(ExitCode.USAGE, beside.exitCode());
    assertEquals(
        NAME
            + "--store would put a store into a vnode of the server: directory="
            + data.resolve("vnode23")
            + SEE,
        beside.errLine());
  }

  @Test
  void shouldRefuseOneStoreWhereADirectoryOfStoresIsMeant() {
    detect("--store", stores);

    Tool run = detect("--store", stores.resolve("vnode23"));

    assertEquals(ExitCode.USAGE, run.exitCode());
    assertEquals(
        NAME
            + "--store takes a directory of stores, this is one store: directory="
            + stores.resolve("vnode23")
            + SEE,
        run.errLine());
  }

  @Test
  void shouldBePartialWhenOneOfTheStoresIsLocked() throws Exception {
    VnodeDirectory vnode = VnodeDirectory.find(data).get(1);
    Path locked = stores.resolve("vnode24");
    try (ChangeTracker holder =
        ChangeTracker.open(
            locked, WalEventSource.shardOf(vnode.config()), TrackerOptions.defaults())) {
      assertEquals(0, holder.position());

      Tool both = detect("--store", stores);
      final Json document = Json.read(output);
      final Tool only = detect("--store", stores, "--vgroup", 24);

      String message =
          "store is locked: holder=pid=" + ProcessHandle.current().pid() + ", directory=" + locked;
      assertEquals(ExitCode.PARTIAL, both.exitCode());
      assertEquals(NAME + "1 of 2 vgroups failed; vnode24: " + message, both.errLine());
      assertEquals("NOT_READY", document.get("verdict").value());
      assertEquals(1, document.get("vgroups").list().size());
      assertEquals(
          "[{vgroup=vnode24, exitCode=6, error=" + message + "}]",
          document.get("failures").toString());
      assertEquals(ExitCode.LOCKED, only.exitCode());
      assertEquals(NAME + "vnode24: " + message, only.errLine());
    }
  }

  @Test
  void shouldRefuseAStoreOfANewerFormat() throws IOException {
    detect("--store", stores, "--vgroup", 23);
    Path identity = stores.resolve("vnode23/STORE");
    byte[] bytes = Files.readAllBytes(identity);
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    header.putShort(10, (short) 99).putInt(12, 0);
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, 64);
    header.putInt(12, (int) crc.getValue());
    Files.write(identity, bytes);

    Tool run = detect("--store", stores, "--vgroup", 23);

    assertEquals(ExitCode.FAILED, run.exitCode());
    assertEquals(
        NAME
            + "vnode23: file format is newer than this program reads: type=STORE, newest=1,"
            + " actual=99, file="
            + identity,
        run.errLine());
  }

  @Test
  void shouldRefuseTheStoreOfAnotherLog() throws IOException {
    detect("--store", stores, "--vgroup", 23);
    Path config = data.resolve("vnode23/vnode.json");
    Files.writeString(
        config, Files.readString(config).replace("2904008795430054708", "2904008795430054709"));

    Tool run = detect("--store", stores, "--vgroup", 23);

    assertEquals(ExitCode.FAILED, run.exitCode());
    assertTrue(
        run.errLine().startsWith(NAME + "vnode23: store tracks another log: expected="), run.err());
  }

  @Test
  void shouldFailForAVnodeWhoseConfigurationIsNoJson() throws IOException {
    Files.writeString(data.resolve("vnode23/vnode.json"), "nonsense");

    Tool run = detect();

    assertEquals(ExitCode.PARTIAL, run.exitCode());
    assertTrue(run.errLine().startsWith(NAME + "1 of 2 vgroups failed; vnode23: "), run.err());
    assertTrue(run.errLine().contains("vnode.json"), run.err());
  }
}
