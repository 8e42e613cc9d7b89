package io.tidemark.metrics;

import java.util.Locale;

/**
 * The metrics of a store and of the process that feeds it, by the specification's names.
 *
 * <p>Numbers are those of the counters in files of counters: they never move, a new metric gets a
 * new one.
 */
public enum Metric {
  /** Rate of events. */
  EVENTS_PER_SECOND(
      1, Kind.GAUGE, Scope.SHARD, "events/s", "Block events journaled and applied a second."),
  /** Rate of messages. */
  MESSAGES_PER_SECOND(
      2, Kind.GAUGE, Scope.SHARD, "messages/s", "Records of the engine's log taken in a second."),
  /** Rate of bytes. */
  BYTES_PER_SECOND(
      3, Kind.GAUGE, Scope.SHARD, "bytes/s", "Bytes of the engine's log taken in a second."),
  /** Age of a message when it was taken in. */
  CONSUMER_LAG_MS(
      4,
      Kind.GAUGE,
      Scope.SHARD,
      "ms",
      "Age of the newest message when it was taken in, counted from its writing; 0 when nothing"
          + " more came and nothing waits."),
  /** Messages not read yet. */
  OFFSET_LAG(
      5,
      Kind.GAUGE,
      Scope.SHARD,
      "messages",
      "Messages in the engine's log that are not read yet."),
  /** Time a batch takes. */
  PROCESSING_DELAY_MS(
      6,
      Kind.GAUGE,
      Scope.SHARD,
      "ms",
      "How long the last batch of events took from its reading until it was applied."),
  /** Events lost. */
  EVENTS_DROPPED(
      7,
      Kind.TOTAL,
      Scope.SHARD,
      "events",
      "Events that found no room in the ring; each lies in a gap that says so."),
  /** Messages lost. */
  MESSAGES_DROPPED(
      8,
      Kind.TOTAL,
      Scope.SHARD,
      "messages",
      "Messages that could not be read: recycled before they were, missing, or damaged. Gaps."),
  /** Messages not understood. */
  PARSE_ERRORS(
      9, Kind.TOTAL, Scope.SHARD, "messages", "Messages that could not be decoded. Each is a gap."),
  /** Openings that were tried again. */
  CONNECTION_RETRIES(
      10,
      Kind.TOTAL,
      Scope.SHARD,
      "retries",
      "How often opening the store and its source was tried again after it failed."),
  /** Sources that were begun again. */
  SUBSCRIPTION_RETRIES(
      11,
      Kind.TOTAL,
      Scope.SHARD,
      "retries",
      "How often reading the source failed and was begun again from the journaled position."),
  /** Checkpoints that were tried again. */
  COMMIT_RETRIES(
      12,
      Kind.TOTAL,
      Scope.SHARD,
      "retries",
      "How often a checkpoint, which lets the journal go, failed and was tried again."),
  /** Use of the ring. */
  RING_BUFFER_USAGE(
      13, Kind.GAUGE, Scope.SHARD, "%", "Events waiting in the ring, in percent of its capacity."),
  /** Size of the ring. */
  RING_BUFFER_CAPACITY(
      14,
      Kind.GAUGE,
      Scope.SHARD,
      "events",
      "Events the ring holds; 0 where a source is read without one, as a log in files is."),
  /** Events waiting. */
  EVENT_QUEUE_SIZE(15, Kind.GAUGE, Scope.SHARD, "events", "Events waiting in the ring."),
  /** All memory. */
  MEMORY_USAGE_BYTES(
      16, Kind.GAUGE, Scope.PROCESS, "bytes", "Heap in use and direct buffers of the process."),
  /** Memory of bitmaps. */
  BITMAP_MEMORY_BYTES(
      17, Kind.GAUGE, Scope.SHARD, "bytes", "Length of the bitmaps of block states, serialized."),
  /** Memory of metadata. */
  METADATA_MEMORY_BYTES(
      18, Kind.GAUGE, Scope.SHARD, "bytes", "Space that the files of the metadata map take."),
  /** When these values were made. */
  LAST_UPDATE_TIME(
      19, Kind.GAUGE, Scope.SHARD, "ms since the epoch", "When these values were last brought up."),
  /** Age of the process. */
  UPTIME_SECONDS(20, Kind.GAUGE, Scope.PROCESS, "s", "How long the process has been following."),
  /** Holes. */
  GAP_COUNT(
      21,
      Kind.GAUGE,
      Scope.SHARD,
      "gaps",
      "Holes in the log as the store knows it: ranges that cross one are FULL_REQUIRED."),
  /** Journal on disk. */
  JOURNAL_SIZE_BYTES(22, Kind.GAUGE, Scope.SHARD, "bytes", "Space that the change journal takes."),
  /** Segments. */
  SEGMENT_COUNT(23, Kind.GAUGE, Scope.SHARD, "segments", "Change segments of the store."),
  /** Time until unread log is lost. */
  WAL_HEADROOM_SECONDS(
      24,
      Kind.GAUGE,
      Scope.SHARD,
      "s",
      "Time until the server may delete log that was not read, by its retention period and, about,"
          + " by its size; 0 if the next commit may;"
          + " 2147483647 if it keeps it without limit."),
  /** Age of the checkpoint. */
  LAST_CHECKPOINT_AGE_SECONDS(
      25,
      Kind.GAUGE,
      Scope.SHARD,
      "s",
      "Time since the newest checkpoint, or since the opening if there was none since.");

  /** How a value moves. */
  public enum Kind {
    /** Up and down: a value of the moment. */
    GAUGE,
    /** Only up, since the process began. */
    TOTAL
  }

  /** What a value is about. */
  public enum Scope {
    /** One store and the log it tracks. */
    SHARD,
    /** The process that has it open, with all of its stores. */
    PROCESS
  }

  private final int number;
  private final Kind kind;
  private final Scope scope;
  private final String unit;
  private final String help;

  Metric(int number, Kind kind, Scope scope, String unit, String help) {
    this.number = number;
    this.kind = kind;
    this.scope = scope;
    this.unit = unit;
    this.help = help;
  }

  /** Returns the specification's name, the same in every form of output. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the number of its counter in a file of counters; from 1. */
  int number() {
    return number;
  }

  /** Returns how its value moves. */
  public Kind kind() {
    return kind;
  }

  /** Returns what its value is about. */
  public Scope scope() {
    return scope;
  }

  /** Returns the unit of its value. */
  public String unit() {
    return unit;
  }

  /** Returns what it is, in one sentence or two. */
  public String help() {
    return help;
  }
}
