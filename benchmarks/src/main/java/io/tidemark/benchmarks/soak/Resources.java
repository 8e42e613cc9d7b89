package io.tidemark.benchmarks.soak;

import io.tidemark.benchmarks.Footprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What the process and its store take at one moment.
 *
 * @param heapBytes in use after a collection
 * @param committedHeapBytes what the heap may use without asking the system
 * @param residentBytes mapped files included
 * @param anonymousBytes resident, without files
 * @param handles open files of the process
 * @param mappedBytes of the store's files, deleted ones included
 * @param diskBytes allocated to the store
 */
record Resources(
    long heapBytes,
    long committedHeapBytes,
    long residentBytes,
    long anonymousBytes,
    long handles,
    long mappedBytes,
    long diskBytes) {
  private static final Path HANDLES = Path.of("/proc/self/fd");
  private static final Path MAPS = Path.of("/proc/self/maps");

  static final String CSV_HEADER =
      "seconds,events,heapBytes,committedHeapBytes,residentBytes,anonymousBytes,handles,mappedBytes,"
          + "diskBytes";

  /** Collects garbage, and measures. What the system does not tell is 0. */
  static Resources now(Path store) throws IOException {
    long heap = Footprint.liveHeap();
    return new Resources(
        heap,
        Runtime.getRuntime().totalMemory(),
        Footprint.resident(),
        Footprint.residentWithoutFiles(),
        openHandles(),
        mapped(store),
        Footprint.allocated(store));
  }

  private static long openHandles() throws IOException {
    if (!Files.exists(HANDLES)) {
      return 0;
    }
    try (var handles = Files.list(HANDLES)) {
      return handles.count();
    }
  }

  private static long mapped(Path store) throws IOException {
    if (!Files.exists(MAPS)) {
      return 0;
    }
    long bytes = 0;
    String prefix = store.toRealPath() + "/";
    for (String line : Files.readAllLines(MAPS)) {
      if (line.contains(prefix)) {
        String[] ends = line.substring(0, line.indexOf(' ')).split("-", 2);
        bytes += Long.parseLong(ends[1], 16) - Long.parseLong(ends[0], 16);
      }
    }
    return bytes;
  }

  /** Returns a line under {@link #CSV_HEADER}. */
  String csv(double seconds, long events) {
    return String.format(
        Locale.ROOT,
        "%.1f,%d,%d,%d,%d,%d,%d,%d,%d",
        seconds,
        events,
        heapBytes,
        committedHeapBytes,
        residentBytes,
        anonymousBytes,
        handles,
        mappedBytes,
        diskBytes);
  }

  /**
   * Returns the least that is resident beside files and heap. A heap becomes resident piece by
   * piece as collections move through it, for as long as it likes; what it holds is told by its own
   * figure.
   */
  long besideHeapBytes() {
    return Math.max(0, anonymousBytes - committedHeapBytes);
  }
}
