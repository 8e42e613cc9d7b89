package io.tidemark.tdengine.taosdump;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Programs that stand in for taosdump and taos, and what runs of the scripts with them came to. */
final class StandIn {
  static final String PASSWORD = "s3cr'et$(x)";

  private static final long LIMIT_S = 120;

  /**
   * What a run of a script came to.
   *
   * @param exitCode its exit code
   * @param out its standard output
   * @param err its standard error
   */
  record Run(int exitCode, String out, String err) {}

  private final Path directory;
  private final Path elsewhere;

  /** Holds a sync that does nothing: the real one waits for whatever else this machine writes. */
  private final Path quick;

  private int answers;

  private StandIn(Path directory) {
    this.directory = directory;
    this.elsewhere = directory.resolve("elsewhere");
    this.quick = directory.resolve("quick");
  }

  /** Puts the programs into a new directory. */
  static StandIn in(Path directory) throws IOException {
    StandIn standIn = new StandIn(directory);
    Files.createDirectories(directory.resolve("answers"));
    Files.createDirectories(standIn.elsewhere);
    for (String name : List.of("taosdump", "taos")) {
      Path program = directory.resolve(name);
      try (InputStream in =
          StandIn.class.getResourceAsStream("/tdengine/taosdump/standin/" + name)) {
        Files.write(program, Objects.requireNonNull(in, name).readAllBytes());
      }
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }
    Path sync = Files.createDirectories(standIn.quick).resolve("sync");
    Files.writeString(sync, "#!/bin/sh\nexit 0\n");
    Files.setPosixFilePermissions(sync, PosixFilePermissions.fromString("rwx------"));
    standIn.holds(0, "nothing");
    return standIn;
  }

  Path taosdump() {
    return directory.resolve("taosdump");
  }

  /** Makes the server hold a table or stable, or a database, with a number of rows. */
  StandIn holds(long rows, String name) throws IOException {
    Files.writeString(
        directory.resolve("tables"),
        rows + " " + name + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    return this;
  }

  /** Makes the next call that has no answer yet end and print like a recorded one. */
  StandIn answers(Transcript call) throws IOException {
    return answers(call.exitCode(), call.text());
  }

  StandIn answers(int exitCode, String text) throws IOException {
    answers++;
    Path answer = directory.resolve("answers").resolve(String.format("%03d", answers));
    Files.writeString(answer.resolveSibling(answer.getFileName() + ".text"), text);
    Files.writeString(answer.resolveSibling(answer.getFileName() + ".code"), exitCode + "\n");
    return this;
  }

  /** Makes every call hang; returns the file that the pid of one is written to. */
  Path hang() throws IOException {
    return Files.createFile(directory.resolve("hang"));
  }

  /** Returns a file beside the programs. */
  Path file(String name) {
    return directory.resolve(name);
  }

  /** Writes a file beside the programs that they go by. */
  StandIn write(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
    return this;
  }

  /** Makes taos refuse statements that hold a text. */
  void refuses(String text) throws IOException {
    Files.writeString(directory.resolve("refused"), text);
  }

  /** Returns the lines of a file that the programs wrote; none if there is no such file. */
  List<String> lines(String name) throws IOException {
    Path file = directory.resolve(name);
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  void forget(String name) throws IOException {
    Files.deleteIfExists(directory.resolve(name));
  }

  /** Runs a script with the programs, in a directory that is not its own. */
  Run run(Path script, String... arguments) throws IOException, InterruptedException {
    return run(Map.of(), script, arguments);
  }

  Run run(Map<String, String> environment, Path script, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", script.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(elsewhere.toFile());
    builder.environment().put("TAOSDUMP", taosdump().toString());
    builder.environment().put("TAOS", directory.resolve("taos").toString());
    builder.environment().merge("PATH", quick.toString(), (path, first) -> first + ":" + path);
    builder.environment().put("TIDEMARK_RETRY_COUNT", "0");
    builder.environment().put("TIDEMARK_RETRY_INTERVAL_S", "0");
    builder.environment().putAll(environment);
    Path out = directory.resolve("out.txt");
    Path err = directory.resolve("err.txt");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    process.getOutputStream().close();
    if (!process.waitFor(LIMIT_S, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("script does not end: " + script);
    }
    return new Run(process.exitValue(), text(out), text(err));
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  /** Returns the files that calls left where they were made. */
  List<Path> left() throws IOException {
    try (var files = Files.list(elsewhere)) {
      return files.toList();
    }
  }
}
