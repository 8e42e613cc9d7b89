package io.tidemark.tdengine.taosdump;

import static io.tidemark.block.ChangeKind.DIRTY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.testing.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What proves an export that is complete, and what is found where it is not as it was. */
class ExportManifestTest {
  private static final int FLIP_STEP = 13;

  @TempDir private Path directory;

  private Path dump;
  private StandIn server;
  private ExportTask task;

  @BeforeEach
  void planAnExport() throws IOException {
    dump = directory.resolve("dump");
    server = StandIn.in(directory.resolve("server")).holds(4, "d0").holds(5, "d1");
    TaosdumpPlan plan =
        new SetBuilder()
            .rows(DIRTY, "d0", "", 5)
            .rows(DIRTY, "d1", "", 5)
            .deletion("d1", "", 1, 2)
            .plan();
    new TaosdumpScript(plan, new ScriptNotes("a test", Instant.EPOCH, List.of())).writeTo(dump);
    task = new ExportTask(1, "script", false, false, List.of(), plan);
    task.writeTo(dump);
  }

  private RunResult export() throws IOException {
    RunOptions options = new RunOptions(server.taosdump().toString(), Connection.DEFAULTS, 0, 0);
    return new TaosdumpRunner(task.plan(), dump, options, GoneObjects.NONE, RunListener.NONE)
        .export();
  }

  private List<String> findings() throws IOException {
    return TaosdumpVerifier.verify(dump, task);
  }

  @Test
  void shouldTellWhatEveryCallLeft() throws Exception {
    export();

    ExportManifest manifest = ExportManifest.read(dump);

    assertNotNull(manifest);
    assertEquals(TaosdumpScript.digest(task.plan()), manifest.plan());
    assertEquals("3.3.7.5.alpha", manifest.version());
    assertEquals("ms", manifest.schema().precision());
    assertEquals("3650d,3650d,3650d", manifest.schema().keep());
    assertEquals("1d", manifest.schema().duration());
    assertEquals("stable stable", manifest.schema().definitions().get(0).toString());
    assertEquals(List.of(4L, 5L), manifest.results().stream().map(CallResult::rows).toList());
    assertEquals(Set.of("export.json", "restore.sh"), manifest.files().keySet());
    assertEquals(List.of(), findings());
  }

  @Test
  void shouldBeWrittenOnceAndVouchForNothingElse() throws Exception {
    export();
    byte[] first = Files.readAllBytes(dump.resolve("manifest.json"));

    export();
    final byte[] second = Files.readAllBytes(dump.resolve("manifest.json"));
    Path stbname = dump.resolve("calls/000002/dump/taosdump.1/data0-13E2E57E/stbname");
    Files.writeString(stbname, "another");

    assertArrayEquals(first, second);
    assertEquals(
        "files are not what they were when the export was complete: call=2, directory="
            + dump.resolve("calls/000002"),
        assertThrows(TaosdumpException.class, this::export).getMessage());
  }

  @Test
  void shouldBeWrittenForWhatAScriptCompleted() throws Exception {
    assertEquals(0, server.run(dump.resolve("export.sh")).exitCode());
    assertNull(ExportManifest.read(dump));
    assertEquals(List.of(), findings());

    export();

    assertNotNull(ExportManifest.read(dump));
    assertEquals(List.of(), findings());
  }

  @Test
  void shouldFindEveryFileThatIsNotWhatWasWritten() throws Exception {
    export();
    List<Path> files = FileTrees.files(dump);
    assertTrue(files.size() > 12, files::toString);

    for (Path file : files) {
      String name = dump.relativize(file).toString();
      boolean isOfNoUse =
          name.endsWith("printed.txt")
              || name.endsWith("printed-err.txt")
              || name.endsWith("result.txt")
              || name.endsWith("call.sh")
              || name.equals("export.sh");
      byte[] written = Files.readAllBytes(file);
      Files.writeString(file, "x", StandardOpenOption.APPEND);
      assertEquals(isOfNoUse, findings().isEmpty(), name);
      Files.delete(file);
      // Without a manifest nothing proves anything but what the calls say of themselves.
      assertEquals(isOfNoUse || name.equals("manifest.json"), findings().isEmpty(), name);
      Files.write(file, written);
    }
    assertEquals(List.of(), findings());
  }

  @Test
  void shouldFindMoreThanCallsCanTellOnlyWithAManifest() throws Exception {
    export();
    Path avro = dump.resolve("calls/000001/dump/taosdump.1/data0-13E2E57E/power.1.0.avro");
    byte[] bytes = Files.readAllBytes(avro);
    // A bit of the last timestamp.
    bytes[bytes.length - 18] ^= 1;
    Files.write(avro, bytes);

    List<String> with = findings();
    Files.delete(dump.resolve("manifest.json"));
    List<String> without = findings();

    assertEquals(1, with.size());
    assertTrue(with.get(0).startsWith("files are not what taosdump wrote: expectedBytes="));
    assertEquals(List.of(), without);
  }

  @Test
  void shouldNameWhatIsWrongWithCallsAndPlan() throws Exception {
    export();
    FileTrees.copy(dump.resolve("calls/000002"), dump.resolve("calls/000003"));
    FileTrees.delete(dump.resolve("calls/000001"));
    Files.writeString(dump.resolve("PLAN"), "other\n");

    assertEquals(
        List.of(
            "file is not what was written: expected="
                + TaosdumpScript.digest(task.plan())
                + ", actual=other, file="
                + dump.resolve("PLAN"),
            "call is missing: directory=" + dump.resolve("calls/000001"),
            "file is not what was written: expected=5, actual=9, file=" + dump.resolve("COMPLETE"),
            "call is of no plan: calls=2, directory=" + dump.resolve("calls/000003")),
        findings());
  }

  @Test
  void shouldRefuseAManifestOfWhichAnyByteIsWrong() throws Exception {
    export();
    Path file = dump.resolve("manifest.json");
    byte[] written = Files.readAllBytes(file);

    for (int at = 0; at < written.length; at += FLIP_STEP) {
      byte[] flipped = written.clone();
      flipped[at] ^= 1;
      Files.write(file, flipped);
      assertThrows(CorruptFileException.class, () -> ExportManifest.read(dump));
    }
    assertTrue(findings().get(0).startsWith("corrupt file: "), findings()::toString);
  }
}
