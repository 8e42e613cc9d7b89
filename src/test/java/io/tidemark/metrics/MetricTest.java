package io.tidemark.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricTest {
  /** The specification's names, 4.4.4, in its order; then our own. */
  private static final List<String> NAMES =
      List.of(
          "events_per_second",
          "messages_per_second",
          "bytes_per_second",
          "consumer_lag_ms",
          "offset_lag",
          "processing_delay_ms",
          "events_dropped",
          "messages_dropped",
          "parse_errors",
          "connection_retries",
          "subscription_retries",
          "commit_retries",
          "ring_buffer_usage",
          "ring_buffer_capacity",
          "event_queue_size",
          "memory_usage_bytes",
          "bitmap_memory_bytes",
          "metadata_memory_bytes",
          "last_update_time",
          "uptime_seconds",
          "gap_count",
          "journal_size_bytes",
          "segment_count",
          "wal_headroom_seconds",
          "last_checkpoint_age_seconds");

  @Test
  void shouldHaveTheSpecificationsNamesInThisOrder() {
    List<String> names = Arrays.stream(Metric.values()).map(Metric::id).toList();

    assertEquals(NAMES, names);
  }

  @Test
  void shouldMeasureARateOverAWholeSecond() {
    RateMeter meter = new RateMeter(0);

    assertEquals(0, meter.update(100, 999_999_999));
    assertEquals(100, meter.update(100, 1_000_000_000));
    assertEquals(100, meter.update(1_000, 1_500_000_000));
    assertEquals(450, meter.update(1_000, 3_000_000_000L));
    assertEquals(0, meter.update(1_000, 4_000_000_000L));
  }
}
