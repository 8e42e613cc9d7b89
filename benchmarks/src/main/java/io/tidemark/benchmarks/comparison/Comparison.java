package io.tidemark.benchmarks.comparison;

import io.tidemark.benchmarks.Footprint;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Runs one workload over all engines and prints what each costs, if all of them give the right
 * answers; otherwise it prints nothing but the first wrong one.
 */
public final class Comparison {
  private static final long SEED = 20;

  private Comparison() {}

  /** Runs the comparison. */
  public static void main(String[] args) throws IOException, InterruptedException {
    ComparisonOptions options;
    try {
      options = ComparisonOptions.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.println(ComparisonOptions.USAGE);
      System.exit(2);
      return;
    }
    try {
      Results results = run(options, System.err);
      System.out.print(results.markdown());
      Path output = options.output();
      if (output != null) {
        Files.createDirectories(output);
        Files.writeString(output.resolve("comparison.md"), results.markdown());
        Files.writeString(output.resolve("comparison.csv"), results.csv());
        Plots.write(results, output);
      }
    } catch (WrongAnswerException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  /**
   * Runs all engines under all workloads.
   *
   * @param log is told what runs
   * @throws WrongAnswerException if an engine's answer differs from what is in the workload
   */
  static Results run(ComparisonOptions options, PrintStream log)
      throws IOException, InterruptedException, WrongAnswerException {
    Files.createDirectories(options.directory());
    Results results = new Results();
    for (Scenario scenario : options.scenarios()) {
      Path directory = Files.createTempDirectory(options.directory(), "comparison");
      try {
        run(options, scenario, directory, results, log);
      } finally {
        Footprint.delete(directory);
      }
    }
    return results;
  }

  private static void run(
      ComparisonOptions options,
      Scenario scenario,
      Path directory,
      Results results,
      PrintStream log)
      throws IOException, InterruptedException, WrongAnswerException {
    long events = scenario.events();
    long extra = Worker.extraEvents(events);
    Path workload = directory.resolve("workload");
    EventFile.write(workload, scenario.isClustered(), events, extra, SEED);
    Answers expected = Answers.byLookingAtAll(workload, events);
    Answers expectedWithExtra = Answers.byLookingAtAll(workload, events + extra);
    for (Engine engine : options.engines()) {
      log.printf(Locale.ROOT, "%,d events, %s ids: %s%n", events, scenario.ids(), engine.label());
      Path store = directory.resolve(engine.name());
      EngineRun run = new EngineRun(engine, store, workload, events, options.jvmArgs());
      results.add(scenario, engine, run.run(expected, expectedWithExtra));
      Footprint.delete(store);
    }
  }
}
