package io.tidemark.metrics;

import java.util.Map;
import java.util.TreeMap;

/**
 * An alarm that is raised, or was cleared a moment ago.
 *
 * @param rule what it watches
 * @param labels of the store; empty for a metric of the process
 * @param isRaised whether it is raised
 * @param value the value that raised it, or cleared it
 * @param sinceMs when that was, ms since the epoch
 */
public record Alarm(
    AlarmRule rule, Map<String, String> labels, boolean isRaised, long value, long sinceMs) {

  /** Copies the labels. */
  public Alarm {
    labels = Map.copyOf(labels);
  }

  /** Returns what it says, on one line. */
  public String message() {
    return "alarm "
        + (isRaised ? "raised" : "cleared")
        + ": metric="
        + rule.metric().id()
        + ", value="
        + value
        + ", "
        + (isRaised ? "raiseAt=" + rule.raiseAt() : "clearAt=" + rule.clearAt())
        + labelText();
  }

  private String labelText() {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(labels)
        .forEach((name, value) -> text.append(", ").append(name).append('=').append(value));
    return text.toString();
  }
}
