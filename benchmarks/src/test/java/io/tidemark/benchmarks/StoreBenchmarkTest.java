package io.tidemark.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark in its short form: it runs and leaves no figure out. */
class StoreBenchmarkTest {
  private static final List<String> FIGURES =
      List.of(
          "ingest cpu an event",
          "journal an event",
          "segments an event",
          "range by WAL cpu",
          "range by time cpu",
          "last 1 % cpu",
          "state lookup random cpu",
          "metadata lookup random cpu",
          "backup changes cpu",
          "backup ids cpu",
          "backup stream cpu",
          "backup commit cpu",
          "heap",
          "files",
          "open after close, new JVM wall",
          "open after close cpu",
          "open after kill cpu",
          "open after power cut cpu",
          "bitmap of 0.6 % random of a plain bitset");

  @TempDir private Path directory;

  @Test
  void shouldMeasureEverything() throws IOException {
    Path csv = directory.resolve("figures.csv");
    StoreBenchmarkOptions options =
        StoreBenchmarkOptions.parse(
            directory.toString(),
            "blocks=100000",
            "range=1000000",
            "answers=1000",
            "unsealed=5000",
            "open=16384",
            "csv=" + csv);

    List<String> measured = run(options);

    assertTrue(measured.containsAll(FIGURES), measured::toString);
    assertEquals(measured.size() + 1, Files.readAllLines(csv).size());
  }

  @Test
  void shouldRefuseUnknownArgument() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> StoreBenchmarkOptions.parse(directory.toString(), "block=1"));

    assertEquals("unknown argument: block=1", refused.getMessage());
  }

  @Test
  void shouldChangeEveryBlockOnceInEachRound() {
    for (StoreWorkload workload :
        List.of(
            StoreWorkload.clustered(1600, 16),
            StoreWorkload.random(1000, 1000),
            StoreWorkload.random(1000, 1_000_000))) {

      Set<Long> ids = new HashSet<>();
      for (long event = 0; event < workload.blocks(); event++) {
        ids.add(workload.blockId(event));
      }

      assertEquals(workload.blocks(), ids.size());
      assertTrue(ids.stream().allMatch(id -> id >= 0 && id < workload.range()));
      assertEquals(workload.blockId(7), workload.blockId(7 + workload.blocks()));
    }
  }

  private static List<String> run(StoreBenchmarkOptions options) throws IOException {
    PrintStream nowhere =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    return StoreBenchmark.run(options, nowhere, nowhere);
  }
}
