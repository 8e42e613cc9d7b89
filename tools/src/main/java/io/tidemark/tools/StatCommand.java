package io.tidemark.tools;

import io.tidemark.errors.TidemarkException;
import io.tidemark.metrics.CountersFile;
import io.tidemark.metrics.Metric;
import io.tidemark.metrics.MetricFormats;
import io.tidemark.metrics.MetricSample;
import io.tidemark.metrics.StoreCounters;
import io.tidemark.storage.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the metrics of stores, of a writer that lives or is dead, without disturbing it. */
@Command(
    name = StatCommand.NAME,
    description = "Show the metrics of stores, live, from outside the process that writes them.",
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class StatCommand implements Callable<Integer> {
  static final String NAME = "stat";

  private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Parameters(paramLabel = "DIR", description = "A store, or a directory of stores.")
  private Path directory;

  @Option(
      names = "--interval-ms",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How often to look. Default: ${DEFAULT-VALUE}")
  private long intervalMs;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "Look so often, then end. Default: for ever on a terminal, else once.")
  private @Nullable Long count;

  @Option(
      names = "--silent-after-ms",
      paramLabel = "N",
      defaultValue = "10000",
      description =
          "A writer without a sign for so long counts as silent. Default: ${DEFAULT-VALUE}")
  private long silentAfterMs;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (intervalMs < 1 || (count != null && count < 1)) {
      throw new ParameterException(
          spec.commandLine(),
          "number must be at least 1: --interval-ms=" + intervalMs + ", --count=" + count);
    }
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    boolean isLive = terminal.isScreen() && !terminal.isJson();
    long rounds = count != null ? count : isLive ? Long.MAX_VALUE : 1;
    CountDownLatch never = new CountDownLatch(1);
    for (long round = 1; round <= rounds; round++) {
      show(samples(), terminal, isLive && rounds > 1);
      if (round < rounds && never.await(intervalMs, TimeUnit.MILLISECONDS)) {
        break;
      }
    }
    return ExitCode.DONE;
  }

  private List<MetricSample> samples() throws IOException {
    List<Path> places = new ArrayList<>();
    if (Files.exists(directory.resolve(StoreCounters.FILE_NAME))) {
      places.add(directory);
    } else if (Files.isDirectory(directory)) {
      for (Path entry : Directories.list(directory)) {
        if (Files.exists(entry.resolve(StoreCounters.FILE_NAME))) {
          places.add(entry);
        }
      }
    }
    if (places.isEmpty()) {
      throw new CommandFailedException(
          ExitCode.USAGE,
          "no store with metrics here: " + StoreCounters.FILE_NAME + " in none of " + directory);
    }
    List<MetricSample> samples = new ArrayList<>();
    TidemarkException failure = null;
    for (Path place : places) {
      try {
        samples.add(CountersFile.open(place).sample());
      } catch (TidemarkException e) {
        failure = e;
      }
    }
    if (failure != null && samples.isEmpty()) {
      throw failure;
    }
    return samples;
  }

  private void show(List<MetricSample> samples, Terminal terminal, boolean clears) {
    long nowMs = System.currentTimeMillis();
    for (MetricSample sample : samples) {
      terminal.event(
          "metrics", json -> MetricFormats.writeShard(sample, nowMs, silentAfterMs, json));
    }
    if (terminal.isJson()) {
      return;
    }
    if (clears) {
      terminal.out().print(CLEAR_SCREEN);
    }
    if (samples.size() == 1) {
      terminal.line(writer(samples.get(0), nowMs));
      MetricFormats.text(samples, terminal.out());
      return;
    }
    table(samples, nowMs).lines().forEach(terminal::line);
    samples.stream()
        .filter(sample -> liveness(sample, nowMs) != MetricSample.Liveness.LIVE)
        .map(sample -> writer(sample, nowMs))
        .distinct()
        .forEach(terminal::line);
  }

  private MetricSample.Liveness liveness(MetricSample sample, long nowMs) {
    return sample.liveness(nowMs, silentAfterMs);
  }

  private String writer(MetricSample sample, long nowMs) {
    boolean isThere = ProcessHandle.of(sample.pid()).map(ProcessHandle::isAlive).orElse(false);
    String age = (nowMs - sample.heartbeatMs()) / 1000 + " s";
    return switch (liveness(sample, nowMs)) {
      case LIVE -> "writer is live: pid=" + sample.pid();
      case CLOSED -> "writer ended in good order " + age + " ago: pid=" + sample.pid();
      case SILENT ->
          "writer is SILENT, these are its last values: pid="
              + sample.pid()
              + (isThere ? ", which is there" : ", which is gone")
              + ", lastHeartbeat="
              + age
              + " ago";
    };
  }

  private Table table(List<MetricSample> samples, long nowMs) {
    Table table = new Table("");
    table.row(
        "vgroup",
        "database",
        "writer",
        "events/s",
        "messages/s",
        "lag ms",
        "unread",
        "gaps",
        "lost",
        "errors",
        "segments",
        "journal MiB",
        "headroom s",
        "checkpoint s");
    for (MetricSample sample : samples) {
      table.row(
          sample.labels().getOrDefault("vgroup", sample.labels().getOrDefault("engine", "?")),
          sample.labels().getOrDefault("database", ""),
          liveness(sample, nowMs),
          sample.value(Metric.EVENTS_PER_SECOND),
          sample.value(Metric.MESSAGES_PER_SECOND),
          sample.value(Metric.CONSUMER_LAG_MS),
          sample.value(Metric.OFFSET_LAG),
          sample.value(Metric.GAP_COUNT),
          sample.value(Metric.MESSAGES_DROPPED) + sample.value(Metric.EVENTS_DROPPED),
          sample.value(Metric.PARSE_ERRORS),
          sample.value(Metric.SEGMENT_COUNT),
          sample.value(Metric.JOURNAL_SIZE_BYTES) >> 20,
          sample.value(Metric.WAL_HEADROOM_SECONDS),
          sample.value(Metric.LAST_CHECKPOINT_AGE_SECONDS));
    }
    return table;
  }
}
