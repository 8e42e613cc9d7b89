package io.tidemark.tracker;

import io.tidemark.ingest.EventRing;
import io.tidemark.ingest.RingSink;

/**
 * How a pipeline takes events.
 *
 * @param ringCapacity events that may wait for the writer; the next power of two is taken
 * @param waitLimitMs how long an event waits for room in the ring at most, before it is lost and
 *     its WAL offset becomes part of a gap; 0 for not at all, {@link RingSink#WITHOUT_LIMIT}
 * @param durability when events survive a power cut
 * @param forceIntervalMs GROUP: how long an event waits for a force at most, besides the force
 *     itself
 * @param forceEntries GROUP: journal entries after which a force begins before that time
 */
public record PipelineOptions(
    int ringCapacity,
    long waitLimitMs,
    Durability durability,
    int forceIntervalMs,
    int forceEntries) {

  private static final PipelineOptions DEFAULTS =
      new PipelineOptions(1 << 16, RingSink.WITHOUT_LIMIT, Durability.GROUP, 10, 1 << 18);

  /** Checks the limits. */
  public PipelineOptions {
    if (ringCapacity < EventRing.MIN_CAPACITY
        || ringCapacity > EventRing.MAX_CAPACITY
        || waitLimitMs < 0
        || forceIntervalMs < 0
        || forceEntries < 1) {
      throw new IllegalArgumentException(
          "pipeline option out of range: ringCapacity="
              + ringCapacity
              + ", waitLimitMs="
              + waitLimitMs
              + ", forceIntervalMs="
              + forceIntervalMs
              + ", forceEntries="
              + forceEntries);
    }
  }

  /**
   * Returns options for production: 65536 events, none is lost, durable within 10 ms and a force.
   */
  public static PipelineOptions defaults() {
    return DEFAULTS;
  }

  /** Returns the same options with another capacity of the ring. */
  public PipelineOptions withRingCapacity(int events) {
    return new PipelineOptions(events, waitLimitMs, durability, forceIntervalMs, forceEntries);
  }

  /** Returns the same options with another limit of waiting. */
  public PipelineOptions withWaitLimitMs(long limitMs) {
    return new PipelineOptions(ringCapacity, limitMs, durability, forceIntervalMs, forceEntries);
  }

  /** Returns the same options with another durability. */
  public PipelineOptions withDurability(Durability mode) {
    return new PipelineOptions(ringCapacity, waitLimitMs, mode, forceIntervalMs, forceEntries);
  }

  /** Returns the same options with other bounds of GROUP. */
  public PipelineOptions withForceEvery(int intervalMs, int entries) {
    return new PipelineOptions(ringCapacity, waitLimitMs, durability, intervalMs, entries);
  }
}
