package io.tidemark.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tidemark.testing.RepositoryFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The rules for Prometheus and the dashboard for Grafana know the metrics there are, and no others.
 */
class MonitoringFilesTest {
  private static final String RULES = "docs/prometheus-alerts.yml";
  private static final String DASHBOARD = "docs/grafana-dashboard.json";
  private static final Pattern EXPRESSION = Pattern.compile("^ *expr: (.*)$", Pattern.MULTILINE);
  private static final Pattern NAME = Pattern.compile("[a-z][a-z_]*_[a-z_]+");

  private static Set<String> metrics() {
    return Arrays.stream(Metric.values()).map(Metric::id).collect(Collectors.toSet());
  }

  private static Set<String> namesIn(List<String> expressions) {
    Set<String> names = new TreeSet<>();
    for (String expression : expressions) {
      NAME.matcher(expression).results().map(MatchResult::group).forEach(names::add);
    }
    names.remove("label_values");
    return names;
  }

  private static List<String> dashboardExpressions() throws IOException {
    List<String> expressions = new ArrayList<>();
    try (JsonParser parser = new JsonFactory().createParser(RepositoryFiles.read(DASHBOARD))) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.VALUE_STRING
            && ("expr".equals(parser.currentName()) || "query".equals(parser.currentName()))) {
          expressions.add(parser.getText());
        }
      }
    }
    return expressions;
  }

  @Test
  void shouldShowEveryMetricOnTheDashboardAndNoOther() throws IOException {
    Set<String> names = namesIn(dashboardExpressions());

    assertEquals(new TreeSet<>(metrics()), names);
  }

  @Test
  void shouldRuleOverMetricsThatThereAre() throws IOException {
    List<String> expressions =
        EXPRESSION
            .matcher(RepositoryFiles.read(RULES))
            .results()
            .map(result -> result.group(1))
            .toList();

    Set<String> unknown = namesIn(expressions);
    unknown.removeAll(metrics());
    assertEquals(8, expressions.size());
    assertEquals(Set.of(), unknown);
  }

  @Test
  void shouldBeRulesInTheEyesOfPrometheus() throws Exception {
    Path promtool = Promtool.find();
    if (promtool == null) {
      return;
    }

    Process process =
        new ProcessBuilder(
                promtool.toString(), "check", "rules", RepositoryFiles.path(RULES).toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertEquals(0, process.waitFor(), said);
    assertTrue(said.contains("8 rules found"), said);
  }
}
