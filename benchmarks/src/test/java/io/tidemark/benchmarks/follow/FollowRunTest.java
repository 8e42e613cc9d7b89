package io.tidemark.benchmarks.follow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The run in its short form: every record is counted, and no figure is left out. */
class FollowRunTest {
  @TempDir private Path directory;

  @Test
  void shouldMeasureEverything() throws Exception {
    List<String> lines = run("rate=2000", "seconds=1", "pairs=1", "rests=2", "rest=0");

    assertEquals(
        List.of(
            "due to complete in its file, ms: 2000",
            "complete to applied, ms: 2000",
            "first after a rest, complete to applied, ms: 2"),
        lines.stream()
            .filter(line -> line.contains("records="))
            .map(line -> line.replaceAll(": p50=.* records=", ": "))
            .toList());
    for (String begin : List.of("CPU a record", "pair  1", "median of 1 pairs", "at rest")) {
      assertTrue(lines.stream().anyMatch(line -> line.startsWith(begin)), lines::toString);
    }
    try (Stream<Path> left = Files.list(directory)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void shouldRefuseWhatCannotBeMeasured() {
    for (String argument : List.of("rate=0", "seconds=0", "rows=0", "rest=-1", "speed=1")) {
      assertThrows(
          IllegalArgumentException.class, () -> FollowOptions.parse(List.of("here", argument)));
    }
    assertThrows(IllegalArgumentException.class, () -> FollowOptions.parse(List.of()));
  }

  private List<String> run(String... arguments) throws Exception {
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      FollowRun.main(
          Stream.concat(Stream.of(directory.toString()), Stream.of(arguments))
              .toArray(String[]::new));
    } finally {
      System.setOut(out);
    }
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
