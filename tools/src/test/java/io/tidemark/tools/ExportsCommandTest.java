package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportsCommandTest {
  @TempDir private Path directory;
  private DetectDirectory place;
  private Path backups;
  private TaosdumpPlace taosdump;

  @BeforeEach
  void writeFirstSnapshot() throws IOException {
    place = DetectDirectory.create(directory);
    backups = Files.createDirectories(directory.resolve("backups"));
    taosdump = TaosdumpPlace.create(directory.resolve("bin"));
  }

  private int export(String name, String... more) {
    Object[] args = {
      "script",
      place.data(),
      "--store",
      place.stores(),
      "--since",
      "last",
      "--run",
      "--taosdump",
      taosdump.program(),
      "--retry-count",
      0,
      "--output",
      backups.resolve(name)
    };
    Object[] all = new Object[args.length + more.length];
    System.arraycopy(args, 0, all, 0, args.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return Tool.run(all).exitCode();
  }

  private void exportThree() throws IOException {
    assertEquals(ExitCode.DONE, export("c", "--full"));
    place.server().writeAll(2);
    taosdump.write("missing", "ntb\n");
    assertEquals(ExitCode.FAILED, export("b"));
    taosdump.write("missing", "");
    assertEquals(ExitCode.DONE, export("a"));
  }

  @Test
  void shouldTellWhatToRestoreInWhichOrder() throws Exception {
    exportThree();

    Tool run = Tool.run("exports", backups);
    Tool first = Tool.run("exports", backups, "--of", "c", "--json");

    assertEquals(ExitCode.DONE, run.exitCode(), run.err());
    assertTrue(run.out().matches("(?s).*\\nc +full +1 .* complete\\n.*"), run.out());
    assertTrue(run.out().matches("(?s).*\\nb +incremental .* unfinished\\n.*"), run.out());
    assertTrue(
        run.out()
            .endsWith(
                "To restore a, run restore.sh of each, in this order:\n  "
                    + backups.resolve("c/restore.sh")
                    + "\n  "
                    + backups.resolve("a/restore.sh")
                    + "\n"),
        run.out());
    assertTrue(
        first.out().endsWith("{\"event\":\"order\",\"of\":\"c\",\"exports\":[\"c\"]}\n"),
        first.out());
  }

  @Test
  void shouldDeleteOnlyWhatNobodyNeeds() throws Exception {
    exportThree();

    Tool dry = Tool.run("exports", backups, "--keep", 1, "--dry-run");
    final boolean wasThere = Files.exists(backups.resolve("b"));
    Tool run = Tool.run("exports", backups, "--keep", 1);
    Tool again = Tool.run("exports", backups, "--keep", 1);

    assertEquals("would delete " + backups.resolve("b") + "\n", dry.out());
    assertTrue(wasThere);
    assertEquals("deleted " + backups.resolve("b") + "\n", run.out());
    assertFalse(Files.exists(backups.resolve("b")));
    assertTrue(Files.exists(backups.resolve("c/restore.sh")));
    assertEquals("nothing to delete\n", again.out());
  }

  @Test
  void shouldSayWhatIsMissingOrDamaged() throws Exception {
    exportThree();
    Files.delete(backups.resolve("c/COMPLETE"));

    Tool missing = Tool.run("exports", backups);
    Tool prune = Tool.run("exports", backups, "--keep", 1);
    Files.write(backups.resolve("b/export.json"), new byte[5]);
    Tool damaged = Tool.run("exports", backups, "--of", "b");
    Tool unknown = Tool.run("exports", backups, "--of", "d");
    Tool none = Tool.run("exports", backups.resolve("none"));

    assertEquals(ExitCode.VERIFICATION_FAILED, missing.exitCode());
    assertTrue(missing.errLine().contains("no complete export ends where this one begins"));
    assertEquals(ExitCode.USAGE, prune.exitCode());
    assertTrue(Files.exists(backups.resolve("b")));
    assertEquals(ExitCode.VERIFICATION_FAILED, damaged.exitCode());
    assertTrue(damaged.err().contains(backups.resolve("b/export.json").toString()));
    assertEquals(ExitCode.USAGE, unknown.exitCode());
    assertEquals(ExitCode.USAGE, none.exitCode());
  }

  @Test
  void shouldVerifyEveryExportThatARestoreNeeds() throws Exception {
    exportThree();
    Path report = directory.resolve("report.json");
    Path avro = backups.resolve("c/calls/000001/dump/taosdump.1/data0-13E2E57E/power.1.0.avro");

    Tool good = Tool.run("exports", backups, "--verify", "--report", report);
    final Json told = Json.parse(Files.readString(report));
    byte[] written = Files.readAllBytes(avro);
    Files.write(avro, Arrays.copyOf(written, written.length - 1));
    Tool cut = Tool.run("exports", backups, "--verify", "--report", report, "--json");
    final Json toldOfCut = Json.parse(Files.readString(report));
    Tool first = Tool.run("exports", backups, "--verify", "--of", "c");

    assertEquals(ExitCode.DONE, good.exitCode(), good.err());
    assertEquals("verified: 2 exports that a restore of a needs\n", good.out());
    assertEquals("", good.err());
    assertEquals(true, told.get("good").value());
    assertEquals("a", told.get("of").value());
    assertEquals(List.of(), told.get("findings").list());
    assertEquals(ExitCode.VERIFICATION_FAILED, cut.exitCode());
    assertTrue(
        cut.out()
            .startsWith(
                "{\"event\":\"finding\",\"export\":\"c\",\"message\":\"corrupt file: it is cut, block=1,"
                    + " file="
                    + avro
                    + "\"}\n"),
        cut.out());
    assertEquals(false, toldOfCut.get("good").value());
    assertEquals("c", toldOfCut.get("findings").list().get(0).get("export").value());
    assertEquals(ExitCode.VERIFICATION_FAILED, first.exitCode());
    assertTrue(first.out().startsWith("WRONG  c: corrupt file: it is cut, block=1, "), first.out());
    assertTrue(
        first.out().endsWith("VERIFICATION FAILED: 1 export that a restore of c needs\n"),
        first.out());
  }

  @Test
  void shouldSayThatNobodyProvedWhatAScriptCopied() throws Exception {
    Tool.run("script", place.data(), "--output", backups.resolve("alone"));
    assertEquals(0, taosdump.run(backups.resolve("alone/export.sh")));

    Tool script = Tool.run("exports", backups, "--verify", "--of", "alone");
    Tool resumed =
        Tool.run(
            "script",
            "--resume",
            "--taosdump",
            taosdump.program(),
            "--output",
            backups.resolve("alone"));
    Tool proven = Tool.run("exports", backups, "--verify", "--of", "alone");

    assertEquals(ExitCode.DONE, script.exitCode(), script.err());
    assertTrue(
        script.errLine().startsWith("export has no manifest, so a changed value cannot be found"),
        script.err());
    assertEquals(ExitCode.DONE, resumed.exitCode(), resumed.err());
    assertEquals(ExitCode.DONE, proven.exitCode(), proven.err());
    assertEquals("", proven.err());
  }

  @Test
  void shouldSayInWhichExportADefinitionIsAnother() throws Exception {
    assertEquals(ExitCode.DONE, export("c", "--full"));
    place.server().writeAll(2);
    taosdump.write(
        "definitions",
        "CREATE STABLE `power`.`stable` (`ts` TIMESTAMP, `value` DOUBLE) TAGS (`place` INT)\n");
    assertEquals(ExitCode.DONE, export("a"));

    Tool run = Tool.run("exports", backups);
    Tool json = Tool.run("exports", backups, "--json");

    assertTrue(
        run.out()
            .matches(
                "(?s).*\na: stable stable is defined otherwise than in c: [0-9a-f]{12} ->"
                    + " [0-9a-f]{12}\n.*"),
        run.out());
    assertTrue(
        json.out().contains("{\"event\":\"definition\",\"export\":\"a\",\"stable\":true,"),
        json.out());
  }

  @Test
  void shouldNotVerifyWhatIsNoWholeRestore() throws Exception {
    Tool nothing = Tool.run("exports", backups, "--verify");
    exportThree();
    Tool unfinished = Tool.run("exports", backups, "--verify", "--of", "b");
    Tool keep = Tool.run("exports", backups, "--verify", "--keep", 1);
    Tool report = Tool.run("exports", backups, "--report", directory.resolve("report"));
    Files.delete(backups.resolve("c/COMPLETE"));
    Tool missing = Tool.run("exports", backups, "--verify");

    assertEquals(ExitCode.VERIFICATION_FAILED, nothing.exitCode());
    assertEquals(
        "nothing to verify: no export is complete: directory=" + backups, nothing.errLine());
    assertEquals(ExitCode.VERIFICATION_FAILED, unfinished.exitCode());
    assertTrue(unfinished.errLine().startsWith("cannot be restored: "), unfinished.err());
    assertEquals(ExitCode.USAGE, keep.exitCode());
    assertEquals(ExitCode.USAGE, report.exitCode());
    assertEquals(ExitCode.VERIFICATION_FAILED, missing.exitCode());
  }
}
