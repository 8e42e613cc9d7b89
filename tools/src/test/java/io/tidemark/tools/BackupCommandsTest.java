package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of an embedded engine from the command line. */
class BackupCommandsTest {
  private static final int BLOCKS = 20;

  @TempDir private Path directory;
  private Path engine;
  private Path archive;

  @BeforeEach
  void createEngine() throws IOException {
    engine = directory.resolve("engine");
    archive = directory.resolve("archive");
    change(
        open -> {
          for (long id = 0; id < BLOCKS; id++) {
            open.create(id, text("block " + id));
          }
        });
  }

  @FunctionalInterface
  private interface Change {
    void to(EmbeddedEngine engine) throws IOException;
  }

  private void change(Change change) throws IOException {
    try (EmbeddedEngine open = EmbeddedEngine.open(engine, EmbeddedOptions.defaults())) {
      change.to(open);
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Tool backup(Object... more) {
    return run(
        "backup",
        List.of("--engine", engine, "--store", directory.resolve("store"), "--archive", archive),
        more);
  }

  private Tool run(String command, List<Object> args, Object... more) {
    Object[] all = new Object[1 + args.size() + more.length];
    all[0] = command;
    for (int i = 0; i < args.size(); i++) {
      all[1 + i] = args.get(i);
    }
    System.arraycopy(more, 0, all, 1 + args.size(), more.length);
    return Tool.run(all);
  }

  private Tool archived(String command, Object... more) {
    return run(command, List.of("--archive", archive), more);
  }

  private static Map<Long, String> content(Path engine) throws IOException {
    Map<Long, String> content = new TreeMap<>();
    try (EmbeddedEngine open = EmbeddedEngine.open(engine, EmbeddedOptions.defaults())) {
      open.forEachBlock(
          (id, length) -> content.put(id, new String(open.read(id), StandardCharsets.UTF_8)));
    }
    return content;
  }

  private List<String> runs() {
    return archived("list", "--json")
        .out()
        .lines()
        .map(line -> Json.parse(line).get("run").toString())
        .toList();
  }

  @Test
  void shouldRestoreEachRunAndThePointItHolds() throws IOException {
    Map<Long, String> first = content(engine);
    assertEquals(ExitCode.DONE, backup("--full").exitCode());
    change(
        open -> {
          open.update(3, text("changed"));
          open.delete(4);
        });
    Map<Long, String> second = content(engine);
    assertEquals(ExitCode.DONE, backup().exitCode());

    Tool toFirst = archived("restore", "--to", "wal:" + BLOCKS, "--target", directory.resolve("a"));
    Tool toLast = archived("restore", "--target", directory.resolve("b"));

    assertEquals(ExitCode.DONE, toFirst.exitCode(), toFirst.err());
    assertEquals(first, content(directory.resolve("a")));
    assertEquals(ExitCode.DONE, toLast.exitCode(), toLast.err());
    assertEquals(second, content(directory.resolve("b")));
    assertEquals(ExitCode.DONE, archived("show").exitCode());
    assertEquals(2, runs().size());
  }

  @Test
  void shouldNameTheNearestPointsOfOneThatNoRunHolds() throws IOException {
    backup("--full");
    change(
        open -> {
          open.update(3, text("once"));
          open.update(3, text("twice"));
        });
    backup();

    Tool between =
        archived("restore", "--to", "wal:" + (BLOCKS + 1), "--target", directory.resolve("a"));

    assertEquals(ExitCode.USAGE, between.exitCode());
    assertTrue(
        between.errLine().startsWith("incremental_bitmap_tool restore: no run holds exactly"),
        between.err());
    assertFalse(Files.exists(directory.resolve("a")));
  }

  @Test
  void shouldAskForAFullRunFirst() {
    Tool refused = backup();
    Tool dry = backup("--dry-run");
    Tool taken = backup("--full-if-required", "--json");

    assertEquals(ExitCode.FULL_REQUIRED, refused.exitCode());
    assertEquals(
        "incremental_bitmap_tool backup: full backup required: chain has no committed run:"
            + " chain=default",
        refused.errLine());
    assertEquals(ExitCode.FULL_REQUIRED, dry.exitCode());
    assertEquals(ExitCode.DONE, taken.exitCode());
    assertEquals("FULL", Json.parse(taken.out().strip()).get("kind").toString());
  }

  @Test
  void shouldOverwriteAnEngineOnlyWhenAskedTo() throws IOException {
    Map<Long, String> saved = content(engine);
    backup("--full");
    change(
        open -> {
          open.create(1000, text("new"));
          open.delete(7);
          open.update(8, text("other"));
        });

    Tool refused = archived("restore", "--target", engine);
    Tool done = archived("restore", "--target", engine, "--overwrite");

    assertEquals(ExitCode.USAGE, refused.exitCode());
    assertEquals(
        "incremental_bitmap_tool restore: target holds an engine; --overwrite makes it what was"
            + " backed up: target="
            + engine,
        refused.errLine());
    assertEquals(ExitCode.DONE, done.exitCode(), done.err());
    assertEquals(saved, content(engine));
    assertEquals(ExitCode.DONE, backup().exitCode());
  }

  @Test
  void shouldTellAWrongAndAMissingSecretInOneLine() throws IOException {
    Path right = Files.writeString(directory.resolve("right"), "0".repeat(64) + "\n");
    Path wrong = Files.writeString(directory.resolve("wrong"), "1".repeat(64) + "\n");
    backup("--full", "--key-file", right);

    Tool none = archived("restore", "--target", directory.resolve("a"));
    Tool other = archived("restore", "--target", directory.resolve("a"), "--key-file", wrong);
    Tool phrase = archived("verify", "--pass-phrase-env", "TIDEMARK_NO_SUCH_VARIABLE");
    Tool good = archived("restore", "--target", directory.resolve("a"), "--key-file", right);

    Path manifest = archive.resolve(runs().get(0)).resolve("manifest.json");
    assertEquals(ExitCode.USAGE, none.exitCode());
    assertEquals(
        "incremental_bitmap_tool restore: run is encrypted and no key was given: needed=KEY_FILE,"
            + " file="
            + manifest,
        none.errLine());
    assertEquals(ExitCode.USAGE, other.exitCode());
    assertEquals(
        "incremental_bitmap_tool restore: wrong key file: file=" + manifest, other.errLine());
    assertEquals(ExitCode.USAGE, phrase.exitCode());
    assertEquals(
        "incremental_bitmap_tool verify: pass phrase is empty: variable=TIDEMARK_NO_SUCH_VARIABLE",
        phrase.errLine());
    assertEquals(ExitCode.DONE, good.exitCode(), good.err());
  }

  @Test
  void shouldFindDamageAndRestoreNothing() throws IOException {
    backup("--full");
    assertEquals(ExitCode.DONE, archived("verify", "--level", "restore").exitCode());
    Path data = archive.resolve(runs().get(0)).resolve("000001.blocks");
    byte[] bytes = Files.readAllBytes(data);
    bytes[bytes.length / 2] ^= 1;
    Files.write(data, bytes);

    Tool verified =
        Tool.run("--verify", "--backup", archive, "--report", directory.resolve("report.json"));
    Tool restored = archived("restore", "--target", directory.resolve("a"));

    assertEquals(ExitCode.VERIFICATION_FAILED, verified.exitCode());
    Json report = Json.read(directory.resolve("report.json"));
    assertEquals("false", report.get("good").toString());
    assertEquals(ExitCode.VERIFICATION_FAILED, restored.exitCode());
    assertTrue(
        restored.errLine().startsWith("incremental_bitmap_tool restore: nothing was restored: "),
        restored.err());
    assertFalse(Files.exists(directory.resolve("a")));
  }

  @Test
  void shouldCombineAndPruneWithoutLosingAPoint() throws IOException {
    backup("--full");
    change(open -> open.update(1, text("changed")));
    backup();

    Tool combined = archived("combine");
    Tool pruned = archived("prune", "--keep", "1");
    Tool restored = archived("restore", "--target", directory.resolve("a"));

    assertEquals(ExitCode.DONE, combined.exitCode(), combined.err());
    assertEquals(ExitCode.DONE, pruned.exitCode(), pruned.err());
    assertEquals(1, runs().size());
    assertEquals(ExitCode.DONE, restored.exitCode(), restored.err());
    assertEquals(content(engine), content(directory.resolve("a")));
    change(open -> open.update(2, text("changed")));
    assertEquals(ExitCode.DONE, backup().exitCode());
    assertEquals(ExitCode.DONE, archived("verify").exitCode());
  }
}
