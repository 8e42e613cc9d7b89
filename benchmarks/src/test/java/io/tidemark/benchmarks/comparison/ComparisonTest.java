package io.tidemark.benchmarks.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The comparison in its short form: all engines answer alike, and no figure is left out. */
class ComparisonTest {
  private static final long EVENTS = 2_000;
  private static final long SEED = 5;

  /** Each process lives a second: better little to compile and one thread to collect. */
  private static final String SHORT_LIFE = "-Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

  @TempDir private Path directory;

  @Test
  void shouldMeasureEveryEngine() throws Exception {
    ComparisonOptions options =
        ComparisonOptions.parse(
            directory.toString(), "events=" + EVENTS, "ids=clustered", "jvm=" + SHORT_LIFE);

    Results results = Comparison.run(options, nowhere());

    Map<Engine, Map<Figure, Double>> measured =
        results.of(new Scenario(Scenario.CLUSTERED, EVENTS));
    assertEquals(Set.of(Engine.values()), measured.keySet());
    measured.forEach(
        (engine, figures) ->
            assertEquals(Set.of(Figure.values()), figures.keySet(), engine::label));
    assertEquals(
        1 + Engine.values().length * Figure.values().length, results.csv().lines().count());
    assertTrue(results.markdown().contains("| append, wall, M events/s |"), results::markdown);
  }

  @Test
  void shouldRefuseEngineThatAnswersOtherwise() throws IOException {
    Path workload = directory.resolve("workload");
    Path other = directory.resolve("other");
    EventFile.write(workload, false, EVENTS, Worker.extraEvents(EVENTS), SEED);
    EventFile.write(other, false, EVENTS, Worker.extraEvents(EVENTS), SEED + 1);
    Answers wrong = Answers.byLookingAtAll(other, EVENTS);
    EngineRun run =
        new EngineRun(
            Engine.HEAP, directory.resolve("store"), workload, EVENTS, List.of("-Xmx256m"));

    WrongAnswerException refused =
        assertThrows(WrongAnswerException.class, () -> run.run(wrong, wrong));

    String expected =
        "wrong answer: engine=HEAP, moment=loaded, expected=" + wrong.lines().get(0) + ", actual=";
    assertTrue(String.valueOf(refused.getMessage()).startsWith(expected), refused::toString);
  }

  @Test
  void shouldDrawChartsOfTheLargestWorkloads() throws IOException {
    Results results = new Results();
    for (Scenario scenario :
        List.of(
            new Scenario(Scenario.CLUSTERED, 1_000),
            new Scenario(Scenario.CLUSTERED, 9_000),
            new Scenario(Scenario.RANDOM, 9_000))) {
      for (Engine engine : List.of(Engine.TIDEMARK, Engine.LMDB)) {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        for (Figure figure : Figure.values()) {
          figures.put(figure, 1.0 + scenario.events());
        }
        results.add(scenario, engine, figures);
      }
    }

    Plots.write(results, directory);

    String chart = Files.readString(directory.resolve("disk.svg"));
    assertTrue(chart.contains("disk: B an event; 9,000 events"), chart);
    assertEquals(4, chart.split(">9,001<", -1).length - 1, chart);
  }

  @Test
  void shouldRefuseUnknownArguments() {
    assertEquals(
        "unknown argument: event=1",
        assertThrows(
                IllegalArgumentException.class, () -> ComparisonOptions.parse("there", "event=1"))
            .getMessage());
    assertEquals(
        "unknown distribution of ids: ids=sorted",
        assertThrows(
                IllegalArgumentException.class,
                () -> ComparisonOptions.parse("there", "ids=sorted"))
            .getMessage());
  }

  private static PrintStream nowhere() {
    return new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
  }
}
