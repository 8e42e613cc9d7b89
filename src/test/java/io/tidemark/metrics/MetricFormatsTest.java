package io.tidemark.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricFormatsTest {
  /** promtool's exit code where every line was understood, but a name is against its taste. */
  private static final int ONLY_TASTE = 3;

  private static final List<MetricSample> SAMPLES =
      List.of(sample("power", "2", 100), sample("say \"hi\"\\", "3", 200));

  @TempDir private Path directory;

  private static MetricSample sample(String database, String vgroup, long base) {
    EnumMap<Metric, Long> values = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      values.put(metric, base + metric.number());
    }
    return new MetricSample(
        Map.of("database", database, "vgroup", vgroup), 42, 7, 1_000, 5_000, false, values);
  }

  private static String prometheus() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MetricFormats.prometheus(SAMPLES, out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void shouldWriteEveryMetricUnderItsExactNameForPrometheus() throws IOException {
    List<String> lines = prometheus().lines().filter(line -> !line.startsWith("#")).toList();

    List<String> expected = new ArrayList<>();
    for (Metric metric : Metric.values()) {
      double first = 100.0 + metric.number();
      if (metric.scope() == Metric.Scope.PROCESS) {
        expected.add(metric.id() + " " + first);
      } else {
        expected.add(metric.id() + "{database=\"power\",vgroup=\"2\"} " + first);
        expected.add(
            metric.id() + "{database=\"say \\\"hi\\\"\\\\\",vgroup=\"3\"} " + (first + 100));
      }
    }
    assertEquals(expected.stream().sorted().toList(), lines.stream().sorted().toList());
  }

  @Test
  void shouldBeAcceptedByTheParserOfPrometheus() throws Exception {
    Path promtool = Promtool.find();
    if (promtool == null) {
      return;
    }
    Path file = directory.resolve("metrics");
    Files.writeString(file, prometheus());

    Process process =
        new ProcessBuilder(promtool.toString(), "check", "metrics")
            .redirectInput(file.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exitCode = process.waitFor();

    assertTrue(exitCode == 0 || exitCode == ONLY_TASTE, exitCode + ": " + said);
  }

  @Test
  void shouldWriteTheSameValuesAsJson() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    MetricFormats.json(SAMPLES, 6_000, 500, out);

    List<String> found = new ArrayList<>();
    try (JsonParser parser = new JsonFactory().createParser(out.toByteArray())) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
            || parser.currentToken() == JsonToken.VALUE_STRING) {
          found.add(
              parser.getParsingContext().pathAsPointer().toString().substring(1)
                  + "="
                  + parser.getText());
        }
      }
    }
    List<String> expected = new ArrayList<>();
    expected.add("process/memory_usage_bytes=116");
    expected.add("process/uptime_seconds=120");
    for (int i = 0; i < 2; i++) {
      String shard = "shards/" + i + "/";
      expected.add(shard + "labels/database=" + (i == 0 ? "power" : "say \"hi\"\\"));
      expected.add(shard + "labels/vgroup=" + (2 + i));
      expected.add(shard + "writer=SILENT");
      expected.add(shard + "pid=42");
      expected.add(shard + "epoch=7");
      expected.add(shard + "startedMs=1000");
      expected.add(shard + "heartbeatMs=5000");
      for (Metric metric : Metric.values()) {
        expected.add(shard + "metrics/" + metric.id() + "=" + (100 * (i + 1) + metric.number()));
      }
    }
    assertEquals(expected, found);
  }

  @Test
  void shouldPrintTheSameValuesForPeople() {
    StringWriter out = new StringWriter();

    MetricFormats.text(SAMPLES, new PrintWriter(out));

    List<String> lines = out.toString().lines().toList();
    assertEquals(2 * Metric.values().length - 2, lines.size());
    assertEquals(
        "events_per_second                             101 events/s           {database=power,"
            + " vgroup=2}",
        lines.get(0));
    assertTrue(lines.stream().anyMatch(line -> line.matches("uptime_seconds +120 s *")));
  }
}
