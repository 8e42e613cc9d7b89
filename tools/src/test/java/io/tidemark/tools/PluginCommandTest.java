package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.plugin.BackupPlugin;
import io.tidemark.plugin.TinyJar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library's plugin and one of a jar that the test makes, from the command line. */
class PluginCommandTest {
  private static final String NAME = Main.NAME + " plugin: ";
  private static final int BLOCKS = 20;

  @TempDir private Path directory;
  private Path engine;

  @BeforeEach
  void createEngine() throws IOException {
    engine = directory.resolve("engine");
    try (EmbeddedEngine open = EmbeddedEngine.open(engine, EmbeddedOptions.defaults())) {
      for (long id = 0; id < BLOCKS; id++) {
        open.create(id, "0123456789".getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private Tool plugin(String action, Object... more) {
    List<Object> args = new ArrayList<>(List.of("plugin", action, "--engine", engine, "--store"));
    args.addAll(List.of(directory.resolve("store"), "--backups", directory.resolve("backups")));
    args.addAll(List.of(more));
    return Tool.run(args.toArray());
  }

  private Path jar() throws IOException {
    Path jar = directory.resolve("tiny.jar");
    TinyJar.compiled(directory, "first", BackupPlugin.API_VERSION)
        .pack(jar, "tiny.TinyPlugin$Provider");
    return jar;
  }

  @Test
  void shouldBackUpVerifyAndRestoreWithThePluginOfTheLibrary() throws Exception {
    final Tool estimate = plugin("estimate", "--json");
    final Tool full = plugin("backup", "--full", "--json");
    try (EmbeddedEngine open = EmbeddedEngine.open(engine, EmbeddedOptions.defaults())) {
      open.update(3, "changed".getBytes(StandardCharsets.UTF_8));
    }
    final Tool incremental = plugin("backup", "--json");
    String run = lastLine(incremental).get("run").toString();
    Path target = directory.resolve("target");
    Tool restored = plugin("restore", "--run", run, "--target", target, "--json");
    Tool verified = plugin("verify", "--json");
    Tool stats = plugin("stats", "--json");

    assertEquals(200L, lastLine(estimate).get("contentBytes").value(), estimate.err());
    assertEquals((long) BLOCKS, lastLine(full).get("blocks").value(), full.err());
    assertEquals(1L, lastLine(incremental).get("blocks").value());
    assertEquals(
        "{\"event\":\"restored\",\"blocks\":20,\"runs\":2,\"contentBytes\":197}\n", restored.out());
    try (EmbeddedEngine open = EmbeddedEngine.open(target, EmbeddedOptions.defaults())) {
      assertEquals("changed", new String(open.read(3), StandardCharsets.UTF_8));
    }
    assertEquals(
        "{\"event\":\"result\",\"good\":true,\"runs\":2,\"findings\":0}\n", verified.out());
    assertEquals(ExitCode.DONE, verified.exitCode());
    assertTrue(stats.out().startsWith("{\"event\":\"statistics\",\"runs\":0,"), stats.out());
  }

  private static Json lastLine(Tool run) {
    List<String> lines = run.out().lines().toList();
    return Json.parse(lines.get(lines.size() - 1));
  }

  @Test
  void shouldHaveThePluginOfAJarDoTheWork() throws Exception {
    Path jar = jar();

    Tool list = Tool.run("plugin", "list", "--jar", jar);
    Tool verified = plugin("verify", "--jar", jar);

    assertEquals(ExitCode.DONE, list.exitCode(), list.err());
    assertTrue(list.out().startsWith("incremental_bitmap  1.0.0  ["), list.out());
    assertTrue(list.out().endsWith("\ntiny  first  [VERIFY]\n"), list.out());
    assertEquals(ExitCode.VERIFICATION_FAILED, verified.exitCode());
    assertEquals("WRONG  said by version first\nVERIFICATION FAILED: 0 runs\n", verified.out());
  }

  @Test
  void shouldRefuseWhatItCannotDo() throws Exception {
    Path text = directory.resolve("text.jar");
    Files.writeString(text, "text");

    Tool noEngine = Tool.run("plugin", "backup");
    Tool noRun = plugin("restore", "--target", directory.resolve("target"));
    Tool noJar = plugin("verify", "--jar", text);
    Tool unknown = plugin("verify", "--id", "tiny");

    assertEquals(ExitCode.USAGE, noEngine.exitCode());
    assertTrue(noEngine.errLine().startsWith(NAME + "backup needs --engine"), noEngine.err());
    assertTrue(noRun.errLine().startsWith(NAME + "restore needs --run"), noRun.err());
    assertEquals(ExitCode.FAILED, noJar.exitCode());
    assertTrue(noJar.errLine().startsWith(NAME + "not a jar: "), noJar.err());
    assertEquals(
        NAME + "no plugin of this name is loaded: loaded=incremental_bitmap, name=tiny",
        unknown.errLine());
    assertFalse(Files.exists(directory.resolve("backups")));
  }
}
