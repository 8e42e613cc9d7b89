package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.tdengine.GeneratedVnode;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.taosdump.ExportTask;
import io.tidemark.testing.FileTrees;
import io.tidemark.tracker.StoreReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScriptCommandTest {
  private static final String NAME = "incremental_bitmap_tool script: ";
  private static final String SEE = " (see: incremental_bitmap_tool script --help)";

  /** Makes a stable too dear to be copied instead of its tables. */
  private static final String A_LOT = "100000000";

  @TempDir private Path directory;

  private DetectDirectory place;
  private Path data;
  private Path dump;
  private TaosdumpPlace taosdump;

  @BeforeEach
  void writeFirstSnapshot() throws IOException {
    place = DetectDirectory.create(directory);
    data = place.data();
    dump = directory.resolve("dump");
    taosdump = TaosdumpPlace.create(directory.resolve("bin"));
  }

  private Tool script(Object... more) {
    List<Object> args = new ArrayList<>(List.of("script", "--output", dump));
    args.addAll(List.of(more));
    return Tool.run(args.toArray());
  }

  private Tool export(Object... more) {
    List<Object> args =
        new ArrayList<>(
            List.of(data, "--run", "--taosdump", taosdump.program(), "--retry-count", 0));
    args.addAll(List.of(more));
    return script(args.toArray());
  }

  /** Brings stores up to the end of the logs. */
  private void detect(Path dataDirectory, Path stores) {
    Path answer = directory.resolve("answer.json");
    Tool run = Tool.run("detect", dataDirectory, "--store", stores, "--output", answer);
    assertEquals(ExitCode.DONE, run.exitCode(), run.err());
  }

  /** Copies everything, so that what comes next is an incremental copy. */
  private void exportBefore() {
    Path next = dump;
    dump = directory.resolve("before");
    assertEquals(ExitCode.DONE, export("--store", place.stores()).exitCode());
    dump = next;
  }

  /** Asserts that the cursor stands at the end of the logs. */
  private void assertNothingIsOwed() {
    dump = directory.resolve("nothing");
    Tool next = script(data, "--store", place.stores(), "--since", "last", "--json");
    assertEquals(0L, Json.parse(next.out()).get("calls").value(), next.out());
  }

  private static List<String> calls(Path script) throws IOException {
    return Files.readAllLines(script).stream().filter(line -> line.startsWith("dump 0")).toList();
  }

  @Test
  void shouldWriteScriptsThatCopyAndRestoreWhatADatabaseHolds() throws Exception {
    Tool run = script(data);

    assertEquals(ExitCode.DONE, run.exitCode(), run.err());
    assertEquals("", run.err());
    assertEquals(
        List.of(
            "dump 000001 TABLE 'ntb' 1793491200000 1793577599999",
            "dump 000002 STABLE 'meters' 1793491200000 1793750399999"),
        calls(dump.resolve("export.sh")));
    assertTrue(
        run.out().contains("database power  2 calls of taosdump, 25 changed blocks,"), run.out());
    assertEquals(0, taosdump.run(dump.resolve("export.sh")));
    assertEquals(0, taosdump.run(dump.resolve("restore.sh"), "power_r"));
    assertEquals(2, taosdump.lines("loaded").size());
  }

  @Test
  void shouldMakeTheSameOfADocumentAsOfTheData() throws Exception {
    place.server().writeAll(3);
    assertEquals(ExitCode.DONE, script(data, "--since", "wal:10").exitCode());
    Path first = dump;
    dump = directory.resolve("another");
    assertEquals(ExitCode.DONE, place.detect("--since", "wal:10").exitCode());

    Tool run = script("--blocks", place.output());

    assertEquals(ExitCode.DONE, run.exitCode(), run.err());
    assertFalse(calls(first.resolve("export.sh")).isEmpty());
    assertEquals(calls(first.resolve("export.sh")), calls(dump.resolve("export.sh")));
    assertEquals(
        Files.readString(first.resolve("restore.sql")),
        Files.readString(dump.resolve("restore.sql")));
  }

  @Test
  void shouldDropReloadAndDeleteAsTheServerDid() throws Exception {
    exportBefore();
    place.server().writeAll(3);

    Tool run = script(data, "--store", place.stores(), "--since", "last");

    assertEquals(ExitCode.DONE, run.exitCode(), run.err());
    String statements = Files.readString(dump.resolve("restore.sql"));
    assertTrue(statements.contains("DROP STABLE IF EXISTS `meters`;\n"), statements);
    assertTrue(statements.contains("DROP TABLE IF EXISTS `ntb`;\n"), statements);
    dump = directory.resolve("kept");
    assertEquals(
        ExitCode.DONE,
        script(data, "--store", place.stores(), "--since", "last", "--altered", "keep").exitCode());
    String kept = Files.readString(dump.resolve("restore.sql"));
    assertTrue(kept.contains("DROP TABLE IF EXISTS `d9`;\n"), kept);
    assertTrue(
        kept.contains("DELETE FROM `d1` WHERE _rowts >= 1793497201000 AND _rowts <= "), kept);
  }

  @Test
  void shouldExportAtOnceAndMoveTheCursorOnlyThen() throws Exception {
    Tool written = script(data, "--store", place.stores(), "--since", "last");
    dump = directory.resolve("failed");
    taosdump.write("missing", "ntb\n");
    Tool failed = export("--store", place.stores(), "--since", "last");
    taosdump.write("missing", "");
    dump = directory.resolve("exported");

    Tool exported = export("--store", place.stores(), "--since", "last");

    assertEquals(ExitCode.DONE, written.exitCode(), written.err());
    assertEquals(ExitCode.FAILED, failed.exitCode());
    assertTrue(
        failed.errLine().startsWith(NAME + "taosdump found nothing of that name"), failed.err());
    assertEquals(ExitCode.DONE, exported.exitCode(), exported.err());
    assertTrue(exported.out().contains("2 of 2: 1 row, stable meters, "), exported.out());
    assertTrue(
        exported.out().contains("exported 2 rows with taosdump 3.3.7.5.alpha"), exported.out());
    assertTrue(Files.exists(dump.resolve("COMPLETE")));
    assertNothingIsOwed();
  }

  @Test
  void shouldGoOnWithAnExportAndMoveTheCursorItIsOf() throws Exception {
    taosdump.write("missing", "ntb\n");
    Tool failed = export("--store", place.stores(), "--since", "last");
    taosdump.write("missing", "");
    int callsBefore = taosdump.lines("calls").size();

    Tool resumed = export("--store", place.stores(), "--resume");
    Tool again = export("--store", place.stores(), "--resume");

    assertEquals(ExitCode.FAILED, failed.exitCode());
    assertEquals(ExitCode.DONE, resumed.exitCode(), resumed.err());
    assertTrue(taosdump.lines("calls").size() > callsBefore);
    assertEquals(ExitCode.FAILED, again.exitCode());
    assertTrue(again.err().contains("it is complete and acknowledged"), again.err());
    assertNothingIsOwed();
  }

  @Test
  void shouldMoveTheCursorBehindWhatAScriptExported() throws Exception {
    script(data, "--store", place.stores(), "--since", "last");
    assertEquals(0, taosdump.run(dump.resolve("export.sh")));
    int calls = taosdump.lines("calls").size();

    Tool resumed = export("--store", place.stores(), "--resume");

    assertEquals(ExitCode.DONE, resumed.exitCode(), resumed.err());
    assertEquals(calls, taosdump.lines("calls").size());
    assertNothingIsOwed();
  }

  @Test
  void shouldAcknowledgeTheRestWhereAProcessDiedBetweenTwoVgroups() throws Exception {
    script(data, "--store", place.stores(), "--since", "last");
    ExportTask task = Objects.requireNonNull(ExportTask.read(dump));
    ExportTask.Interval first = task.intervals().get(0);
    VgroupPlace vgroup = VgroupPlace.of(VnodeDirectory.find(data), place.stores()).get(0);
    assertEquals(first.vgroupId(), vgroup.config().vgroupId());
    try (VgroupDetection open = VgroupDetection.open(vgroup)) {
      open.acknowledge(first, task.chain());
    }

    Tool resumed = export("--store", place.stores(), "--resume");

    assertEquals(ExitCode.DONE, resumed.exitCode(), resumed.err());
    assertNothingIsOwed();
  }

  @Test
  void shouldRefuseToGoOnBehindALaterOne() throws Exception {
    script(data, "--store", place.stores(), "--since", "last");
    final Path early = dump;
    place.server().writeAll(2);
    dump = directory.resolve("late");
    assertEquals(ExitCode.DONE, export("--store", place.stores(), "--since", "last").exitCode());
    dump = early;

    Tool resumed = export("--store", place.stores(), "--resume");

    assertEquals(ExitCode.FAILED, resumed.exitCode());
    assertTrue(resumed.err().contains("a later one was acknowledged"), resumed.err());
  }

  @Test
  void shouldRefuseToGoOnWithWhatItCannotAcknowledge() throws Exception {
    Tool nothing = export("--store", place.stores(), "--resume");
    script(data, "--store", place.stores(), "--since", "last");
    final Tool noStore = export("--resume");
    final Tool otherChoice = export("--store", place.stores(), "--resume", "--full");
    FileTrees.delete(place.stores());
    final Tool noStores = export("--store", place.stores(), "--resume");
    script(data, "--store", place.stores(), "--since", "last");
    Tool otherStore = export("--store", place.stores(), "--resume");

    assertEquals(ExitCode.FAILED, nothing.exitCode());
    assertTrue(nothing.err().contains("no export was begun here"), nothing.err());
    assertEquals(ExitCode.USAGE, noStore.exitCode());
    assertEquals(ExitCode.USAGE, otherChoice.exitCode());
    assertEquals(ExitCode.FAILED, noStores.exitCode());
    assertTrue(noStores.err().contains("a vgroup is not there any more"), noStores.err());
    assertEquals(ExitCode.FAILED, otherStore.exitCode());
    assertTrue(otherStore.err().contains("not there any more"), otherStore.err());
    assertEquals(List.of(), taosdump.lines("calls"));
  }

  @Test
  void shouldMoveNoCursorOfAStoreThatIsAnotherOneSinceItBegan() throws Exception {
    Path other = directory.resolve("other");
    detect(data, other);
    Path last = other.resolve("vnode24");
    taosdump.write(
        "hook",
        String.format(
            "[ ! -d '%s' ] || { rm -r '%s' && mv '%s' '%s'; }\n",
            last, place.stores().resolve("vnode24"), last, place.stores().resolve("vnode24")));

    Tool run = export("--store", place.stores(), "--since", "last");

    assertEquals(ExitCode.FAILED, run.exitCode());
    assertTrue(
        run.errLine()
            .startsWith(
                NAME
                    + "export is complete, but cannot be acknowledged: it was planned with another"
                    + " store: expected="),
        run.err());
    for (Path store :
        List.of(place.stores().resolve("vnode23"), place.stores().resolve("vnode24"))) {
      assertNull(StoreReader.open(store).chains().get(ScriptCommand.CHAIN));
    }
  }

  @Test
  void shouldTakeATableForGoneThatWasDroppedWhileItExported() throws Exception {
    exportBefore();
    place.server().writeAll(2);
    Path next = directory.resolve("next");
    new DemoServer(next, directory.resolve("unused")).writeAll(3);
    Object[] tableByTable = {
      "--store", place.stores(), "--since", "last", "--rows-per-block", A_LOT
    };
    taosdump.write("missing", "d9\n");
    Tool still = export(tableByTable);
    dump = directory.resolve("another");
    taosdump.write("hook", "cp -r '" + next + "'/* '" + data + "'\n");
    Tool run = export(tableByTable);

    assertEquals(ExitCode.FAILED, still.exitCode());
    assertTrue(still.errLine().contains("nobody knows that it was dropped"), still.err());
    assertEquals(ExitCode.DONE, run.exitCode(), run.err());
    assertTrue(run.out().contains("dropped meanwhile: d9"), run.out());
  }

  @Test
  void shouldTakeATableForGoneWhoseDropStoresTellAlone() throws Exception {
    Path stores = place.stores();
    place.server().writeAll(2);
    detect(data, stores);
    try (GeneratedVnode other = GeneratedVnode.create(directory, 99, "other", 3600)) {
      other.insert(1, 1);
      detect(other.directory().path(), stores);
    }
    Object[] run = {"--store", stores, "--run", "--taosdump", taosdump.program()};
    List<Object> begin = new ArrayList<>(List.of("--database", "power", "--rows-per-block", A_LOT));
    begin.addAll(List.of(run));
    taosdump.write("missing", "d9\n");
    Tool still = script(begin.toArray());
    place.server().writeAll(3);
    detect(data, stores);

    Tool resumed = script("--store", stores, "--resume", "--taosdump", taosdump.program());

    assertEquals(ExitCode.FAILED, still.exitCode());
    assertTrue(still.err().contains("nobody knows that it was dropped"), still.err());
    assertEquals(ExitCode.DONE, resumed.exitCode(), resumed.err());
    assertTrue(resumed.out().contains("dropped meanwhile: d9"), resumed.out());
  }

  @Test
  void shouldAskForEverythingWhereTheLogHasAHole() throws Exception {
    Files.delete(data.resolve("vnode23/wal/00000000000000000000.log"));

    Tool refused = script(data);
    final boolean isAnythingThere = Files.exists(dump);
    final Tool full = script(data, "--full");

    assertEquals(ExitCode.FULL_REQUIRED, refused.exitCode());
    assertEquals(
        NAME
            + "part of the log is unknown, an incremental copy would lack it: copy everything with"
            + " --full: database=power",
        refused.errLine());
    assertFalse(isAnythingThere);
    assertEquals(ExitCode.DONE, full.exitCode(), full.err());
    assertEquals(List.of("dump 000001 DATABASE 'power'"), calls(dump.resolve("export.sh")));
  }

  @Test
  void shouldTakeNamesFromAFileWhereTheLogDoesNotTellThem() throws Exception {
    Path log = data.resolve("vnode23/wal/00000000000000000000.log");
    place.detect("--store", place.stores());
    place.server().writeAll(2);
    place.detect("--store", place.stores(), "--since", "last");
    String named = Files.readString(place.output());
    String unnamed = named.replaceAll("\"(table|stable)\" : \"[^\"]*\"", "\"$1\" : null");
    Files.writeString(place.output(), unnamed);
    Path names = directory.resolve("names.csv");
    Files.writeString(names, names(named));

    Tool refused = script("--blocks", place.output());
    Tool run = script("--blocks", place.output(), "--names", names);

    assertTrue(Files.exists(log));
    assertEquals(ExitCode.FAILED, refused.exitCode());
    assertTrue(refused.errLine().contains(" has no name in the log, which began"), refused.err());
    assertEquals(ExitCode.DONE, run.exitCode(), run.err());
    String statements = Files.readString(dump.resolve("restore.sql"));
    assertTrue(statements.contains("DELETE FROM `ntb` WHERE"), statements);
    Files.writeString(names, "heading\n1,a,b\n2,\"a,b\n");
    dump = directory.resolve("another");
    assertEquals(
        NAME + "not a line uid,table,stable: line=3, file=" + names,
        script("--blocks", place.output(), "--names", names).errLine());
  }

  /** Returns the names in a document as the server's shell writes them. */
  private static String names(String document) {
    Map<String, String> lines = new TreeMap<>();
    for (Json vgroup : Json.parse(document).get("vgroups").list()) {
      for (Json block : vgroup.get("blocks").list()) {
        if (!block.get("type").toString().equals("stable")) {
          String uid = block.get("uid").toString();
          String stable = block.get("stable").value() == null ? "NULL" : "'meters'";
          lines.put(uid, uid + ",\"" + block.get("table") + "\"," + stable);
        }
      }
    }
    return "uid,table_name,stable_name\n" + String.join("\n", lines.values()) + "\n";
  }

  @Test
  void shouldRefuseWhatCannotBeCopied() throws Exception {
    assertEquals(
        NAME + "nothing to copy given: give DATA_DIR, --data-dir, --store or --blocks" + SEE,
        script().errLine());
    assertEquals(
        NAME + "--blocks goes with --database only, it says all else itself" + SEE,
        script(data, "--blocks", "x").errLine());
    assertEquals(
        NAME + "a script copies all vgroups of a database: --vgroup=23" + SEE,
        script(data, "--vgroup", 23).errLine());
    assertEquals(
        NAME + "port is out of range: min=1, max=65535, actual=0" + SEE,
        script(data, "--port", 0).errLine());
    assertEquals(ExitCode.NOT_READY, script(data, "--since", "wal:1/9999").exitCode());
    Files.createDirectories(dump);
    Files.writeString(dump.resolve("mine"), "mine");
    assertEquals(
        NAME + "--output takes a new or empty directory: value=" + dump + SEE,
        script(data).errLine());
  }

  @Test
  void shouldRefuseADocumentThatIsNoneOrOfAnotherVersionOrNotComplete() throws Exception {
    Path document = place.output();
    assertEquals(ExitCode.DONE, place.detect().exitCode());
    String good = Files.readString(document);

    assertTrue(refusalOf(good.substring(0, good.length() / 2)).startsWith("not a document of"));
    assertTrue(refusalOf("[]").startsWith("not a document of changed blocks: expected="));
    assertTrue(refusalOf("{}").startsWith("not a document of changed blocks: schema=:"));
    assertEquals(
        "document is of another version: expected=2, actual=1, file=" + document,
        refusalOf(good.replace("\"schemaVersion\" : 2", "\"schemaVersion\" : 1")));
    assertTrue(
        refusalOf(good.replace("\"kind\" : \"NEW\"", "\"kind\" : \"OLD\""))
            .startsWith("not a document of changed blocks: unknown value: name=kind, value=OLD"));
    assertTrue(
        refusalOf(good.replace("\"uid\"", "\"other\""))
            .startsWith("not a document of changed blocks: field is missing: name=uid"));
    assertTrue(
        refusalOf(good.replace("\"type\" : \"table\"", "\"type\" : \"unknown\""))
            .startsWith("the log does not tell what this block is: vgroup=23, block="));
    assertTrue(
        refusalOf(good.replace("\"verdict\" : \"EXACT\"", "\"verdict\" : \"FULL_REQUIRED\""))
            .startsWith("part of the log is unknown"));
    assertEquals(
        "not every vgroup answered: failures=1, file=" + document,
        refusalOf(
            good.replace("\"failures\" : [ ]", "\"failures\" : [ { \"vgroup\" : \"vnode9\" } ]")));
    assertFalse(Files.exists(dump));
  }

  private String refusalOf(String text) throws IOException {
    Files.writeString(place.output(), text);
    Tool run = script("--blocks", place.output());
    assertTrue(run.exitCode() != ExitCode.DONE, run.out());
    return run.errLine().substring(NAME.length());
  }
}
