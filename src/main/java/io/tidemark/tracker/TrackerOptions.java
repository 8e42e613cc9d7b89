package io.tidemark.tracker;

import io.tidemark.segment.SegmentIndex;
import io.tidemark.state.BlockSets;

/**
 * How a tracker keeps its store. Immutable; what each option means stands at its {@link Builder}.
 */
public final class TrackerOptions {

  /**
   * Memory of an event from when it is applied until it is sealed, sealing included, in bytes.
   * Counted over the open segment and the one that is being sealed together, of which each has half
   * of the events at most; measured, see docs/PERFORMANCE.md.
   */
  public static final int OPEN_EVENT_BYTES = 64;

  /** A file may be longer than the roll length by one record. */
  private static final long MAX_RECORD_LENGTH = 1 << 20;

  /** A copy that nobody else holds. */
  private final Builder values;

  private TrackerOptions(Builder values) {
    this.values = values;
    long journalMaxBytes = values.space.journalMaxBytes();
    if (journalMaxBytes / 2 - MAX_RECORD_LENGTH < values.journalRollBytes) {
      throw new IllegalArgumentException(
          "journal must hold two files: journalRollBytes="
              + values.journalRollBytes
              + ", journalMaxBytes="
              + journalMaxBytes);
    }
  }

  /** Returns options for production: those of a builder that nobody changed. */
  public static TrackerOptions defaults() {
    return builder().build();
  }

  /** Returns a builder that holds the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that holds these options. */
  public Builder toBuilder() {
    return values.copy();
  }

  /** Returns the events after which the open segment is sealed. */
  public int maxOpenEvents() {
    return values.maxOpenEvents;
  }

  /** Returns the events that may take memory until they are sealed; 2^31 − 1 for no limit. */
  public int openEventsMax() {
    return values.openEventsMax;
  }

  /** Returns the seals after which a checkpoint is published. */
  public int segmentsPerCheckpoint() {
    return values.segmentsPerCheckpoint;
  }

  /** Returns the length after which a journal file is rolled. */
  public long journalRollBytes() {
    return values.journalRollBytes;
  }

  /** Returns how much of the journal is kept that the checkpoint no longer needs. */
  public long journalKeepBytes() {
    return values.journalKeepBytes;
  }

  /** Returns how many adjoining segments of one size are merged into one; 0 for never. */
  public int mergeFanIn() {
    return values.mergeFanIn;
  }

  /** Returns how long every change is kept. */
  public HistoryLimits history() {
    return values.history;
  }

  /** Returns how segments are found for a question. */
  public SegmentIndex.Kind index() {
    return values.index;
  }

  /** Returns what holds the sets of blocks in each state. */
  public BlockSets blockSets() {
    return values.blockSets;
  }

  /** Returns how much space the store takes before it refuses events. */
  public SpaceLimits space() {
    return values.space;
  }

  @Override
  public String toString() {
    return "maxOpenEvents="
        + maxOpenEvents()
        + ", openEventsMax="
        + openEventsMax()
        + ", segmentsPerCheckpoint="
        + segmentsPerCheckpoint()
        + ", journalRollBytes="
        + journalRollBytes()
        + ", journalKeepBytes="
        + journalKeepBytes()
        + ", mergeFanIn="
        + mergeFanIn()
        + ", history="
        + history()
        + ", index="
        + index()
        + ", blockSets="
        + blockSets()
        + ", space="
        + space();
  }

  /** Options in the making; each has its default until it is set. Not thread-safe. */
  public static final class Builder implements Cloneable {
    private int maxOpenEvents = 1 << 20;
    private int openEventsMax = Integer.MAX_VALUE;
    private int segmentsPerCheckpoint = 8;
    private long journalRollBytes = 64L << 20;
    private long journalKeepBytes = 1L << 30;
    private int mergeFanIn = 8;
    private HistoryLimits history = HistoryLimits.DEFAULTS;
    private SegmentIndex.Kind index = SegmentIndex.Kind.SKIP_LISTS;
    private BlockSets blockSets = BlockSets.ROARING;
    private SpaceLimits space = SpaceLimits.DEFAULTS;

    private Builder() {}

    /** Seals the open segment after so many events; default 2^20. */
    public Builder maxOpenEvents(int events) {
      check(events >= 1, "maxOpenEvents", events);
      maxOpenEvents = events;
      return this;
    }

    /**
     * Keeps the events that are not sealed within so many from the opening on, what it replays
     * included, by sealing earlier; default: no limit. See {@link ChangeTracker#limitOpenEvents}.
     */
    public Builder openEventsMax(int events) {
      check(events >= 1, "openEventsMax", events);
      openEventsMax = events;
      return this;
    }

    /** Publishes a checkpoint after so many seals; default 8. */
    public Builder segmentsPerCheckpoint(int segments) {
      check(segments >= 1, "segmentsPerCheckpoint", segments);
      segmentsPerCheckpoint = segments;
      return this;
    }

    /** Rolls a journal file after so many bytes; default 64 MiB. */
    public Builder journalRollBytes(long bytes) {
      check(bytes >= 1, "journalRollBytes", bytes);
      journalRollBytes = bytes;
      return this;
    }

    /**
     * Keeps so much of the journal for replay that the checkpoint no longer needs; default 1 GiB.
     */
    public Builder journalKeepBytes(long bytes) {
      check(bytes >= 0, "journalKeepBytes", bytes);
      journalKeepBytes = bytes;
      return this;
    }

    /** Merges so many adjoining segments of one size into one; 0 for never; default 8. */
    public Builder mergeFanIn(int segments) {
      check(segments == 0 || segments >= 2, "mergeFanIn", segments);
      mergeFanIn = segments;
      return this;
    }

    /** Keeps every change so long; default {@link HistoryLimits#DEFAULTS}. */
    public Builder history(HistoryLimits limits) {
      history = limits;
      return this;
    }

    /** Finds segments for a question in this way; default skip lists. */
    public Builder index(SegmentIndex.Kind kind) {
      index = kind;
      return this;
    }

    /** Holds the sets of blocks in each state in these; default Roaring bitmaps. */
    public Builder blockSets(BlockSets sets) {
      blockSets = sets;
      return this;
    }

    /**
     * Takes so much space before events are refused; default {@link SpaceLimits#DEFAULTS}. The
     * journal must hold two files at least, each a record of 1 MiB longer than the roll length.
     */
    public Builder space(SpaceLimits limits) {
      space = limits;
      return this;
    }

    /** Keeps every change for ever and takes as much space as there is. */
    public Builder unlimited() {
      return history(HistoryLimits.NONE).space(SpaceLimits.NONE);
    }

    /**
     * Returns the options.
     *
     * @throws IllegalArgumentException if the journal's limit does not hold two of its files
     */
    public TrackerOptions build() {
      return new TrackerOptions(copy());
    }

    private Builder copy() {
      try {
        return (Builder) clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError("a builder can be cloned", e);
      }
    }

    private static void check(boolean isInRange, String name, long value) {
      if (!isInRange) {
        throw new IllegalArgumentException("tracker option out of range: " + name + "=" + value);
      }
    }
  }
}
