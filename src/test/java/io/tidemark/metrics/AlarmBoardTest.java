package io.tidemark.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.metrics.AlarmRule.Side;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AlarmBoardTest {
  private static final AlarmRule LAG =
      new AlarmRule(Metric.CONSUMER_LAG_MS, Side.ABOVE, 1_000, 100);
  private static final AlarmRule HEADROOM =
      new AlarmRule(Metric.WAL_HEADROOM_SECONDS, Side.BELOW, 600, 900);
  private static final AlarmRule MEMORY =
      new AlarmRule(Metric.MEMORY_USAGE_BYTES, Side.ABOVE, 50, 50);
  private static final Map<String, String> FIRST = Map.of("vgroup", "1");
  private static final Map<String, String> SECOND = Map.of("vgroup", "2");

  private final AlarmBoard board = new AlarmBoard();

  private static MetricSample sample(Map<String, String> labels, Metric metric, long value) {
    return new MetricSample(labels, 1, 1, 0, 0, false, Map.of(metric, value));
  }

  private List<String> update(AlarmRule rule, long nowMs, MetricSample... samples) {
    return board.update(List.of(rule), List.of(samples), nowMs).stream()
        .map(Alarm::message)
        .toList();
  }

  @Test
  void shouldRaiseOnceAndClearOnlyBelowTheSecondThreshold() {
    assertEquals(List.of(), update(LAG, 1, sample(FIRST, LAG.metric(), 1_000)));
    assertEquals(
        List.of("alarm raised: metric=consumer_lag_ms, value=1001, raiseAt=1000, vgroup=1"),
        update(LAG, 2, sample(FIRST, LAG.metric(), 1_001)));

    assertEquals(List.of(), update(LAG, 3, sample(FIRST, LAG.metric(), 5_000)));
    assertEquals(List.of(), update(LAG, 4, sample(FIRST, LAG.metric(), 101)));
    assertEquals(List.of(new Alarm(LAG, FIRST, true, 1_001, 2)), board.raised());

    assertEquals(
        List.of("alarm cleared: metric=consumer_lag_ms, value=100, clearAt=100, vgroup=1"),
        update(LAG, 5, sample(FIRST, LAG.metric(), 100)));
    assertEquals(List.of(), board.raised());
  }

  @Test
  void shouldRaiseBelowForASupply() {
    assertEquals(List.of(), update(HEADROOM, 1, sample(FIRST, HEADROOM.metric(), 600)));
    assertEquals(1, update(HEADROOM, 2, sample(FIRST, HEADROOM.metric(), 599)).size());

    assertEquals(List.of(), update(HEADROOM, 3, sample(FIRST, HEADROOM.metric(), 899)));
    assertEquals(1, update(HEADROOM, 4, sample(FIRST, HEADROOM.metric(), 900)).size());
  }

  @Test
  void shouldKeepStoresApartAndClearThoseThatAreGone() {
    MetricSample first = sample(FIRST, LAG.metric(), 2_000);
    MetricSample second = sample(SECOND, LAG.metric(), 3_000);
    assertEquals(2, update(LAG, 1, first, second).size());

    assertEquals(
        List.of("alarm cleared: metric=consumer_lag_ms, value=3000, clearAt=100, vgroup=2"),
        update(LAG, 2, first));

    assertEquals(1, board.raised().size());
    assertEquals(1, board.update(List.of(), List.of(first), 3).size());
    assertEquals(List.of(), board.raised());
  }

  @Test
  void shouldRaiseAnAlarmOfTheProcessOnce() {
    List<String> raised =
        update(MEMORY, 1, sample(FIRST, MEMORY.metric(), 51), sample(SECOND, MEMORY.metric(), 51));

    assertEquals(List.of("alarm raised: metric=memory_usage_bytes, value=51, raiseAt=50"), raised);
  }

  @Test
  void shouldRefuseThresholdsThatCross() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> new AlarmRule(Metric.OFFSET_LAG, Side.ABOVE, 10, 11));

    assertEquals(
        "alarm clears where it is raised: metric=offset_lag, side=ABOVE, raiseAt=10, clearAt=11",
        refused.getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> new AlarmRule(Metric.OFFSET_LAG, Side.BELOW, 10, 9));
  }
}
