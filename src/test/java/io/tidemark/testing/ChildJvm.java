package io.tidemark.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A JVM of its own that runs one main class; it is killed if it still runs at the end. */
public final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;
  private final Writer in;
  private final @Nullable Path errors;

  private ChildJvm(Process process, @Nullable Path errors) {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
    this.in = process.outputWriter(StandardCharsets.UTF_8);
    this.errors = errors;
  }

  /** Starts it with the options of this JVM; what it writes to stderr appears in ours. */
  public static ChildJvm start(Class<?> mainClass, String... arguments) throws IOException {
    List<String> options = List.of("-cp", System.getProperty("java.class.path"));
    return new ChildJvm(
        new ProcessBuilder(command(options, mainClass, arguments))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start(),
        null);
  }

  /** Starts it with more options, among them the class path; {@link #errors} tells its stderr. */
  public static ChildJvm start(List<String> options, Class<?> mainClass, String... arguments)
      throws IOException {
    Path errors = Files.createTempFile("tidemark-child", ".err");
    return new ChildJvm(
        new ProcessBuilder(command(options, mainClass, arguments))
            .redirectError(errors.toFile())
            .start(),
        errors);
  }

  private static List<String> command(
      List<String> options, Class<?> mainClass, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Pattern.compile("\\s+")
        .splitAsStream(
            System.getProperty("tidemark.jvmArgs", "")
                + " "
                + System.getProperty("tidemark.testJvm", ""))
        .filter(option -> !option.isEmpty())
        .forEach(command::add);
    command.addAll(options);
    command.add(mainClass.getName());
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  /** Returns its next line on stdout; null when it has ended. */
  public @Nullable String readLine() throws IOException {
    return out.readLine();
  }

  /** Writes a line to its stdin. */
  public void writeLine(String line) throws IOException {
    in.write(line + "\n");
    in.flush();
  }

  /** Returns what it wrote to stderr, if that was kept. */
  public String errors() throws IOException {
    return errors == null ? "" : Files.readString(errors);
  }

  /** Returns its process id. */
  public long pid() {
    return process.pid();
  }

  /** Returns whether it has not ended. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until it has ended by itself and returns its exit code. */
  public int awaitEnd() throws InterruptedException {
    return process.waitFor();
  }

  /** Kills it as {@code kill -9} does and waits until it is gone. */
  public void kill() {
    // Not the process's own method: it would close the pipe before the last lines are read.
    process.toHandle().destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void close() throws IOException {
    kill();
    out.close();
    if (errors != null) {
      Files.deleteIfExists(errors);
    }
  }
}
