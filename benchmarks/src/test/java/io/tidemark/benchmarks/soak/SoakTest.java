package io.tidemark.benchmarks.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.TrackerOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A soak in its short form, and that it would notice what it is there to notice. */
class SoakTest {
  private static final int SECONDS =
      Integer.getInteger(
          "tidemark.soak.seconds", "short".equals(System.getProperty("tidemark.ci")) ? 8 : 60);

  private static final SoakWorkload WORKLOAD = new SoakWorkload(2, 4096);
  private static final SoakWorkload OTHER_WORKLOAD = new SoakWorkload(1, 4096);
  private static final long EVENTS = 2_000;

  @TempDir private Path directory;

  @Test
  void shouldRunWithoutGrowingOrErring() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Path csv = directory.resolve("samples.csv");
    SoakOptions options =
        SoakOptions.parse(
            SECONDS + "s",
            directory.toString(),
            "blocks=65536",
            "open=16384",
            "history=1",
            "journal=8",
            "samples=16",
            "csv=" + csv);

    Soak.run(options, new PrintStream(out, true, StandardCharsets.UTF_8));

    System.out.println(out.toString(StandardCharsets.UTF_8).lines().reduce("", (a, b) -> b));
    assertTrue(Files.readAllLines(csv).size() > 8);
  }

  @Test
  void shouldFindWrongAnswer() throws Exception {
    try (BitmapEngine engine = engine(1, EVENTS)) {
      new SoakQuestions(engine, WORKLOAD, 1).ask(EVENTS);
      SoakQuestions mistaken = new SoakQuestions(engine, OTHER_WORKLOAD, 1);

      SoakFailedException found =
          assertThrows(SoakFailedException.class, () -> mistaken.ask(EVENTS));

      assertTrue(String.valueOf(found.getMessage()).startsWith("wrong answer: "), found::toString);
    }
  }

  @Test
  void shouldFindChangeThatBackupMisses() throws Exception {
    try (BitmapEngine engine = engine(EVENTS / 2, EVENTS)) {
      Progress progress = new Progress(WORKLOAD);
      for (long n = 0; n < EVENTS / WORKLOAD.producers(); n++) {
        for (int producer = 0; producer < WORKLOAD.producers(); producer++) {
          progress.start(producer, n);
          progress.give(producer, n);
        }
      }
      SoakBackups backups = new SoakBackups(engine, WORKLOAD, progress);

      SoakFailedException found = assertThrows(SoakFailedException.class, backups::run);

      assertTrue(
          String.valueOf(found.getMessage()).startsWith("wrong set of a backup: verdict=EXACT"),
          found::toString);
    }
  }

  @Test
  void shouldRefuseWrongArguments() {
    assertEquals(
        "no duration: 8",
        assertThrows(IllegalArgumentException.class, () -> SoakOptions.parse("8", "there"))
            .getMessage());
    assertEquals(
        "unknown argument: block=1",
        assertThrows(
                IllegalArgumentException.class, () -> SoakOptions.parse("8s", "there", "block=1"))
            .getMessage());
  }

  private BitmapEngine engine(long first, long last) throws IOException {
    BitmapEngine engine =
        BitmapEngine.open(directory.resolve("store"), "soak", TrackerOptions.defaults());
    for (long offset = first; offset <= last; offset++) {
      engine.onEvent(
          WORKLOAD.type(offset), WORKLOAD.blockId(offset), offset, WORKLOAD.timestampNs(offset));
    }
    engine.completeThrough(last);
    return engine;
  }
}
