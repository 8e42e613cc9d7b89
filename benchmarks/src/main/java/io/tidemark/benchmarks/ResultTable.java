package io.tidemark.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Figures as they come: a line each for people, and a line of a CSV file.
 *
 * <p>Used by one thread.
 */
final class ResultTable {
  private static final String HEADER = "ids,blocks,events,figure,value,unit";

  private final PrintStream out;
  private final @Nullable Path csv;
  private final List<String> figures = new ArrayList<>();
  private String ids = "";
  private long blocks;
  private long events;

  /**
   * Creates a table.
   *
   * @param csv file that lines are appended to, null for none
   */
  ResultTable(PrintStream out, @Nullable Path csv) throws IOException {
    this.out = out;
    this.csv = csv;
    if (csv != null && !Files.exists(csv)) {
      Files.writeString(csv, HEADER + '\n');
    }
  }

  /** Begins the figures of one store. */
  void begin(String newIds, long newBlocks, long newEvents) {
    ids = newIds;
    blocks = newBlocks;
    events = newEvents;
    out.printf(Locale.ROOT, "%n%s ids, %,d blocks, %,d events%n", ids, blocks, events);
  }

  /** Adds a figure. */
  void add(String figure, double value, String unit) throws IOException {
    figures.add(figure);
    out.printf(Locale.ROOT, "  %-58s %,16.2f %s%n", figure, value, unit);
    out.flush();
    if (csv != null) {
      String line =
          String.format(
              Locale.ROOT, "%s,%d,%d,%s,%.3f,%s%n", ids, blocks, events, figure, value, unit);
      Files.writeString(csv, line, StandardOpenOption.APPEND);
    }
  }

  /** Adds what a meter says, as ms; the first repetition apart if there were several. */
  void addMs(String figure, Meter meter) throws IOException {
    add(figure + " cpu", meter.cpuNs() / 1e6, "ms");
    add(figure + " wall", meter.wallNs() / 1e6, "ms");
    if (meter.count() > 1) {
      add(figure + " cpu first", meter.firstCpuNs() / 1e6, "ms");
      add(figure + " wall first", meter.firstWallNs() / 1e6, "ms");
    }
  }

  /** Says why a figure is missing. */
  void missing(String figure, String reason) {
    figures.add(figure);
    out.printf(Locale.ROOT, "  %-58s %s%n", figure, reason);
    out.flush();
  }

  /** Returns how many blocks the store of the present figures has. */
  long blocks() {
    return blocks;
  }

  /** Returns the names of the figures added. */
  List<String> figures() {
    return List.copyOf(figures);
  }
}
