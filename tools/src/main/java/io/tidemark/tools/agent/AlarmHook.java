package io.tidemark.tools.agent;

import io.tidemark.metrics.Alarm;
import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.tdengine.taosdump.SecretVariables;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Runs the configured program for each alarm that is raised or cleared, one after another, in a
 * thread of its own. Thread-safe.
 */
final class AlarmHook implements AutoCloseable {
  private static final int WAITING_MAX = 256;
  private static final String PREFIX = "TIDEMARK_ALARM_";

  private final Consumer<String> log;
  private final ThreadPoolExecutor executor;

  AlarmHook(Consumer<String> log) {
    this.log = log;
    this.executor =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WAITING_MAX),
            work -> {
              Thread thread = new Thread(work, "tidemark-alarm");
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
  }

  /** Lets the program run, if there is one; does not wait for it. */
  void run(Alarm alarm, Configuration configuration) {
    List<String> command = configuration.words(ConfigurationKeys.ALARM_HOOK);
    if (command.isEmpty()) {
      return;
    }
    long timeoutMs = configuration.number(ConfigurationKeys.ALARM_HOOK_TIMEOUT_MS);
    try {
      executor.execute(() -> runNow(command, alarm, timeoutMs));
    } catch (RejectedExecutionException e) {
      log.accept("alarm hook is behind, passed over: " + alarm.message());
    }
  }

  private void runNow(List<String> command, Alarm alarm, long timeoutMs) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    tell(alarm, builder.environment());
    try {
      Process process = builder.start();
      try {
        process.getOutputStream().close();
        if (!process.waitFor(timeoutMs, TimeUnit.MILLISECONDS)) {
          log.accept("alarm hook took too long, killed: timeoutMs=" + timeoutMs);
        } else if (process.exitValue() != 0) {
          log.accept("alarm hook failed: exitCode=" + process.exitValue());
        }
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (IOException e) {
      log.accept("alarm hook cannot be run: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Puts an alarm into the environment of the program, and takes out what it must not know. */
  static void tell(Alarm alarm, Map<String, String> environment) {
    SecretVariables.removeFrom(environment);
    environment.put(PREFIX + "STATE", alarm.isRaised() ? "raised" : "cleared");
    environment.put(PREFIX + "METRIC", alarm.rule().metric().id());
    environment.put(PREFIX + "VALUE", String.valueOf(alarm.value()));
    environment.put(PREFIX + "MESSAGE", alarm.message());
    environment.put(
        PREFIX + "LABELS",
        new TreeMap<>(alarm.labels())
            .entrySet().stream().map(String::valueOf).collect(Collectors.joining(",")));
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
