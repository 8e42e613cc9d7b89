package io.tidemark.benchmarks;

import io.tidemark.tracker.Durability;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a run of the pipeline does.
 *
 * @param directory where the store is made, and deleted again
 * @param ratePerSecond events offered a second by all producers; 0 for as many as are taken
 * @param seconds how long is measured, after as long to warm up
 * @param producers threads that give events
 * @param durability of the pipeline
 * @param listeners callbacks that count events beside
 * @param isClustered whether ids come in runs of 16 of 2^24, or spread over 10^9
 */
record PipelineRunOptions(
    Path directory,
    long ratePerSecond,
    int seconds,
    int producers,
    Durability durability,
    int listeners,
    boolean isClustered) {

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "rate", "0",
          "seconds", "10",
          "producers", "1",
          "durability", "group",
          "listeners", "0",
          "ids", "clustered");

  /** Reads a command line: the directory, then {@code name=value}. */
  static PipelineRunOptions parse(List<String> args) {
    if (args.isEmpty()) {
      throw new IllegalArgumentException("directory is missing: options=" + DEFAULTS);
    }
    NamedArguments values = NamedArguments.parse(DEFAULTS, args.subList(1, args.size()));
    PipelineRunOptions options =
        new PipelineRunOptions(
            Path.of(args.get(0)),
            values.number("rate"),
            (int) values.number("seconds"),
            (int) values.number("producers"),
            Durability.valueOf(values.text("durability").toUpperCase(Locale.ROOT)),
            (int) values.number("listeners"),
            values.text("ids").equals("clustered"));
    if (options.seconds < 1 || options.producers < 1 || options.ratePerSecond < 0) {
      throw new IllegalArgumentException("option out of range: " + options);
    }
    return options;
  }
}
