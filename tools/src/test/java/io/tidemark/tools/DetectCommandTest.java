package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalEventSource;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetectCommandTest {
  private static final String NAME = "incremental_bitmap_tool detect: ";
  private static final long BLOCKS_OF_FIRST = 38;
  private static final long BLOCKS_OF_SECOND = 32;

  @TempDir private Path directory;

  private DetectDirectory place;
  private Path data;
  private Path stores;
  private Path output;

  @BeforeEach
  void writeFirstSnapshot() throws IOException {
    place = DetectDirectory.create(directory);
    data = place.data();
    stores = place.stores();
    output = place.output();
  }

  @Test
  void shouldAnswerWithoutAStoreAndLeaveNothingBehind() throws IOException {
    Tool run = place.detect();

    assertEquals(ExitCode.DONE, run.exitCode(), run.err());
    assertEquals("", run.err());
    assertTrue(run.out().contains("EXACT: 38 blocks changed; exactly these"), run.out());
    assertEquals(BLOCKS_OF_FIRST, place.blockCount());
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
    assertEquals(ExitCode.DONE, place.detect("--vgroup", 23, "--since", "wal:1/12").exitCode());

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
    assertEquals(2L, document.get("schemaVersion").value());
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
            "precision",
            "minutesPerFileSet",
            "verdict",
            "surplus",
            "holes",
            "completeThrough",
            "sinceJournalPosition",
            "journalPosition",
            "tail",
            "recovery",
            "blocks",
            "deletions",
            "known"),
        vgroup.names());
    assertEquals(23L, vgroup.get("vgroup").value());
    assertEquals("power", vgroup.get("database").value());
    assertEquals("ms", vgroup.get("precision").value());
    assertEquals(1_440L, vgroup.get("minutesPerFileSet").value());
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
            "onlyDeletedFrom",
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
    assertEquals(ExitCode.DONE, place.detect("--vgroup", 23).exitCode());

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
  void shouldNameTheRowsThatWereDeletedAndHowManyBlocksThereAre() throws IOException {
    place.server().writeAll(2);

    assertEquals(ExitCode.DONE, place.detect().exitCode());

    List<Json> vgroups = Json.read(output).get("vgroups").list();
    List<Json> deletions = new ArrayList<>();
    vgroups.forEach(vgroup -> deletions.addAll(vgroup.get("deletions").list()));
    assertTrue(
        deletions.stream()
            .anyMatch(
                deletion ->
                    deletion.get("table").toString().equals("d1")
                        && deletion.get("stable").toString().equals("meters")
                        && deletion.get("first").toString().equals("1793497201000")),
        deletions.toString());
    assertEquals(
        List.of("table", "stable", "uid", "generation", "walOffset", "first", "last"),
        deletions.get(0).names());
    assertEquals(List.of("stable", "fileSet", "count"), vgroups.get(0).get("known").get(0).names());
  }

  @Test
  void shouldAnswerLastWithWhatChangedSinceTheDetectionBefore() throws IOException {
    place.detect("--store", stores);
    place.server().writeAll(2);

    Tool second = place.detect("--store", stores, "--since", "last");
    final long secondCount = place.blockCount();
    final Tool third = place.detect("--store", stores, "--since", "last");

    assertEquals(ExitCode.DONE, second.exitCode(), second.err());
    assertEquals(BLOCKS_OF_SECOND, secondCount);
    assertEquals(ExitCode.DONE, third.exitCode(), third.err());
    assertEquals(0, place.blockCount());
    assertFalse(second.out().contains("dropped"), second.out());
  }

  @Test
  void shouldAnswerBesideAProcessThatFollowsAndMoveNoCursor() throws Exception {
    VnodeDirectory vnode = VnodeDirectory.find(place.data()).get(1);
    place.detect("--store", stores, "--since", "wal:1/0");
    final long expected = place.blockCount();
    try (VgroupDetection holder =
        VgroupDetection.open(VgroupPlace.of(List.of(vnode), stores).get(0))) {
      assertTrue(holder.names().size() > 0);

      Tool beside = place.detect("--store", stores, "--since", "wal:1/0");
      final long count = place.blockCount();
      final Tool ever = place.detect("--store", stores);

      assertEquals(ExitCode.DONE, beside.exitCode(), beside.err());
      assertEquals(expected, count);
      assertEquals("EXACT", Json.read(output).get("verdict").toString());
      assertTrue(
          beside.err().contains("read by whoever follows vnode24; the cursor"), beside.err());
      assertEquals(ExitCode.DONE, ever.exitCode(), ever.err());
      assertEquals(BLOCKS_OF_FIRST, place.blockCount());
    }
    place.detect("--store", stores, "--since", "last");
    assertEquals(BLOCKS_OF_FIRST, place.blockCount());
  }

  @Test
  void shouldNotTakeAStoreThatWasJustBegunForACompleteAnswer() throws Exception {
    VnodeDirectory vnode = VnodeDirectory.find(place.data()).get(1);
    try (ChangeTracker holder =
        ChangeTracker.open(
            stores.resolve("vnode24"),
            WalEventSource.shardOf(vnode.config()),
            TrackerOptions.defaults())) {
      assertEquals(0, holder.position());

      Tool run = place.detect("--store", stores, "--vgroup", 24);

      assertEquals(ExitCode.NOT_READY, run.exitCode(), run.err());
    }
  }

  @Test
  void shouldTakeTheFirstLastOfAStoreForEverythingKnown() {
    place.detect("--store", stores, "--since", "last");

    assertEquals(BLOCKS_OF_FIRST, place.blockCount());
    assertEquals("0", Json.read(output).get("vgroups").get(0).get("sinceJournalPosition").value());
  }

  @Test
  void shouldNotMoveLastByAQuestionAboutAPosition() {
    place.detect("--store", stores, "--since", "wal:1/5");

    place.detect("--store", stores, "--since", "last");

    assertEquals(BLOCKS_OF_FIRST, place.blockCount());
  }

  @Test
  void shouldNotMoveLastWhenTheOutputCouldNotBeWritten() {
    assumeTrue(Files.exists(Path.of("/dev/full")), "this system has no /dev/full");
    Tool failed = Tool.run("detect", data, "--store", stores, "--output", "/dev/full");

    place.detect("--store", stores, "--since", "last");

    assertEquals(ExitCode.FAILED, failed.exitCode());
    assertEquals(
        NAME + "cannot write the output: No space left on device: file=/dev/full",
        failed.errLine());
    assertEquals(BLOCKS_OF_FIRST, place.blockCount());
  }

  @Test
  void shouldAnswerForATime() {
    place.detect("--since", "time:2000-01-01T00:00:00Z");
    final long all = place.blockCount();
    place.detect("--since", "time:2200-01-01T00:00:00Z");

    assertEquals(BLOCKS_OF_FIRST, all);
    assertEquals(0, place.blockCount());
    assertEquals(
        "{asked=time:2200-01-01T00:00:00Z, form=time, generation=null, walOffset=null,"
            + " timestampNs=7258118400000000000}",
        Json.read(output).get("since").toString());
  }

  @Test
  void shouldWarnWhenOnePositionIsAskedOfSeveralLogs() {
    Tool run = place.detect("--since", "wal:5");

    assertEquals(ExitCode.DONE, run.exitCode());
    assertEquals(
        "--since wal:5 is applied to each of 2 vgroups, whose logs are unrelated:"
            + " --vgroup chooses one",
        run.errLine());
  }

  @Test
  void shouldBeNotReadyBeyondTheEndOfTheLog() {
    Tool run = place.detect("--since", "wal:1/9999", "--vgroup", 23);

    assertEquals(ExitCode.NOT_READY, run.exitCode());
    assertEquals("NOT_READY", Json.read(output).get("verdict").value());
    assertTrue(run.out().contains("NOT_READY: 0 blocks changed"), run.out());
  }

  @Test
  void shouldNameTheHoleWhenTheServerRecycledTheLog() throws IOException {
    Files.delete(data.resolve("vnode23/wal/00000000000000000000.log"));

    Tool run = place.detect();

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

    Tool run = place.detect("--vgroup", 24);

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
    Tool run = place.detect("--json");

    List<Json> lines = run.out().lines().map(Json::parse).toList();
    assertEquals(
        List.of("vgroup", "vgroup", "result"),
        lines.stream().map(line -> line.get("event").toString()).toList());
    assertEquals("EXACT", lines.get(2).get("verdict").value());
    assertEquals(output.toString(), lines.get(2).get("output").value());
    assertEquals(0L, lines.get(2).get("exitCode").value());
  }
}
