package io.tidemark.tracker;

/**
 * How a tracker keeps its store.
 *
 * @param maxOpenEvents events after which the open segment is sealed
 * @param segmentsPerCheckpoint seals after which a checkpoint is published
 * @param journalRollBytes size after which a journal file is rolled
 * @param journalKeepBytes journal that the checkpoint no longer needs and that is kept for replay
 * @param mergeFanIn adjoining segments of one size that are merged into one; 0 for never
 */
public record TrackerOptions(
    int maxOpenEvents,
    int segmentsPerCheckpoint,
    long journalRollBytes,
    long journalKeepBytes,
    int mergeFanIn) {

  private static final int DEFAULT_FAN_IN = 8;

  /** Checks the limits. */
  public TrackerOptions {
    if (maxOpenEvents < 1
        || segmentsPerCheckpoint < 1
        || journalRollBytes < 1
        || journalKeepBytes < 0
        || mergeFanIn < 0
        || mergeFanIn == 1) {
      throw new IllegalArgumentException(
          "tracker option out of range: maxOpenEvents="
              + maxOpenEvents
              + ", segmentsPerCheckpoint="
              + segmentsPerCheckpoint
              + ", journalRollBytes="
              + journalRollBytes
              + ", journalKeepBytes="
              + journalKeepBytes
              + ", mergeFanIn="
              + mergeFanIn);
    }
  }

  /** Options with the usual merging. */
  public TrackerOptions(
      int maxOpenEvents, int segmentsPerCheckpoint, long journalRollBytes, long journalKeepBytes) {
    this(maxOpenEvents, segmentsPerCheckpoint, journalRollBytes, journalKeepBytes, DEFAULT_FAN_IN);
  }

  /** Returns options for production: a million events a segment, 64 MiB files, 1 GiB kept. */
  public static TrackerOptions defaults() {
    return new TrackerOptions(1 << 20, 8, 64L << 20, 1L << 30);
  }

  /** Returns the same options with another bound of the open segment. */
  public TrackerOptions withMaxOpenEvents(int events) {
    return new TrackerOptions(
        events, segmentsPerCheckpoint, journalRollBytes, journalKeepBytes, mergeFanIn);
  }
}
