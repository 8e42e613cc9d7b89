package io.tidemark.tracker;

import static io.tidemark.tracker.PipelineFixture.ASYNC;
import static io.tidemark.tracker.PipelineFixture.SMALL_RING;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.metrics.Metric;
import io.tidemark.metrics.StoreCounters;
import io.tidemark.tracker.PipelineFixture.Hold;
import java.util.Map;
import org.agrona.concurrent.CachedEpochClock;
import org.junit.jupiter.api.Test;

class PipelineMetricsTest {

  @Test
  void shouldShowARingThatFillsOverflowsAndEmpties() throws Exception {
    PipelineFixture fixture = new PipelineFixture();
    StoreCounters counters = StoreCounters.inMemory(Map.of(), new CachedEpochClock());
    try (EventPipeline pipeline = fixture.start(ASYNC.withWaitLimitMs(0))) {
      PipelineMetrics.update(pipeline.statistics(), counters);
      assertEquals(SMALL_RING, counters.get(Metric.RING_BUFFER_CAPACITY));
      assertEquals(0, counters.get(Metric.RING_BUFFER_USAGE));

      Hold hold = new Hold(fixture.engine);
      try {
        for (int i = 0; i < 4 * SMALL_RING; i++) {
          pipeline.onBlockUpdate(i, i, 0);
        }
        PipelineStatistics full = pipeline.statistics();
        PipelineMetrics.update(full, counters);

        assertEquals(full.queueSize(), counters.get(Metric.EVENT_QUEUE_SIZE));
        assertEquals(100 * full.queueSize() / SMALL_RING, counters.get(Metric.RING_BUFFER_USAGE));
        assertEquals(4 * SMALL_RING - full.eventsAccepted(), counters.get(Metric.EVENTS_DROPPED));
      } finally {
        hold.end();
      }
      pipeline.flush();
      PipelineMetrics.update(pipeline.statistics(), counters);
      assertEquals(0, counters.get(Metric.EVENT_QUEUE_SIZE));
      assertEquals(0, counters.get(Metric.RING_BUFFER_USAGE));
    }
  }
}
