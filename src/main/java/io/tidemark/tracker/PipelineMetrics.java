package io.tidemark.tracker;

import io.tidemark.metrics.Metric;
import io.tidemark.metrics.StoreCounters;

/** Carries what a pipeline tells of its ring over to the counters of its store. */
public final class PipelineMetrics {
  private static final long PERCENT = 100;

  private PipelineMetrics() {}

  /**
   * Brings the counters of the ring up. Call it every second or so, from the one thread that
   * changes these counters; it costs the pipeline nothing.
   */
  public static void update(PipelineStatistics statistics, StoreCounters counters) {
    long capacity = statistics.queueCapacity();
    counters.set(Metric.EVENTS_DROPPED, statistics.eventsDropped());
    counters.set(Metric.RING_BUFFER_CAPACITY, capacity);
    counters.set(Metric.EVENT_QUEUE_SIZE, statistics.queueSize());
    counters.set(Metric.RING_BUFFER_USAGE, PERCENT * statistics.queueSize() / capacity);
  }
}
