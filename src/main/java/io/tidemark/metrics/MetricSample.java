package io.tidemark.metrics;

import java.util.EnumMap;
import java.util.Map;

/**
 * The values of one store's metrics at one moment, and what is known of their writer.
 *
 * @param labels names and values that tell the store from others
 * @param pid process id of the writer
 * @param epoch the number of the writer's opening of the store
 * @param startedMs when the writer began to follow, ms since the epoch
 * @param heartbeatMs when the writer was last alive, ms since the epoch
 * @param isClosed whether the writer ended in good order
 * @param values each metric's value; a metric is absent if the writer did not know it yet
 */
public record MetricSample(
    Map<String, String> labels,
    long pid,
    long epoch,
    long startedMs,
    long heartbeatMs,
    boolean isClosed,
    Map<Metric, Long> values) {

  /** Whether somebody is behind the values. */
  public enum Liveness {
    /** The writer was alive a moment ago. */
    LIVE,
    /** The writer ended in good order; these are its last values. */
    CLOSED,
    /** The writer gave no sign for too long: it hangs, or it was killed. */
    SILENT
  }

  /** Copies the maps. */
  public MetricSample {
    labels = Map.copyOf(labels);
    values = new EnumMap<>(values);
  }

  /** Returns a copy. */
  @Override
  public Map<Metric, Long> values() {
    return new EnumMap<>(values);
  }

  /** Returns the value of a metric; 0 if the writer did not know it yet. */
  public long value(Metric metric) {
    return values.getOrDefault(metric, 0L);
  }

  /**
   * Returns whether somebody is behind the values.
   *
   * @param nowMs the time now, ms since the epoch
   * @param silentAfterMs age of a heartbeat from which on its writer counts as silent
   */
  public Liveness liveness(long nowMs, long silentAfterMs) {
    if (isClosed) {
      return Liveness.CLOSED;
    }
    return nowMs - heartbeatMs <= silentAfterMs ? Liveness.LIVE : Liveness.SILENT;
  }
}
