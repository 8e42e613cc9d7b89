package io.tidemark.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Which alarms are raised. Thread-safe. */
public final class AlarmBoard {

  /** What an alarm is about: one alarm of a kind for each store. */
  private record Key(Metric metric, Map<String, String> labels) {}

  // Guarded by this.
  private final Map<Key, Alarm> raised = new LinkedHashMap<>();

  /**
   * Compares values with rules and returns what changed: alarms raised and alarms cleared.
   *
   * <p>An alarm whose store or rule is gone is cleared with its last value.
   *
   * @param nowMs the time now, ms since the epoch
   */
  public synchronized List<Alarm> update(
      List<AlarmRule> rules, List<MetricSample> samples, long nowMs) {
    List<Alarm> changes = new ArrayList<>();
    Map<Metric, AlarmRule> byMetric =
        rules.stream().collect(Collectors.toMap(AlarmRule::metric, rule -> rule));
    Set<Map<String, String>> stores =
        samples.stream().map(MetricSample::labels).collect(Collectors.toSet());
    for (Map.Entry<Key, Alarm> entry : List.copyOf(raised.entrySet())) {
      Map<String, String> labels = entry.getKey().labels();
      boolean isGone = !labels.isEmpty() && !stores.contains(labels);
      if (isGone || !byMetric.containsKey(entry.getKey().metric())) {
        clear(entry.getKey(), entry.getValue().rule(), entry.getValue().value(), nowMs, changes);
      }
    }
    for (AlarmRule rule : rules) {
      for (MetricSample sample : samples) {
        boolean isOfProcess = rule.metric().scope() == Metric.Scope.PROCESS;
        Key key = new Key(rule.metric(), isOfProcess ? Map.of() : sample.labels());
        update(rule, key, sample.value(rule.metric()), nowMs, changes);
        if (isOfProcess) {
          break;
        }
      }
    }
    return changes;
  }

  private void update(AlarmRule rule, Key key, long value, long nowMs, List<Alarm> changes) {
    if (!raised.containsKey(key)) {
      if (rule.raises(value)) {
        Alarm alarm = new Alarm(rule, key.labels(), true, value, nowMs);
        raised.put(key, alarm);
        changes.add(alarm);
      }
    } else if (rule.clears(value)) {
      clear(key, rule, value, nowMs, changes);
    }
  }

  private void clear(Key key, AlarmRule rule, long value, long nowMs, List<Alarm> changes) {
    raised.remove(key);
    changes.add(new Alarm(rule, key.labels(), false, value, nowMs));
  }

  /** Returns the alarms that are raised now, oldest first. */
  public synchronized List<Alarm> raised() {
    return raised.values().stream().sorted(Comparator.comparingLong(Alarm::sinceMs)).toList();
  }
}
