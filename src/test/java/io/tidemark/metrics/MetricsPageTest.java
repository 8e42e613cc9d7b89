package io.tidemark.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.testing.RepositoryFiles;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page about metrics says what the table in the code says. */
class MetricsPageTest {

  private static String rows() {
    return Arrays.stream(Metric.values())
        .map(
            metric ->
                "| `"
                    + metric.id()
                    + "` | "
                    + metric.unit()
                    + " | "
                    + metric.kind().name().toLowerCase(Locale.ROOT)
                    + " | "
                    + metric.scope().name().toLowerCase(Locale.ROOT)
                    + " | "
                    + metric.help()
                    + " |")
        .collect(Collectors.joining("\n"));
  }

  @Test
  void shouldHaveTheRowOfEveryMetricInTheOrderOfTheTable() throws IOException {
    String rows =
        RepositoryFiles.read("docs/METRICS.md")
            .lines()
            .filter(line -> line.startsWith("| `"))
            .collect(Collectors.joining("\n"));

    assertEquals(rows(), rows);
  }
}
