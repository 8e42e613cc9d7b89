package io.tidemark.benchmarks;

import io.tidemark.tracker.TrackerOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link StoreBenchmark} is to do.
 *
 * @param directory where stores are made and deleted again
 * @param blocks how many blocks change, a store for each number
 * @param ids "clustered", "random"
 * @param parts what is measured besides loading
 * @param rounds how often each block changes
 * @param runLength neighbouring ids that change one after another, for clustered ids
 * @param range random ids lie in [0, range)
 * @param answers blocks in the answer to a range question
 * @param unsealed events after the last seal when the writer is killed
 * @param openEvents events after which the open segment is sealed
 * @param limitSeconds loading stops after this time
 * @param minFreeBytes loading stops when the disk has less
 * @param keeps whether the stores stay on disk
 * @param csv file that figures are appended to, null for none
 */
record StoreBenchmarkOptions(
    Path directory,
    List<Long> blocks,
    List<String> ids,
    List<String> parts,
    long rounds,
    int runLength,
    long range,
    long answers,
    long unsealed,
    int openEvents,
    long limitSeconds,
    long minFreeBytes,
    boolean keeps,
    @Nullable Path csv) {

  static final String USAGE =
      """
      usage: StoreBenchmark <directory> [name=value ...]
        blocks=1000000,10000000   stores of these many changed blocks
        ids=clustered,random      how ids are distributed
        parts=range,state,metadata,commit,close,kill,powercut,bitmap
        rounds=1                  how often each block changes
        run=16                    neighbouring ids that change one after another
        range=1000000000          random ids, and those of bitmaps, lie below
        answers=100000            blocks in the answer to a range question
        unsealed=1000000          events that are not sealed when the writer is killed
        open=1048576              events after which the open segment is sealed
        seconds=-                 limit of loading
        free=0                    bytes that loading leaves free on the disk
        keep=false                leave the stores on disk
        csv=-                     file to append figures to""";

  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("blocks", "1000000,10000000"),
          Map.entry("ids", "clustered,random"),
          Map.entry("parts", "range,state,metadata,commit,close,kill,powercut,bitmap"),
          Map.entry("rounds", "1"),
          Map.entry("run", "16"),
          Map.entry("range", "1000000000"),
          Map.entry("answers", "100000"),
          Map.entry("unsealed", "1000000"),
          Map.entry("open", "1048576"),
          Map.entry("seconds", NamedArguments.NONE),
          Map.entry("free", "0"),
          Map.entry("keep", "false"),
          Map.entry("csv", NamedArguments.NONE));

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException if it is wrong
   */
  static StoreBenchmarkOptions parse(String... args) {
    if (args.length == 0) {
      throw new IllegalArgumentException("no directory");
    }
    List<String> named = List.of(args).subList(1, args.length);
    NamedArguments values = NamedArguments.parse(DEFAULTS, named);
    return new StoreBenchmarkOptions(
        Path.of(args[0]),
        values.numbers("blocks"),
        values.list("ids"),
        values.list("parts"),
        values.number("rounds"),
        (int) values.number("run"),
        values.number("range"),
        values.number("answers"),
        values.number("unsealed"),
        (int) values.number("open"),
        values.text("seconds").equals(NamedArguments.NONE)
            ? Long.MAX_VALUE
            : values.number("seconds"),
        values.number("free"),
        Boolean.parseBoolean(values.text("keep")),
        values.path("csv"));
  }

  boolean has(String part) {
    return parts.contains(part);
  }

  /** Returns how the stores are kept: as in production, sealed at another number of events. */
  TrackerOptions tracker() {
    return TrackerOptions.builder().maxOpenEvents(openEvents).build();
  }
}
