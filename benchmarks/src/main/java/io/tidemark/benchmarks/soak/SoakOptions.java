package io.tidemark.benchmarks.soak;

import io.tidemark.benchmarks.NamedArguments;
import io.tidemark.tracker.HistoryLimits;
import io.tidemark.tracker.TrackerOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Soak} is to do.
 *
 * @param durationMs how long producers run
 * @param directory where the store is made and deleted again
 * @param workload what the events are
 * @param sampleMs how often resources are measured
 * @param tracker small limits, so that everything that is bounded reaches its bound early
 * @param csv file for the samples, null for none
 */
record SoakOptions(
    long durationMs,
    Path directory,
    SoakWorkload workload,
    long sampleMs,
    TrackerOptions tracker,
    @Nullable Path csv) {

  static final String USAGE =
      """
      usage: Soak <duration> <directory> [name=value ...]
        duration          30s, 10m, 8h
        producers=4       threads that give events
        blocks=1048576    how many blocks change; a multiple of 16
        open=131072       events after which the open segment is sealed
        history=64        MiB of segments after which history is folded into the base
        journal=16        MiB of journal kept for replay, and twice the length of its files
        samples=60        how often resources are measured in all
        csv=-             file for the samples""";

  private static final Pattern DURATION = Pattern.compile("(\\d+)([smh])");
  private static final Map<String, Long> UNITS_MS =
      Map.of("s", 1_000L, "m", 60_000L, "h", 3_600_000L);
  private static final long MIB = 1 << 20;

  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("producers", "4"),
          Map.entry("blocks", "1048576"),
          Map.entry("open", "131072"),
          Map.entry("history", "64"),
          Map.entry("journal", "16"),
          Map.entry("samples", "60"),
          Map.entry("csv", NamedArguments.NONE));

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException if it is wrong
   */
  static SoakOptions parse(String... args) {
    if (args.length < 2) {
      throw new IllegalArgumentException("no duration or no directory");
    }
    Matcher duration = DURATION.matcher(args[0]);
    if (!duration.matches()) {
      throw new IllegalArgumentException("no duration: " + args[0]);
    }
    long durationMs =
        Long.parseLong(duration.group(1)) * UNITS_MS.getOrDefault(duration.group(2), 0L);
    List<String> named = List.of(args).subList(2, args.length);
    NamedArguments values = NamedArguments.parse(DEFAULTS, named);
    long journalBytes = values.number("journal") * MIB;
    return new SoakOptions(
        durationMs,
        Path.of(args[1]),
        new SoakWorkload((int) values.number("producers"), values.number("blocks")),
        Math.max(durationMs / values.number("samples"), 1),
        TrackerOptions.builder()
            .maxOpenEvents((int) values.number("open"))
            .journalRollBytes(journalBytes / 2)
            .journalKeepBytes(journalBytes)
            .history(new HistoryLimits(Long.MAX_VALUE, values.number("history") * MIB))
            .build(),
        values.path("csv"));
  }
}
