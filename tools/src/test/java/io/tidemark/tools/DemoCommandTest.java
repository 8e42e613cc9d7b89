package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
  private static final int WIDTH = 80;

  @TempDir private Path directory;

  @Test
  void shouldTellTheWholeStoryAndKeepTheFiles() {
    Path kept = directory.resolve("kept");

    Tool run = Tool.run("demo", "--keep", kept);

    assertEquals(ExitCode.DONE, run.exitCode(), run.out() + run.err());
    assertEquals("", run.err());
    assertTrue(run.out().contains("EXACT: 38 blocks changed; exactly these"), run.out());
    assertTrue(run.out().contains("ok: the same 32 blocks, field by field"), run.out());
    assertTrue(run.out().contains("ok: the process died of SIGKILL"), run.out());
    assertTrue(
        run.out().contains("ok: what the killed process had journaled was replayed"), run.out());
    assertTrue(run.out().contains("All 6 steps did what they claim"), run.out());
    assertTrue(Files.exists(kept.resolve("blocks-3.json")));
    assertEquals(ExitCode.DONE, Tool.run("check", kept.resolve("store/vnode24")).exitCode());
    run.out()
        .lines()
        .filter(line -> !line.startsWith("D=") && !line.startsWith("The files are in"))
        .forEach(line -> assertTrue(line.length() <= WIDTH, line));
  }

  @Test
  void shouldTellTheStoryOfTheEmbeddedEngine() {
    Path kept = directory.resolve("kept");

    Tool run = Tool.run("demo", "--embedded", "--keep", kept);

    assertEquals(ExitCode.DONE, run.exitCode(), run.out() + run.err());
    assertEquals("", run.err());
    assertTrue(run.out().contains("ok: verdict is EXACT, 45 blocks"), run.out());
    assertTrue(run.out().contains("ok: the process died of SIGKILL"), run.out());
    assertTrue(run.out().contains("ok: every update that was reported is in"), run.out());
    assertTrue(run.out().contains("ok: a full copy is asked for"), run.out());
    assertTrue(run.out().contains("All 9 steps did what they claim"), run.out());
    assertTrue(Files.exists(kept.resolve("engine/wal")));
    run.out()
        .lines()
        .filter(line -> !line.startsWith("D=") && !line.startsWith("The files are in"))
        .forEach(line -> assertTrue(line.length() <= WIDTH, line));
  }

  @Test
  void shouldRefuseToWorkInADirectoryThatHoldsSomething() throws IOException {
    Files.writeString(directory.resolve("mine.txt"), "mine");

    Tool run = Tool.run("demo", "--keep", directory);

    assertEquals(ExitCode.USAGE, run.exitCode());
    assertEquals(
        "incremental_bitmap_tool demo: --keep takes a new or empty directory: value="
            + directory
            + " (see: incremental_bitmap_tool demo --help)",
        run.errLine());
  }
}
