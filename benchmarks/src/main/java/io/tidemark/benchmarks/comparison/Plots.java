package io.tidemark.benchmarks.comparison;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Draws what a comparison measured under its largest workloads: a chart for each subject. */
final class Plots {

  /** A chart: its file, its title, what it shows. */
  private record Plot(String file, String title, Figure figure) {}

  private static final List<Plot> PLOTS =
      List.of(
          new Plot("throughput", "Events a second", Figure.APPEND_RATE),
          new Plot("cpu", "CPU of the calling thread", Figure.APPEND_CPU),
          new Plot(
              "query-short", "Which blocks changed: 1,000 events by WAL", Figure.OFFSETS_SHORT),
          new Plot(
              "query-long", "Which blocks changed: 100,000 events by WAL", Figure.OFFSETS_LONG),
          new Plot("query-time", "Which blocks changed: 100,000 events by time", Figure.TIME_LONG),
          new Plot("memory", "Resident memory without files", Figure.RESIDENT_ANONYMOUS),
          new Plot("disk", "Disk", Figure.DISK),
          new Plot("reopen", "Opening again after a close", Figure.OPEN_WARM),
          new Plot("recovery", "Opening after kill -9, in a new JVM", Figure.OPEN_KILLED));

  private Plots() {}

  /** Writes the charts as SVG files into a directory that exists. */
  static void write(Results results, Path directory) throws IOException {
    long events = results.scenarios().stream().mapToLong(Scenario::events).max().orElseThrow();
    List<Scenario> largest =
        results.scenarios().stream().filter(scenario -> scenario.events() == events).toList();
    for (Plot plot : PLOTS) {
      Files.writeString(directory.resolve(plot.file() + ".svg"), chart(results, plot, largest));
    }
  }

  private static String chart(Results results, Plot plot, List<Scenario> scenarios) {
    String subtitle =
        String.format(
            Locale.ROOT,
            "%s: %s; %,d events, logarithmic",
            plot.figure().label(),
            plot.figure().unit(),
            scenarios.get(0).events());
    List<String> series = scenarios.stream().map(scenario -> scenario.ids() + " ids").toList();
    BarChart chart = new BarChart(plot.title(), subtitle, series);
    for (Engine engine : results.of(scenarios.get(0)).keySet()) {
      chart.add(
          engine.label(),
          scenarios.stream().map(scenario -> value(results, scenario, engine, plot)).toList());
    }
    return chart.svg();
  }

  private static double value(Results results, Scenario scenario, Engine engine, Plot plot) {
    Map<Figure, Double> measured = results.of(scenario).getOrDefault(engine, Map.of());
    double value = measured.getOrDefault(plot.figure(), Double.NaN);
    return value > 0 ? value : Double.NaN;
  }
}
