package io.tidemark.tracker;

import io.tidemark.segment.SegmentIndex;
import io.tidemark.state.BlockSets;

/**
 * How a tracker keeps its store.
 *
 * @param maxOpenEvents events after which the open segment is sealed
 * @param segmentsPerCheckpoint seals after which a checkpoint is published
 * @param journalRollBytes size after which a journal file is rolled
 * @param journalKeepBytes journal that the checkpoint no longer needs and that is kept for replay
 * @param mergeFanIn adjoining segments of one size that are merged into one; 0 for never
 * @param history how long every change is kept
 * @param index how segments are found for a question
 * @param blockSets what holds the sets of blocks in each state
 * @param space how much space the store takes before it refuses events; the journal must hold two
 *     files at least, each a record of 1 MiB longer than the roll length
 */
public record TrackerOptions(
    int maxOpenEvents,
    int segmentsPerCheckpoint,
    long journalRollBytes,
    long journalKeepBytes,
    int mergeFanIn,
    HistoryLimits history,
    SegmentIndex.Kind index,
    BlockSets blockSets,
    SpaceLimits space) {

  private static final int DEFAULT_FAN_IN = 8;

  /** A file may be longer than the roll length by one record. */
  private static final long MAX_RECORD_LENGTH = 1 << 20;

  /** Checks the limits. */
  public TrackerOptions {
    if (maxOpenEvents < 1
        || segmentsPerCheckpoint < 1
        || journalRollBytes < 1
        || journalKeepBytes < 0
        || mergeFanIn < 0
        || mergeFanIn == 1
        || space.journalMaxBytes() / 2 - MAX_RECORD_LENGTH < journalRollBytes) {
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
              + mergeFanIn
              + ", journalMaxBytes="
              + space.journalMaxBytes());
    }
  }

  /** Options without limits of history and space. */
  public TrackerOptions(
      int maxOpenEvents,
      int segmentsPerCheckpoint,
      long journalRollBytes,
      long journalKeepBytes,
      int mergeFanIn) {
    this(
        maxOpenEvents,
        segmentsPerCheckpoint,
        journalRollBytes,
        journalKeepBytes,
        mergeFanIn,
        HistoryLimits.NONE,
        SegmentIndex.Kind.SKIP_LISTS,
        BlockSets.ROARING,
        SpaceLimits.NONE);
  }

  /** Options with the usual merging, without limits of history and space. */
  public TrackerOptions(
      int maxOpenEvents, int segmentsPerCheckpoint, long journalRollBytes, long journalKeepBytes) {
    this(maxOpenEvents, segmentsPerCheckpoint, journalRollBytes, journalKeepBytes, DEFAULT_FAN_IN);
  }

  /** Returns options for production: a million events a segment, 64 MiB files, 1 GiB kept. */
  public static TrackerOptions defaults() {
    return new TrackerOptions(1 << 20, 8, 64L << 20, 1L << 30)
        .withHistory(HistoryLimits.DEFAULTS)
        .withSpace(SpaceLimits.DEFAULTS);
  }

  /** Returns the same options with other limits of space. */
  public TrackerOptions withSpace(SpaceLimits limits) {
    return new TrackerOptions(
        maxOpenEvents,
        segmentsPerCheckpoint,
        journalRollBytes,
        journalKeepBytes,
        mergeFanIn,
        history,
        index,
        blockSets,
        limits);
  }

  /** Returns the same options with other limits of history. */
  public TrackerOptions withHistory(HistoryLimits limits) {
    return new TrackerOptions(
        maxOpenEvents,
        segmentsPerCheckpoint,
        journalRollBytes,
        journalKeepBytes,
        mergeFanIn,
        limits,
        index,
        blockSets,
        space);
  }

  /** Returns the same options with another implementation of sets of blocks. */
  public TrackerOptions withBlockSets(BlockSets sets) {
    return new TrackerOptions(
        maxOpenEvents,
        segmentsPerCheckpoint,
        journalRollBytes,
        journalKeepBytes,
        mergeFanIn,
        history,
        index,
        sets,
        space);
  }

  /** Returns the same options with another index. */
  public TrackerOptions withIndex(SegmentIndex.Kind kind) {
    return new TrackerOptions(
        maxOpenEvents,
        segmentsPerCheckpoint,
        journalRollBytes,
        journalKeepBytes,
        mergeFanIn,
        history,
        kind,
        blockSets,
        space);
  }

  /** Returns the same options with another bound of the open segment. */
  public TrackerOptions withMaxOpenEvents(int events) {
    return new TrackerOptions(
        events,
        segmentsPerCheckpoint,
        journalRollBytes,
        journalKeepBytes,
        mergeFanIn,
        history,
        index,
        blockSets,
        space);
  }
}
