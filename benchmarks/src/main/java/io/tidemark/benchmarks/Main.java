package io.tidemark.benchmarks;

import java.io.IOException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs the JMH benchmarks whose names match the arguments; takes JMH's own options.
 *
 * <p>JMH starts a JVM for each benchmark, without the manifest of this jar. Main hands it the
 * options that the library needs, as they were when the jar was built.
 */
public final class Main {
  private Main() {}

  /**
   * Runs benchmarks and prints their results.
   *
   * @param args JMH's command line
   */
  public static void main(String[] args)
      throws CommandLineOptionException, IOException, RunnerException {
    CommandLineOptions commandLine = new CommandLineOptions(args);
    if (commandLine.shouldHelp()) {
      commandLine.showHelp();
      return;
    }

    String[] jvmArgs = LibraryJvmArgs.read().toArray(String[]::new);
    Runner runner =
        new Runner(new OptionsBuilder().parent(commandLine).jvmArgsPrepend(jvmArgs).build());
    if (commandLine.shouldList()) {
      runner.list();
    } else {
      runner.run();
    }
  }
}
