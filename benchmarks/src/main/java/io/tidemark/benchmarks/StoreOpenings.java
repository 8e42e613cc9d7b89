package io.tidemark.benchmarks;

import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.StoreLayout;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Opens a store after it was closed, after its writer was killed, and after it lost its views. */
final class StoreOpenings {
  private static final int REPETITIONS = 5;

  private final ResultTable table;
  private final Path root;
  private final TrackerOptions options;

  StoreOpenings(ResultTable table, Path root, TrackerOptions options) {
    this.table = table;
    this.root = root;
    this.options = options;
  }

  private ChangeTracker open() throws IOException {
    return ChangeTracker.open(root, StoreBenchmark.SHARD, options);
  }

  /** Opens a closed store again and again, first in a JVM of its own that did nothing before. */
  void afterClose() throws IOException {
    openInNewJvm();
    Meter meter = new Meter();
    for (int i = 0; i < REPETITIONS; i++) {
      meter.start();
      ChangeTracker tracker = open();
      meter.stop();
      tracker.close();
    }
    table.addMs("open after close", meter);
  }

  /** What {@link #openInNewJvm} runs. */
  static void openOnce(Path root) throws IOException {
    Meter meter = new Meter();
    meter.start();
    ChangeTracker tracker =
        ChangeTracker.open(root, StoreBenchmark.SHARD, TrackerOptions.defaults());
    meter.stop();
    tracker.close();
    System.out.println(meter.cpuNs());
    System.out.println(meter.wallNs());
  }

  private void openInNewJvm() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(StoreBenchmark.class.getName(), "--open", root.toString()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> times =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    if (times.size() != 2) {
      throw new IOException("opening in another process failed: answer=" + times);
    }
    table.add("open after close, new JVM cpu", Long.parseLong(times.get(0)) / 1e6, "ms");
    table.add("open after close, new JVM wall", Long.parseLong(times.get(1)) / 1e6, "ms");
  }

  /**
   * Opens a store whose writer appended events and went away without sealing them.
   *
   * @param events how many; fewer than the options seal at
   */
  void afterKill(StoreLoader loader, long events) throws IOException {
    Meter meter = new Meter();
    long replayed = 0;
    for (int i = 0; i < REPETITIONS; i++) {
      ChangeTracker writer = open();
      loader.load(writer, events);
      writer.abandon();
      meter.start();
      ChangeTracker tracker = open();
      meter.stop();
      replayed = tracker.recovery().replayedEntries();
      tracker.close();
    }
    table.add("replayed after kill", (double) replayed, "entries");
    table.addMs("open after kill", meter);
  }

  /** Opens a store of which nothing is left but segments and journal, as after a power cut. */
  void afterPowerCut(boolean isRepeated) throws IOException {
    Meter meter = new Meter();
    for (int i = 0; i < (isRepeated ? REPETITIONS : 1); i++) {
      deleteViews();
      meter.start();
      ChangeTracker tracker = open();
      meter.stop();
      tracker.close();
    }
    table.addMs("open after power cut", meter);
  }

  private void deleteViews() throws IOException {
    StoreLayout layout = new StoreLayout(root);
    for (Path directory : List.of(layout.snapshots(), layout.catalogs(), layout.metadata())) {
      for (Path file : Footprint.files(directory)) {
        Files.delete(file);
      }
    }
    try (var files = Files.newDirectoryStream(root, "checkpoint-*")) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }
}
