package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
