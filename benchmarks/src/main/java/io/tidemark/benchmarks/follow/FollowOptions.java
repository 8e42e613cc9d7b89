package io.tidemark.benchmarks.follow;

import io.tidemark.benchmarks.NamedArguments;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a run of a follower does.
 *
 * @param directory where log and store are made, and deleted again
 * @param ratePerSecond records that are written a second
 * @param seconds how long is measured, after as long to warm up
 * @param rows rows of a record
 * @param segmentBytes length at which the writer begins a new segment
 * @param pairs pairs of measurements with and without another process that reads the counters
 * @param rests how often the log rests and a single record is written then
 * @param restMs how long it rests, ms
 * @param isWatched whether the system's notices of changed files are used
 */
record FollowOptions(
    Path directory,
    long ratePerSecond,
    int seconds,
    int rows,
    long segmentBytes,
    int pairs,
    int rests,
    long restMs,
    boolean isWatched) {

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "rate", "100000",
          "seconds", "10",
          "rows", "1",
          "segment", "64",
          "pairs", "0",
          "rests", "0",
          "rest", "2000",
          "watch", "true");

  /** Reads a command line: the directory, then {@code name=value}. */
  static FollowOptions parse(List<String> args) {
    if (args.isEmpty()) {
      throw new IllegalArgumentException("directory is missing: options=" + DEFAULTS);
    }
    NamedArguments values = NamedArguments.parse(DEFAULTS, args.subList(1, args.size()));
    FollowOptions options =
        new FollowOptions(
            Path.of(args.get(0)),
            values.number("rate"),
            (int) values.number("seconds"),
            (int) values.number("rows"),
            values.number("segment") << 20,
            (int) values.number("pairs"),
            (int) values.number("rests"),
            values.number("rest"),
            Boolean.parseBoolean(values.text("watch")));
    if (options.ratePerSecond < 1
        || options.seconds < 1
        || options.rows < 1
        || options.segmentBytes < 1
        || options.restMs < 0) {
      throw new IllegalArgumentException("option out of range: " + options);
    }
    return options;
  }
}
