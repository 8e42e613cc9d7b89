package io.tidemark.metrics;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The forms in which metrics are handed out: Prometheus text, JSON, and text for people.
 *
 * <p>A metric of the process is given once, from the first sample that has it; one of a shard once
 * for each sample, with that sample's labels.
 */
public final class MetricFormats {
  /*
   * Totals go out as untyped in Prometheus text. A counter would have to be called
   * events_dropped_total there, and the names are the specification's. Rates of untyped series are
   * computed all the same.
   */

  /** The content type of {@link #prometheus}. */
  public static final String PROMETHEUS_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private static final JsonFactory JSON = new JsonFactory();

  private MetricFormats() {}

  /** Writes the text format of Prometheus, version 0.0.4; leaves the stream open. */
  public static void prometheus(List<MetricSample> samples, OutputStream out) throws IOException {
    List<MetricSnapshot> families = new ArrayList<>();
    for (Metric metric : Metric.values()) {
      List<MetricSample> shown = shown(metric, samples);
      if (!shown.isEmpty()) {
        families.add(family(metric, shown));
      }
    }
    PrometheusTextFormatWriter.create().write(out, new MetricSnapshots(families));
  }

  private static MetricSnapshot family(Metric metric, List<MetricSample> samples) {
    MetricMetadata metadata =
        new MetricMetadata(metric.id(), metric.help() + " Unit: " + metric.unit() + ".");
    if (metric.kind() == Metric.Kind.TOTAL) {
      return new UnknownSnapshot(
          metadata,
          samples.stream()
              .map(
                  sample ->
                      new UnknownDataPointSnapshot(
                          sample.value(metric), prometheusLabels(metric, sample), null))
              .toList());
    }
    return new GaugeSnapshot(
        metadata,
        samples.stream()
            .map(
                sample ->
                    new GaugeDataPointSnapshot(
                        sample.value(metric), prometheusLabels(metric, sample), null))
            .toList());
  }

  private static io.prometheus.metrics.model.snapshots.Labels prometheusLabels(
      Metric metric, MetricSample sample) {
    Map<String, String> labels = labels(metric, sample);
    return io.prometheus.metrics.model.snapshots.Labels.of(
        labels.keySet().toArray(String[]::new), labels.values().toArray(String[]::new));
  }

  /**
   * Writes one JSON object: {@code process}, an object of values by name, and {@code shards}, one
   * object each with its labels, its writer, and its values by name. Leaves the stream open.
   *
   * @param nowMs the time now, ms since the epoch
   * @param silentAfterMs age of a heartbeat from which on its writer counts as silent
   */
  public static void json(
      List<MetricSample> samples, long nowMs, long silentAfterMs, OutputStream out)
      throws IOException {
    JsonGenerator json = JSON.createGenerator(out);
    json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    try (json) {
      json.writeStartObject();
      json.writeObjectFieldStart("process");
      for (Metric metric : Metric.values()) {
        if (metric.scope() == Metric.Scope.PROCESS && !samples.isEmpty()) {
          json.writeNumberField(metric.id(), samples.get(0).value(metric));
        }
      }
      json.writeEndObject();
      json.writeArrayFieldStart("shards");
      for (MetricSample sample : samples) {
        json.writeStartObject();
        writeShard(sample, nowMs, silentAfterMs, json);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  /** Writes the fields of one store into an object that was begun. */
  public static void writeShard(
      MetricSample sample, long nowMs, long silentAfterMs, JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("labels");
    for (Map.Entry<String, String> label : new TreeMap<>(sample.labels()).entrySet()) {
      json.writeStringField(label.getKey(), label.getValue());
    }
    json.writeEndObject();
    json.writeStringField("writer", sample.liveness(nowMs, silentAfterMs).name());
    json.writeNumberField("pid", sample.pid());
    json.writeNumberField("epoch", sample.epoch());
    json.writeNumberField("startedMs", sample.startedMs());
    json.writeNumberField("heartbeatMs", sample.heartbeatMs());
    json.writeObjectFieldStart("metrics");
    for (Map.Entry<Metric, Long> value : sample.values().entrySet()) {
      json.writeNumberField(value.getKey().id(), value.getValue());
    }
    json.writeEndObject();
  }

  /** Prints a line for each value of each store, for people. */
  public static void text(List<MetricSample> samples, PrintWriter out) {
    for (Metric metric : Metric.values()) {
      for (MetricSample sample : shown(metric, samples)) {
        Map<String, String> labels = labels(metric, sample);
        out.printf(
            Locale.ROOT,
            "%-28s %20d %-18s %s%n",
            metric.id(),
            sample.value(metric),
            metric.unit(),
            labels.isEmpty() ? "" : labels.toString());
      }
    }
    out.flush();
  }

  private static List<MetricSample> shown(Metric metric, List<MetricSample> samples) {
    List<MetricSample> having =
        samples.stream().filter(sample -> sample.values().containsKey(metric)).toList();
    return metric.scope() == Metric.Scope.PROCESS && having.size() > 1
        ? having.subList(0, 1)
        : having;
  }

  private static Map<String, String> labels(Metric metric, MetricSample sample) {
    return metric.scope() == Metric.Scope.PROCESS ? Map.of() : new TreeMap<>(sample.labels());
  }
}
