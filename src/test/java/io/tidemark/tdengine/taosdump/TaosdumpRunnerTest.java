package io.tidemark.tdengine.taosdump;

import static io.tidemark.block.ChangeKind.DIRTY;
import static io.tidemark.block.ChangeKind.NEW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.tdengine.taosdump.TaosdumpOutcome.Kind;
import io.tidemark.testing.FileTrees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaosdumpRunnerTest {
  private static final int RETRIES = 2;
  private static final long INTERVAL_MS = 1_234;
  private static final long CALL_MS = 100;

  @TempDir private Path directory;

  private Path dump;
  private StandIn server;
  private final List<Long> pauses = new ArrayList<>();
  private final List<String> heard = new ArrayList<>();
  private long nowMs;

  private final RunListener listener =
      new RunListener() {
        @Override
        public void onCall(RunProgress progress, DumpCall call, long rows) {
          nowMs += CALL_MS;
          heard.add(progress + " " + call + " " + rows);
        }

        @Override
        public void onRetry(DumpCall call, int attempt, TaosdumpOutcome outcome) {
          heard.add("retry " + attempt + " " + outcome.kind());
        }
      };

  @BeforeEach
  void makeServer() throws IOException {
    dump = directory.resolve("a dump of 'mine'");
    server = StandIn.in(directory.resolve("server"));
  }

  static List<Transcript> exports() {
    return Transcript.some(Transcript.exports());
  }

  private RunOptions options() {
    return new RunOptions(server.taosdump().toString(), Connection.DEFAULTS, RETRIES, INTERVAL_MS);
  }

  private TaosdumpRunner runner(TaosdumpPlan plan) {
    return runner(plan, options(), GoneObjects.NONE);
  }

  private TaosdumpRunner runner(TaosdumpPlan plan, RunOptions options, GoneObjects gone) {
    InstantSource clock = () -> Instant.ofEpochMilli(nowMs);
    return new TaosdumpRunner(plan, dump, options, gone, listener, pauses::add, clock);
  }

  private static TaosdumpPlan tables(String... names) throws TaosdumpException {
    SetBuilder set = new SetBuilder();
    Arrays.stream(names).forEach(name -> set.rows(DIRTY, name, "", 5));
    return set.plan();
  }

  private static String refusal(TaosdumpRunner runner) {
    return String.valueOf(assertThrows(TaosdumpException.class, runner::export).getMessage());
  }

  @ParameterizedTest
  @MethodSource("exports")
  void shouldBelieveARecordedExportExactlyIfItCopiedEverything(Transcript call) throws Exception {
    TaosdumpOutcome expected = RecordedOutcomes.of(call);
    server.answers(call);
    RunOptions once = new RunOptions(server.taosdump().toString(), Connection.DEFAULTS, 0, 0);
    TaosdumpRunner runner = runner(tables("d0"), once, GoneObjects.NONE);

    if (expected.kind() == Kind.DONE) {
      assertEquals(expected.rows(), runner.export().rows());
    } else {
      String refusal = refusal(runner);
      assertTrue(refusal.endsWith("/printed.txt: " + expected.detail()), refusal);
      assertFalse(Files.exists(dump.resolve("COMPLETE")));
      assertFalse(Files.exists(dump.resolve("calls/000001")));
    }
  }

  @Test
  void shouldTellHowFarItIsAndCountRowsCallByCall() throws Exception {
    server.holds(4, "d0").holds(5, "d1");

    RunResult result = runner(tables("d0", "d1")).export();

    assertEquals(new RunResult("3.3.7.5.alpha", 2, 9, List.of(4L, 5L), List.of()), result);
    assertEquals(
        List.of(
            "RunProgress[callsDone=1, calls=2, rows=4, elapsedMs=0, remainingMs=0] table d0,"
                + " 432000000 to 518399999 4",
            "RunProgress[callsDone=2, calls=2, rows=9, elapsedMs=100, remainingMs=0] table d1,"
                + " 432000000 to 518399999 5"),
        heard);
    assertEquals("9\n", Files.readString(dump.resolve("COMPLETE")));
    assertFalse(Files.exists(dump.resolve("running")));
  }

  @Test
  void shouldTryAgainAsOftenAsItIsToldAndNoMore() throws Exception {
    server.holds(4, "d0").answers(255, "ERROR: 0x8000000b\n").answers(0, "nothing\n");

    RunResult result = runner(tables("d0")).export();

    assertEquals(4, result.rows());
    assertEquals(List.of(INTERVAL_MS, INTERVAL_MS), pauses);
    assertEquals(List.of("retry 1 UNREACHABLE", "retry 2 FAILED"), heard.subList(0, 2));

    for (int i = 0; i <= RETRIES; i++) {
      server.answers(1, "");
    }
    dump = directory.resolve("other");
    String refusal = refusal(runner(tables("d0")));
    assertEquals(
        "taosdump did not copy everything: call=1, what=table d0, 432000000 to 518399999,"
            + " attempts=3, printed="
            + dump
            + "/calls/000001.part/printed.txt: taosdump failed: exitCode=1",
        refusal);
  }

  @Test
  void shouldNotBelieveATotalThatIsNotInTheFiles() throws Exception {
    server.holds(4, "d0").write("lost", "1\n");

    String refusal = refusal(runner(tables("d0")));

    Path part = dump.resolve("calls/000001.part");
    assertEquals(
        "taosdump did not copy everything: call=1, what=table d0, 432000000 to 518399999,"
            + " attempts=3, printed="
            + part
            + "/printed.txt: rows in the files are not those that taosdump counted: expected=4,"
            + " actual=3, directory="
            + part.resolve("dump"),
        refusal);
    assertEquals("retry 2 FAILED", heard.get(1));
    assertFalse(Files.exists(dump.resolve("calls/000001")));
    server.forget("lost");
    assertEquals(4, runner(tables("d0")).export().rows());
  }

  @Test
  void shouldCountWhatAScriptCopiedBeforeItTakesItForDone() throws Exception {
    TaosdumpPlan plan = tables("d0");
    server.holds(4, "d0").write("lost", "1\n");
    new TaosdumpScript(plan, new ScriptNotes("a test", Instant.EPOCH, List.of())).writeTo(dump);
    assertEquals(0, server.run(dump.resolve("export.sh")).exitCode());
    server.forget("lost");

    String refusal = refusal(runner(plan));
    FileTrees.delete(dump.resolve("calls/000001"));
    RunResult result = runner(plan).export();

    assertEquals(
        "a call that was done before has to be made again, remove its directory: call=1,"
            + " directory="
            + dump.resolve("calls/000001")
            + ": rows in the files are not those that taosdump counted: expected=4, actual=3,"
            + " directory="
            + dump.resolve("calls/000001/dump"),
        refusal);
    assertEquals(4, result.rows());
  }

  @Test
  void shouldNotTryAgainWhatCannotSucceed() throws Exception {
    server.answers(0, "ERROR: Invalid table/stable d0\n");
    assertTrue(refusal(runner(tables("d0"))).contains(", attempts=1, "));
    server.answers(255, "ERROR: code: 0x80000357\n");
    assertTrue(refusal(runner(tables("d0"))).contains("refused by the server: call=1, "));

    assertEquals(List.of(), pauses);
  }

  @Test
  void shouldGoOnWhereItOrAScriptFailed() throws Exception {
    TaosdumpPlan plan = tables("d0", "d1", "d2");
    server.holds(4, "d0");
    assertTrue(refusal(runner(plan)).startsWith("taosdump found nothing of that name, and nobody"));
    server.holds(5, "d1");
    new TaosdumpScript(plan, new ScriptNotes("a test", Instant.EPOCH, List.of())).writeTo(dump);
    assertEquals(1, server.run(dump.resolve("export.sh")).exitCode());
    server.holds(6, "d2");

    RunResult result = runner(plan).export();

    assertEquals(List.of(4L, 5L, 6L), result.rowsOfCall());
    assertEquals(5, server.lines("calls").size());
    assertEquals(0, server.run(dump.resolve("restore.sh"), "power_r").exitCode());
    assertEquals(3, server.lines("loaded").size());
  }

  @Test
  void shouldLetGoOfWhatTheLogSaysWasDroppedMeanwhile() throws Exception {
    TaosdumpPlan plan = new SetBuilder().rows(DIRTY, "d0", "", 5).stable(NEW, "old").plan();
    server.holds(4, "d0");
    assertThrows(TaosdumpException.class, () -> runner(plan).export());

    RunResult result =
        runner(plan, options(), (isStable, name) -> isStable && name.equals("old")).export();

    assertEquals(List.of("old"), result.gone());
    assertEquals(4, result.rows());
    assertTrue(Files.exists(dump.resolve("calls/000002/gone")));
    assertEquals(result, runner(plan, options(), GoneObjects.NONE).export());
  }

  @Test
  void shouldEndATaosdumpThatAKilledRunLeftBehind() throws Exception {
    server.holds(4, "d0");
    Process left = new ProcessBuilder("sleep", "1000").start();
    Process other = new ProcessBuilder("sleep", "1000").start();
    Path part = Files.createDirectories(dump.resolve("calls/000001.part"));
    try {
      Files.writeString(part.resolve("pid"), TaosdumpProcess.identity(left.toHandle()) + "\n");
      assertEquals(4, runner(tables("d0")).export().rows());
      assertFalse(left.isAlive());
      assertFalse(Files.exists(dump.resolve("calls/000001/pid")));

      dump = directory.resolve("other");
      part = Files.createDirectories(dump.resolve("calls/000001.part"));
      Files.writeString(part.resolve("pid"), other.pid() + " 1\n");
      assertEquals(4, runner(tables("d0")).export().rows());
      assertTrue(other.isAlive());
    } finally {
      left.destroyForcibly();
      other.destroyForcibly();
    }
  }

  @Test
  void shouldNeverTakeTheDatabaseForGone() throws Exception {
    TaosdumpPlan plan = TaosdumpPlan.full("power", CallCosts.DEFAULTS);
    server.answers(0, "ERROR: Invalid table/stable power\n");

    assertThrows(
        TaosdumpException.class, () -> runner(plan, options(), (stable, name) -> true).export());
  }

  @ParameterizedTest
  @ValueSource(strings = {"d 0", "\"d\"", "电表", "d$(rm x)", "d;d", "d*", "`d`", "~", "#"})
  void shouldHandOverEveryNameWhateverTheLocale(String name) throws Exception {
    server.holds(3, name);

    assertEquals(3, runner(tables(name)).export().rows());
    assertTrue(
        server.lines("calls").get(0).endsWith("\t[power]\t[" + name + "]"),
        server.lines("calls").get(0));
  }

  @Test
  void shouldHandThePasswordToStandardInputAndLeaveItNowhere() throws Exception {
    server.holds(4, "d0");
    Connection connection =
        new Connection("h", 6030, "it's me", StandIn.PASSWORD, Path.of("/etc/my taos"));
    RunOptions options =
        new RunOptions(server.taosdump().toString(), connection, RETRIES, INTERVAL_MS);

    runner(tables("d0"), options, GoneObjects.NONE).export();

    assertEquals(List.of(StandIn.PASSWORD), server.lines("password"));
    assertTrue(
        server
            .lines("calls")
            .get(0)
            .startsWith(
                "call\t[-p]\t[-h]\t[h]\t[-P]\t[6030]\t[-u]\t[it's me]\t[-c]\t['/etc/my taos']"),
        server.lines("calls").get(0));
    assertFalse(options.toString().contains("s3cr"));
    try (Stream<Path> tree = Files.walk(dump)) {
      for (Path file : (Iterable<Path>) tree.filter(Files::isRegularFile)::iterator) {
        assertFalse(
            Files.readString(file, StandardCharsets.ISO_8859_1).contains("s3cr"), file.toString());
      }
    }
  }

  @Test
  void shouldRefuseWhatTaosdumpWouldMisunderstand() {
    assertEquals(
        "port is out of range: min=1, max=65535, actual=0",
        assertThrows(
                IllegalArgumentException.class, () -> new Connection(null, 0, null, null, null))
            .getMessage());
    for (String password : List.of("", "a b", "a\n")) {
      assertEquals(
          "taosdump cannot be given a password that is empty or has white space",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> new Connection(null, null, null, password, null))
              .getMessage());
    }
  }

  @Test
  @Timeout(60)
  void shouldKillTaosdumpWhenItIsCancelled() throws Exception {
    Path hang = server.hang();
    TaosdumpRunner runner = runner(tables("d0"));
    CompletableFuture<RunResult> run =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return runner.export();
              } catch (IOException e) {
                throw new IllegalStateException(e.getMessage(), e);
              }
            });
    while (!Files.readString(hang).endsWith("\n")) {
      Thread.onSpinWait();
    }
    final ProcessHandle child =
        ProcessHandle.of(Long.parseLong(Files.readString(hang).strip())).orElseThrow();

    runner.cancel();

    ExecutionException failure = assertThrows(ExecutionException.class, run::get);
    assertTrue(String.valueOf(failure.getMessage()).endsWith("run was cancelled"));
    child.onExit().get(30, TimeUnit.SECONDS);
    assertEquals("run was cancelled", refusal(runner));
    assertFalse(Files.exists(dump.resolve("calls/000001")));
    assertFalse(Files.exists(dump.resolve("running")));
  }

  @Test
  void shouldKeepOutOfADirectoryInUseAndOfAnotherPlans() throws Exception {
    server.holds(4, "d0").holds(4, "d1");
    runner(tables("d0")).export();
    String expected = TaosdumpScript.digest(tables("d1"));
    String actual = TaosdumpScript.digest(tables("d0"));

    assertEquals(
        "this directory holds the output of another plan: expected="
            + expected
            + ", actual="
            + actual
            + ", directory="
            + dump,
        refusal(runner(tables("d1"))));
  }

  @Test
  void shouldNotWorkBesideARunThatLivesNorBeStoppedByOneThatDied() throws Exception {
    server.holds(4, "d0");
    Files.createDirectories(dump);
    ProcessHandle other = ProcessHandle.current().parent().orElseThrow();
    ProcessHandle own = ProcessHandle.current();
    String refusal = "another run works here: pid=%d, directory=" + dump;

    for (String script : List.of(other.pid() + "", TaosdumpProcess.identity(other))) {
      Files.writeString(dump.resolve("running"), script + "\n");
      assertEquals(String.format(refusal, other.pid()), refusal(runner(tables("d0"))));
    }
    Files.writeString(dump.resolve("running"), TaosdumpProcess.identity(own) + "\n");
    assertEquals(String.format(refusal, own.pid()), refusal(runner(tables("d0"))));
    // A process that has the number of one that died, this one too: so it is in containers.
    for (String dead : List.of("999999999", own.pid() + "", own.pid() + " 1", other.pid() + " 1")) {
      Files.writeString(dump.resolve("running"), dead + "\n");
      assertEquals(4, runner(tables("d0")).export().rows(), dead);
    }
    assertFalse(Files.exists(dump.resolve("running")));
  }

  @Test
  void shouldKeepSecretsFromItsChildren() {
    ProcessBuilder builder = new ProcessBuilder("taosdump");
    builder.environment().put("TAOS_PASSWORD", "one");
    builder.environment().put("TIDEMARK_PASS_PHRASE", "another");

    Map<String, String> environment = TaosdumpProcess.withoutSecrets(builder).environment();

    assertFalse(environment.containsKey("TAOS_PASSWORD"));
    assertFalse(environment.containsKey("TIDEMARK_PASS_PHRASE"));
    assertTrue(environment.containsKey("PATH"));
  }

  @Test
  void shouldNotTrustACallThatIsNotAsItWasLeft() throws Exception {
    server.holds(4, "d0");
    runner(tables("d0")).export();
    Path call = dump.resolve("calls/000001");
    for (String text : List.of("", "x", "-1", "1 2")) {
      Files.writeString(call.resolve("rows"), text);
      assertEquals(
          "a call is not as it was left: directory=" + call, refusal(runner(tables("d0"))));
    }
    Files.delete(call.resolve("rows"));
    assertEquals("a call is not as it was left: directory=" + call, refusal(runner(tables("d0"))));
  }

  @Test
  void shouldLookAtTaosdumpBeforeItMakesAnything() throws Exception {
    Path wrong = directory.resolve("wrong");
    Files.writeString(wrong, "#!/bin/sh\necho 'taosdump version: 2.6.0'\n");
    assertTrue(wrong.toFile().setExecutable(true));
    RunOptions missing = new RunOptions("/no/taosdump", Connection.DEFAULTS, 0, 0);
    RunOptions old = new RunOptions(wrong.toString(), Connection.DEFAULTS, 0, 0);

    assertEquals(
        "taosdump was not found: program=/no/taosdump",
        refusal(runner(tables("d0"), missing, GoneObjects.NONE)));
    assertEquals(
        "taosdump is not of version 3: version=2.6.0, program=" + wrong,
        refusal(runner(tables("d0"), old, GoneObjects.NONE)));
    assertFalse(Files.exists(dump));
  }
}
