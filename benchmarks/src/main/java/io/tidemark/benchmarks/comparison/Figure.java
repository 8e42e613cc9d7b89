package io.tidemark.benchmarks.comparison;

/**
 * What is measured of each engine.
 *
 * <p>CPU is that of the calling thread unless it says process. Questions and lookups are medians.
 */
enum Figure {
  APPEND_CPU("append, CPU", "ns an event"),
  PROCESS_CPU("append, CPU of the process until idle", "ns an event"),
  APPEND_RATE("append, wall", "M events/s"),
  SETTLE_WALL("idle after the last append", "s"),
  OFFSETS_SHORT("1 k events by WAL, CPU", "ms"),
  TIME_SHORT("1 k events by time, CPU", "ms"),
  OFFSETS_LONG("100 k events by WAL, CPU", "ms"),
  TIME_LONG("100 k events by time, CPU", "ms"),
  COUNT_HALF("blocks in half the history, CPU", "ms"),
  OFFSETS_SHORT_WALL("1 k events by WAL, wall", "ms"),
  TIME_SHORT_WALL("1 k events by time, wall", "ms"),
  OFFSETS_LONG_WALL("100 k events by WAL, wall", "ms"),
  TIME_LONG_WALL("100 k events by time, wall", "ms"),
  COUNT_HALF_WALL("blocks in half the history, wall", "ms"),
  STATE_CPU("state of a block, CPU", "ns"),
  FIRST_LAST_CHANGE("last change of a block, first lookup, wall", "ms"),
  LAST_CHANGE_CPU("last change of a block, CPU", "ns"),
  HEAP("heap after a collection", "MiB"),
  RESIDENT("resident", "MiB"),
  RESIDENT_ANONYMOUS("resident, without files", "MiB"),
  DISK("disk", "B an event"),
  CLOSE("close, wall", "ms"),
  OPEN_COLD("open in a new JVM, wall", "ms"),
  OPEN_WARM("open again, wall", "ms"),
  OPEN_KILLED("open after kill -9, new JVM, wall", "ms"),
  OPEN_KILLED_CPU("open after kill -9, new JVM, CPU of the process", "ms");

  private final String label;
  private final String unit;

  Figure(String label, String unit) {
    this.label = label;
    this.unit = unit;
  }

  /** Returns the name for people. */
  String label() {
    return label;
  }

  String unit() {
    return unit;
  }
}
