package io.tidemark.benchmarks.comparison;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * All figures of a comparison, as a table for people and as CSV.
 *
 * <p>Used by one thread.
 */
final class Results {
  /** The table's columns: what decides. CSV has the rest. */
  private static final List<Figure> COLUMNS =
      List.of(
          Figure.APPEND_CPU,
          Figure.PROCESS_CPU,
          Figure.APPEND_RATE,
          Figure.OFFSETS_SHORT,
          Figure.TIME_SHORT,
          Figure.OFFSETS_LONG,
          Figure.TIME_LONG,
          Figure.COUNT_HALF,
          Figure.STATE_CPU,
          Figure.LAST_CHANGE_CPU,
          Figure.HEAP,
          Figure.RESIDENT_ANONYMOUS,
          Figure.RESIDENT,
          Figure.DISK,
          Figure.OPEN_WARM,
          Figure.OPEN_COLD,
          Figure.OPEN_KILLED);

  private final Map<Scenario, Map<Engine, Map<Figure, Double>>> figures = new LinkedHashMap<>();

  void add(Scenario scenario, Engine engine, Map<Figure, Double> measured) {
    figures
        .computeIfAbsent(scenario, ignored -> new EnumMap<>(Engine.class))
        .put(engine, new EnumMap<>(measured));
  }

  /** Returns the scenarios in the order they came. */
  List<Scenario> scenarios() {
    return List.copyOf(figures.keySet());
  }

  /** Returns the figures of each engine in a scenario. */
  Map<Engine, Map<Figure, Double>> of(Scenario scenario) {
    return Objects.requireNonNull(figures.get(scenario));
  }

  /** Returns a table for each scenario: a row a figure, a column an engine. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    figures.forEach(
        (scenario, engines) -> {
          text.append(
              String.format(
                  Locale.ROOT, "%n### %,d events, %s ids%n%n", scenario.events(), scenario.ids()));
          text.append("| |");
          engines.keySet().forEach(engine -> text.append(' ').append(engine.label()).append(" |"));
          text.append("\n| --- |").append(" ---: |".repeat(engines.size())).append('\n');
          for (Figure figure : COLUMNS) {
            text.append("| ").append(figure.label()).append(", ").append(figure.unit());
            text.append(" |");
            for (Map<Figure, Double> measured : engines.values()) {
              text.append(' ').append(rounded(measured, figure)).append(" |");
            }
            text.append('\n');
          }
        });
    return text.toString();
  }

  /** Returns a number of three digits that count. */
  private static String rounded(Map<Figure, Double> measured, Figure figure) {
    double value = measured.getOrDefault(figure, Double.NaN);
    int digits = value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0;
    return String.format(Locale.ROOT, "%,." + digits + "f", value);
  }

  /** Returns a line a figure. */
  String csv() {
    StringBuilder text = new StringBuilder("ids,events,engine,figure,value,unit\n");
    figures.forEach(
        (scenario, engines) ->
            engines.forEach(
                (engine, measured) ->
                    measured.forEach(
                        (figure, value) ->
                            text.append(
                                String.format(
                                    Locale.ROOT,
                                    "%s,%d,%s,%s,%.4f,%s%n",
                                    scenario.ids(),
                                    scenario.events(),
                                    engine.name().toLowerCase(Locale.ROOT),
                                    figure.name().toLowerCase(Locale.ROOT),
                                    value,
                                    figure.unit())))));
    return text.toString();
  }
}
