package io.tidemark.benchmarks.comparison;

import io.tidemark.benchmarks.NamedArguments;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Comparison} is to do.
 *
 * @param directory where workloads and stores are made and deleted again
 * @param scenarios the workloads
 * @param engines who takes part
 * @param jvmArgs options of each process besides those that the library needs
 * @param output where the table, the figures and the plots are written, null for nowhere
 */
record ComparisonOptions(
    Path directory,
    List<Scenario> scenarios,
    List<Engine> engines,
    List<String> jvmArgs,
    @Nullable Path output) {

  static final String USAGE =
      """
      usage: Comparison <directory> [name=value ...]
        events=100000,1000000   workloads of these many events
        ids=clustered,random    how ids are distributed
        engines=all             tidemark, lmdb, rocksdb, mvstore, mapdb, sqlite, heap
        jvm=-Xmx6g              options of each process, separated by white space
        out=-                   directory for comparison.md, comparison.csv and plots""";

  private static final String ALL = "all";

  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("events", "100000,1000000"),
          Map.entry("ids", Scenario.CLUSTERED + "," + Scenario.RANDOM),
          Map.entry("engines", ALL),
          Map.entry("jvm", "-Xmx6g"),
          Map.entry("out", NamedArguments.NONE));

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException if it is wrong
   */
  static ComparisonOptions parse(String... args) {
    if (args.length == 0) {
      throw new IllegalArgumentException("no directory");
    }
    List<String> named = List.of(args).subList(1, args.length);
    NamedArguments values = NamedArguments.parse(DEFAULTS, named);
    List<Scenario> scenarios = new ArrayList<>();
    for (long events : values.numbers("events")) {
      for (String ids : values.list("ids")) {
        scenarios.add(new Scenario(ids, events));
      }
    }
    return new ComparisonOptions(
        Path.of(args[0]),
        List.copyOf(scenarios),
        engines(values),
        List.of(values.text("jvm").split("\\s+", -1)),
        values.path("out"));
  }

  private static List<Engine> engines(NamedArguments values) {
    return values.text("engines").equals(ALL)
        ? Arrays.asList(Engine.values())
        : values.list("engines").stream()
            .map(name -> Engine.valueOf(name.toUpperCase(Locale.ROOT)))
            .toList();
  }
}
