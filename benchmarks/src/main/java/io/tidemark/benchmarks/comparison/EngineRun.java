package io.tidemark.benchmarks.comparison;

import io.tidemark.benchmarks.Footprint;
import io.tidemark.benchmarks.LibraryJvmArgs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * One engine under one workload, in processes of its own: it loads and answers, is opened again and
 * killed, and is opened after that.
 *
 * <p>Used by one thread.
 */
final class EngineRun {
  /** What LMDB's Java binding needs to read and write without copies; the others do not care. */
  private static final List<String> PEER_JVM_ARGS =
      List.of("--add-opens=java.base/java.nio=ALL-UNNAMED");

  private final Engine engine;
  private final Path directory;
  private final Path workload;
  private final long events;
  private final List<String> jvmArgs;
  private final Map<Figure, Double> figures = new EnumMap<>(Figure.class);

  /**
   * Prepares a run.
   *
   * @param directory where the engine's files are made; does not exist
   * @param workload an {@link EventFile} of all events and {@link Worker#extraEvents} more
   * @param events how many events are measured
   * @param jvmArgs options of each process besides those that are needed
   */
  EngineRun(Engine engine, Path directory, Path workload, long events, List<String> jvmArgs) {
    this.engine = engine;
    this.directory = directory;
    this.workload = workload;
    this.events = events;
    this.jvmArgs = jvmArgs;
  }

  /**
   * Measures everything.
   *
   * @param expected answers after all events
   * @param expectedWithExtra answers after the extra ones
   * @throws WrongAnswerException if the engine answers otherwise at any moment
   */
  Map<Figure, Double> run(Answers expected, Answers expectedWithExtra)
      throws IOException, InterruptedException, WrongAnswerException {
    expected.check(engine, "loaded", phase(Worker.Phase.LOAD));
    figures.put(Figure.DISK, (double) Footprint.allocated(directory) / events);
    expected.check(engine, "opened again", phase(Worker.Phase.REOPEN));
    expectedWithExtra.check(engine, "opened after a kill", phase(Worker.Phase.RECOVER));
    return figures;
  }

  private Answers phase(Worker.Phase phase) throws IOException, InterruptedException {
    Path errors = directory.resolveSibling(engine + ".stderr");
    Process process =
        new ProcessBuilder(command(phase))
            .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
            .start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      List<String> answers = new ArrayList<>();
      String line = lines.readLine();
      for (; line != null && !line.equals("waiting"); line = lines.readLine()) {
        if (line.startsWith("answer ")) {
          answers.add(line.substring("answer ".length()));
        } else {
          figure(line);
        }
      }
      boolean isKilled = line != null;
      if (isKilled) {
        process.destroyForcibly();
      }
      int status = process.waitFor();
      if (!isKilled && status != 0) {
        throw new IOException(
            "process failed: engine="
                + engine
                + ", phase="
                + phase
                + ", status="
                + status
                + ", stderr="
                + Files.readString(errors));
      }
      return new Answers(answers);
    } finally {
      process.destroyForcibly();
    }
  }

  private void figure(String line) throws IOException {
    String[] words = line.split(" ", -1);
    if (words.length != 3 || !words[0].equals("figure")) {
      throw new IOException("unknown line: engine=" + engine + ", line=" + line);
    }
    figures.put(Figure.valueOf(words[1]), Double.valueOf(words[2]));
  }

  private List<String> command(Worker.Phase phase) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(LibraryJvmArgs.read());
    command.addAll(PEER_JVM_ARGS);
    command.addAll(jvmArgs);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Worker.class.getName(), phase.name(), engine.name()));
    command.addAll(List.of(directory.toString(), workload.toString(), Long.toString(events)));
    return command;
  }
}
