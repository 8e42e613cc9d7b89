package io.tidemark.tdengine.taosdump;

import static io.tidemark.block.ChangeKind.DELETED;
import static io.tidemark.block.ChangeKind.DIRTY;
import static io.tidemark.block.ChangeKind.NEW;
import static io.tidemark.block.ChangeKind.REPLACED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.tdengine.taosdump.TaosdumpOutcome.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaosdumpScriptTest {
  private static final ScriptNotes NOTES =
      new ScriptNotes("a test", Instant.EPOCH, List.of("a note\nof two lines"));
  private static final String STABLE = "meters";

  @TempDir private Path directory;

  private Path dump;
  private StandIn server;

  @BeforeEach
  void makeServer() throws IOException {
    dump = directory.resolve("a dump of 'mine'");
    server = StandIn.in(directory.resolve("server"));
  }

  static List<Transcript> exports() {
    return Transcript.some(Transcript.exports());
  }

  static List<Transcript> restores() {
    return Transcript.some(Transcript.restores());
  }

  private void write(TaosdumpPlan plan) throws IOException {
    new TaosdumpScript(plan, NOTES).writeTo(dump);
  }

  private StandIn.Run export() throws IOException, InterruptedException {
    return server.run(dump.resolve("export.sh"));
  }

  private StandIn.Run restore(String... arguments) throws IOException, InterruptedException {
    return server.run(dump.resolve("restore.sh"), arguments);
  }

  private static TaosdumpPlan tables(String... names) throws TaosdumpException {
    SetBuilder set = new SetBuilder();
    for (String name : names) {
      set.rows(DIRTY, name, "", 5);
    }
    return set.plan();
  }

  @ParameterizedTest
  @MethodSource("exports")
  void shouldBelieveARecordedExportExactlyIfItCopiedEverything(Transcript call) throws Exception {
    write(tables("d0"));
    server.answers(call);

    StandIn.Run run = export();

    TaosdumpOutcome expected = RecordedOutcomes.of(call);
    boolean isDone = expected.kind() == Kind.DONE;
    assertEquals(isDone ? 0 : 1, run.exitCode(), run.err());
    assertEquals(isDone, Files.exists(dump.resolve("calls/000001")));
    assertEquals(isDone, Files.exists(dump.resolve("COMPLETE")));
    if (isDone) {
      assertEquals(expected.rows() + "\n", Files.readString(dump.resolve("COMPLETE")));
    } else if (expected.kind() == Kind.MISSING) {
      assertTrue(run.err().contains("not there any more: name=d0. If it was dropped"), run.err());
    } else if (expected.detail().startsWith("taosdump failed")) {
      assertTrue(run.err().strip().endsWith("exit code " + call.exitCode()), run.err());
    } else {
      assertTrue(run.err().strip().endsWith(expected.detail()), run.err());
    }
    assertEquals(List.of(), server.left());
  }

  @ParameterizedTest
  @MethodSource("restores")
  void shouldBelieveARecordedRestoreExactlyIfItLoadedEverything(Transcript call) throws Exception {
    TaosdumpOutcome expected = RecordedOutcomes.of(call);
    write(tables("d0"));
    server.holds(expected.kind() == Kind.DONE ? expected.rows() : 26_006, "d0");
    assertEquals(0, export().exitCode());
    server.answers(call);

    StandIn.Run run = restore("power_r");

    assertEquals(expected.kind() == Kind.DONE ? 0 : 1, run.exitCode(), run.err());
    assertTrue(run.err().strip().endsWith(expected.detail()), run.err());
    assertEquals(List.of(), server.left());
  }

  @Test
  void shouldRefuseARestoreThatLoadedOtherThanWasExported() throws Exception {
    write(tables("d0"));
    server.holds(10, "d0");
    export();
    server.answers(0, "OK: 9 row(s) dumped in!\n");

    StandIn.Run run = restore("power_r");

    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("rows were lost: call=000001, exported=10, loaded=9"), run.err());
  }

  @Test
  void shouldCarryEveryNameThroughTheShell() throws Exception {
    List<String> names =
        List.of("d 0", "d.0", "\"d\"", "电表", "d$(rm x)", "d;d", "d*", "`d`", "$HOME", "#d", "~");
    write(tables(names.toArray(String[]::new)));
    for (String name : names) {
      server.holds(3, name);
    }

    StandIn.Run run = export();

    assertEquals(0, run.exitCode(), run.err());
    assertEquals(3 * names.size() + "\n", Files.readString(dump.resolve("COMPLETE")));
    for (String name : names) {
      String last = "\t[power]\t[" + name + "]";
      assertEquals(
          1, server.lines("calls").stream().filter(call -> call.endsWith(last)).count(), name);
    }
  }

  @Test
  void shouldAskForTimesInUnitsOfTheDatabaseAndForNothingElse() throws Exception {
    SetBuilder set =
        new SetBuilder()
            .rows(DIRTY, "d0", "", -1)
            .table(NEW, "d1", "")
            .rows(REPLACED, "d2", STABLE, 5)
            .table(REPLACED, "d2", STABLE);
    write(set.plan());
    server.holds(1, "d0").holds(0, "d1").holds(7, "d2");

    assertEquals(0, export().exitCode());

    String out = "call\t[-o]\t[calls/00000%d.part/dump]\t[-r]\t[calls/00000%d.part/result.txt]";
    assertEquals(
        List.of(
            String.format(out, 1, 1) + "\t[-S]\t[-86400000]\t[-E]\t[-1]\t[power]\t[d0]",
            String.format(out, 2, 2) + "\t[-S]\t[1]\t[-E]\t[1]\t[power]\t[d1]",
            String.format(out, 3, 3) + "\t[power]\t[d2]"),
        server.lines("calls"));
  }

  @Test
  void shouldGoOnWhereItFailed() throws Exception {
    write(tables("d0", "d1"));
    server.holds(4, "d0");
    StandIn.Run first = export();
    server.holds(5, "d1");

    StandIn.Run second = export();
    final StandIn.Run third = export();

    assertEquals(1, first.exitCode());
    assertEquals(0, second.exitCode(), second.err());
    assertEquals("9\n", Files.readString(dump.resolve("COMPLETE")));
    assertEquals(0, third.exitCode());
    assertEquals(3, server.lines("calls").size());
    assertFalse(Files.exists(dump.resolve("running")));
  }

  @Test
  void shouldMakeACallAgainThatMaySucceedAndNoOther() throws Exception {
    write(tables("d0"));
    server.holds(4, "d0").answers(255, "ERROR: 0x8000000b\n").answers(0, "nothing\n");

    StandIn.Run run = server.run(Map.of("TIDEMARK_RETRY_COUNT", "2"), dump.resolve("export.sh"));

    assertEquals(0, run.exitCode(), run.err());
    assertEquals(3, server.lines("calls").size());

    server.forget("calls");
    write(tables("d0"));
    Files.delete(dump.resolve("COMPLETE"));
    try (Stream<Path> tree = Files.walk(dump.resolve("calls"))) {
      tree.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
    server.answers(255, "ERROR: code: 0x80000357\n");
    assertEquals(
        1, server.run(Map.of("TIDEMARK_RETRY_COUNT", "2"), dump.resolve("export.sh")).exitCode());
    assertEquals(1, server.lines("calls").size());
  }

  @Test
  void shouldLetGoOfWhatIsKnownToBeGone() throws Exception {
    write(tables("d0", "d 1"));
    server.holds(4, "d0");
    assertEquals(1, export().exitCode());
    Files.writeString(dump.resolve("gone"), "d0\nd 1\n");

    assertEquals(0, export().exitCode());
    assertEquals(0, restore("power_r").exitCode());

    assertEquals("4\n", Files.readString(dump.resolve("COMPLETE")));
    assertEquals(1, server.lines("loaded").size());
  }

  @Test
  void shouldHandThePasswordToStandardInputAndLeaveItNowhere() throws Exception {
    write(new SetBuilder().rows(DIRTY, "d0", "", 5).table(DELETED, "d1", "").plan());
    server.holds(4, "d0");
    Map<String, String> environment =
        Map.of(
            "TAOS_PASSWORD",
            StandIn.PASSWORD,
            "password",
            "x",
            "TAOS_USER",
            "me",
            "TAOS_HOST",
            "h");

    StandIn.Run export = server.run(environment, dump.resolve("export.sh"));
    StandIn.Run restore = server.run(environment, dump.resolve("restore.sh"), "power_r");

    assertEquals(0, export.exitCode(), export.err());
    assertEquals(0, restore.exitCode(), restore.err());
    assertEquals(
        List.of(StandIn.PASSWORD, StandIn.PASSWORD, StandIn.PASSWORD), server.lines("password"));
    assertTrue(
        server.lines("calls").get(0).startsWith("call\t[-p]\t[-u]\t[me]\t[-h]\t[h]\t"),
        server.lines("calls").get(0));
    assertFalse(holdsPassword(export.out() + export.err() + restore.out() + restore.err()));
    try (Stream<Path> tree = Files.walk(dump)) {
      for (Path file : (Iterable<Path>) tree.filter(Files::isRegularFile)::iterator) {
        assertFalse(
            holdsPassword(Files.readString(file, StandardCharsets.ISO_8859_1)), file.toString());
      }
    }
  }

  private static boolean holdsPassword(String text) {
    return text.contains(StandIn.PASSWORD) || text.contains("s3cr");
  }

  @Test
  void shouldFindAConfigurationWhoseNameAShellWouldTakeApart() throws Exception {
    write(tables("d0"));
    server.holds(4, "d0");

    StandIn.Run run =
        server.run(Map.of("TAOS_CONFIG_DIR", "/etc/my $taos's"), dump.resolve("export.sh"));

    assertEquals(0, run.exitCode(), run.err());
    assertTrue(
        server.lines("calls").get(0).contains("[-c]\t['/etc/my $taos'\\''s']"),
        server.lines("calls").get(0));
  }

  @Test
  void shouldDropAndDeleteBeforeItLoads() throws Exception {
    SetBuilder set =
        new SetBuilder()
            .rows(DIRTY, "it's", STABLE, 5)
            .deletion("it's", STABLE, -3, 9)
            .table(DELETED, "d 9", STABLE)
            .stable(DELETED, "old");
    write(set.plan());
    server.holds(4, STABLE);
    assertEquals(0, export().exitCode());

    StandIn.Run run = restore("power_r");

    assertEquals(0, run.exitCode(), run.err());
    assertEquals(
        List.of(
            "USE power_r;",
            "DROP STABLE IF EXISTS `old`;",
            "DROP TABLE IF EXISTS `d 9`;",
            "DELETE FROM `it's` WHERE _rowts >= -3 AND _rowts <= 9;"),
        server.lines("executed"));
    assertEquals(List.of("power=power_r 4 meters 432000000 518399999"), server.lines("loaded"));
  }

  @Test
  void shouldLoadNothingIfTheTargetCouldNotBeChanged() throws Exception {
    write(new SetBuilder().rows(DIRTY, "d0", "", 5).table(DELETED, "d1", "").plan());
    server.holds(4, "d0");
    export();
    for (String refused : List.of("DROP", "USE")) {
      server.refuses(refused);

      StandIn.Run run = restore("power_r");

      assertEquals(1, run.exitCode());
      assertTrue(run.err().contains("the target was not changed as it has to be"), run.err());
      assertEquals(List.of(), server.lines("loaded"));
    }
  }

  @Test
  void shouldBeginARestoreAnewUnlessToldToGoOn() throws Exception {
    write(
        new SetBuilder()
            .rows(DIRTY, "d0", "", 5)
            .rows(DIRTY, "d1", "", 5)
            .table(DELETED, "d2", "")
            .plan());
    server.holds(4, "d0").holds(5, "d1");
    export();
    server.answers(0, "OK: 4 row(s) dumped in!\n").answers(0, "ERROR: no\n");
    assertEquals(1, restore("power").exitCode());
    server.forget("calls");

    StandIn.Run resumed = restore("--resume", "power");

    assertEquals(0, resumed.exitCode(), resumed.err());
    assertEquals(1, server.lines("calls").size());
    assertEquals(2, server.lines("executed").size());
    assertEquals(0, restore("power").exitCode());
    assertEquals(3, server.lines("calls").size());
    assertEquals(List.of("same 5 d1 432000000 518399999"), server.lines("loaded").subList(0, 1));
  }

  @Test
  void shouldNotRestoreWhatIsNotExported() throws Exception {
    write(tables("d0"));

    StandIn.Run run = restore("power");

    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("the export is not complete: run export.sh first"), run.err());
  }

  @Test
  void shouldRefuseATargetThatIsNoPlainName() throws Exception {
    write(tables("d0"));

    for (String target : List.of("", "a b", "x;y", "Power", "1a", "a.b")) {
      assertEquals(2, restore(target).exitCode(), target);
    }
    assertEquals(2, restore().exitCode());
    assertEquals(2, restore("a", "b").exitCode());
  }

  @Test
  void shouldKeepTheOutputsOfTwoPlansApart() throws Exception {
    write(tables("d0"));
    final String other = Files.readString(dump.resolve("export.sh"));

    TaosdumpException refused = assertThrows(TaosdumpException.class, () -> write(tables("d1")));

    assertTrue(
        String.valueOf(refused.getMessage())
            .startsWith("this directory holds the output of another plan: expected="));
    assertEquals(other, Files.readString(dump.resolve("export.sh")));
    Path moved = directory.resolve("other");
    new TaosdumpScript(tables("d1"), NOTES).writeTo(moved);
    Files.copy(moved.resolve("export.sh"), dump.resolve("export-2.sh"));
    assertEquals(1, server.run(dump.resolve("export-2.sh")).exitCode());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldEndATaosdumpThatAKilledRunLeftBehind(boolean isScriptNext) throws Exception {
    TaosdumpPlan plan = tables("d0");
    write(plan);
    server.holds(4, "d0");
    Path hang = server.hang();
    ProcessBuilder builder = new ProcessBuilder("sh", dump.resolve("export.sh").toString());
    builder.environment().put("TAOSDUMP", server.taosdump().toString());
    Process killed = builder.start();
    while (!Files.readString(hang).endsWith("\n")) {
      Thread.onSpinWait();
    }
    ProcessHandle left =
        ProcessHandle.of(Long.parseLong(Files.readString(hang).strip())).orElseThrow();
    killed.destroyForcibly().waitFor();
    assertTrue(left.isAlive());
    server.forget("hang");

    if (isScriptNext) {
      StandIn.Run next = export();
      assertEquals(0, next.exitCode(), next.err());
    } else {
      RunOptions options = new RunOptions(server.taosdump().toString(), Connection.DEFAULTS, 0, 0);
      new TaosdumpRunner(plan, dump, options, GoneObjects.NONE, RunListener.NONE).export();
    }

    // Who waits for it may be slow; a dead process has no words.
    Path words = Path.of("/proc/" + left.pid() + "/cmdline");
    assertTrue(!left.isAlive() || Files.readAllBytes(words).length == 0);
    assertFalse(Files.exists(dump.resolve("calls/000001/pid")));
  }

  @Test
  void shouldNotRunTwiceAtOnceNorBeStoppedByARunThatDied() throws Exception {
    write(tables("d0"));
    server.holds(4, "d0");
    long pid = ProcessHandle.current().pid();

    for (String other : List.of(pid + "", pid + " 1795787251087")) {
      Files.writeString(dump.resolve("running"), other + "\n");
      StandIn.Run beside = export();
      assertEquals(1, beside.exitCode());
      assertTrue(beside.err().contains("another run works here: pid=" + pid + ","), beside.err());
    }
    Files.writeString(dump.resolve("running"), "999999999\n");
    final StandIn.Run after = export();

    assertEquals(0, after.exitCode(), after.err());
  }

  @Test
  void shouldDoNothingIfItWasCut() throws Exception {
    write(new SetBuilder().rows(DIRTY, "d0", "", 5).table(DELETED, "d1", "").plan());
    server.holds(4, "d0");
    String end = "say \"complete: $rows_all";

    assertEquals(
        "export.sh: this script is cut: calls=0, expected=1", refusal("export.sh", "dump 000001"));
    assertEquals("export.sh: this script is cut: it has no end", refusal("export.sh", end));
    assertEquals(List.of(), server.lines("calls"));
    export();
    server.forget("calls");
    assertEquals(
        "restore.sh: this script is cut: calls=0, expected=1",
        refusal("restore.sh", "load 000001"));
    assertEquals("restore.sh: this script is cut: it has no end", refusal("restore.sh", end));
    assertEquals(List.of(), server.lines("calls"));
    assertEquals(List.of(), server.lines("executed"));
  }

  /** Runs a script that is cut before a line; returns what it says. */
  private String refusal(String name, String line) throws Exception {
    Path script = dump.resolve(name);
    String whole = Files.readString(script);
    Files.writeString(script, whole.substring(0, whole.lastIndexOf("\n" + line) + 1));

    StandIn.Run run = server.run(script, "power");

    Files.writeString(script, whole);
    assertEquals(1, run.exitCode());
    return run.err().strip();
  }

  @Test
  void shouldChangeNothingInTheTargetIfNotEverythingThatWasExportedIsThere() throws Exception {
    write(
        new SetBuilder()
            .rows(DIRTY, "d0", "", 5)
            .rows(DIRTY, "d1", "", 5)
            .table(DELETED, "d2", "")
            .plan());
    server.holds(4, "d0").holds(4, "d1");
    assertEquals(0, export().exitCode());
    server.forget("calls");
    Path call = dump.resolve("calls/000002");

    assertEquals(
        "an exported file is missing: file=" + call.resolve("dump/dbs.sql"),
        refusalWithout(call.resolve("dump/dbs.sql")));
    assertEquals(
        "an exported call is not as it was left: directory=" + call,
        refusalWithout(call.resolve("rows")));
    assertEquals("an exported call is missing: directory=" + call, refusalWithout(call));
    assertEquals(
        "restore.sql is not as it was left: lines=0, expected=1, file="
            + dump.resolve("restore.sql"),
        refusalWithout(dump.resolve("restore.sql")));
    assertEquals(List.of(), server.lines("calls"));
    assertEquals(List.of(), server.lines("executed"));
    assertEquals(0, restore("power").exitCode());
  }

  /** Tries to restore while a file or directory is away; returns what the script says. */
  private String refusalWithout(Path path) throws Exception {
    Path away = directory.resolve("away");
    Files.move(path, away);

    StandIn.Run run = restore("power");

    Files.move(away, path);
    assertEquals(1, run.exitCode());
    return run.err().strip().replaceFirst("restore.sh: ", "");
  }

  @Test
  void shouldSayThatTaosdumpIsMissing() throws Exception {
    write(tables("d0"));

    StandIn.Run run = server.run(Map.of("TAOSDUMP", "/no/taosdump"), dump.resolve("export.sh"));

    assertEquals(1, run.exitCode());
    assertEquals(
        "export.sh: taosdump was not found: set TAOSDUMP: value=/no/taosdump", run.err().strip());
  }

  @Test
  void shouldCopyAWholeDatabaseWithQuotesWhereItsNameNeedsThem() throws Exception {
    write(TaosdumpPlan.full("Power", CallCosts.DEFAULTS));
    server.holds(9, "Power");

    assertEquals(0, export().exitCode());
    assertEquals(0, restore("power_r").exitCode());

    assertTrue(server.lines("calls").get(0).startsWith("call\t[-e]\t[-o]"));
    assertTrue(server.lines("calls").get(0).endsWith("\t[-D]\t[Power]"));
    assertEquals(List.of("Power=power_r 9 Power"), trimmed(server.lines("loaded")));
  }

  private static List<String> trimmed(List<String> lines) {
    return lines.stream().map(String::strip).toList();
  }

  @Test
  void shouldBeCleanForEveryPosixShell() throws Exception {
    write(
        new SetBuilder()
            .rows(DIRTY, "it's", STABLE, 5)
            .rows(DIRTY, "d 0", "", 5)
            .table(DELETED, "d1", "")
            .plan());
    for (String name : List.of("export.sh", "restore.sh")) {
      Path script = dump.resolve(name);
      assertTrue(Files.isExecutable(script), name);
      assertEquals("", printedBy("sh", "-n", script.toString()));
    }

    for (String name : List.of("export.sh", "restore.sh")) {
      String found = "skipped: there is no shellcheck";
      if (isThere("shellcheck")) {
        found = printedBy("shellcheck", "-s", "sh", dump.resolve(name).toString());
      } else {
        System.out.println("shouldBeCleanForEveryPosixShell: " + found);
        Assumptions.abort(found);
      }
      assertEquals("", found);
    }
  }

  private static boolean isThere(String program) {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static String printedBy(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return printed;
  }
}
