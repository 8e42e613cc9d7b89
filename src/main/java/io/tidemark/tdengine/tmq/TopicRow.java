package io.tidemark.tdengine.tmq;

import java.time.Instant;
import java.util.Map;

/**
 * One row of a topic.
 *
 * @param vgroupId where it was written
 * @param firstVersion first version that its result covers; it was not written before
 * @param table name of its table; empty where the driver does not tell
 * @param times the values of its columns of type TIMESTAMP, by name of the column
 */
public record TopicRow(int vgroupId, long firstVersion, String table, Map<String, Instant> times) {

  /** Copies the map. */
  public TopicRow {
    times = Map.copyOf(times);
  }
}
