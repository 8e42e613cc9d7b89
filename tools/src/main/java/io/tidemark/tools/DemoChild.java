package io.tidemark.tools;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A second JVM of this program that does something for each line it is given, made to be killed.
 */
final class DemoChild implements AutoCloseable {

  /** How a process ends that was killed with signal 9. */
  static final int KILLED = 128 + 9;

  private final Process process;
  private final BufferedReader replies;
  private final Writer orders;

  private DemoChild(Process process) {
    this.process = process;
    this.replies = process.inputReader(StandardCharsets.UTF_8);
    this.orders = process.outputWriter(StandardCharsets.UTF_8);
  }

  /** Starts it with a command of this program and its arguments. */
  static DemoChild start(String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    String classPath = System.getProperty("java.class.path");
    if (classPath.endsWith(".jar") && !classPath.contains(System.getProperty("path.separator"))) {
      // The manifest of the jar opens what the library needs.
      command.addAll(List.of("-jar", classPath));
    } else {
      command.addAll(List.of("-cp", classPath, Main.class.getName()));
    }
    command.addAll(List.of(args));
    return new DemoChild(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  long pid() {
    return process.pid();
  }

  /** Orders it to go on; does not wait. */
  void order() throws IOException {
    orders.write("\n");
    orders.flush();
  }

  /** Waits until an order is done and returns the number that it replies. */
  long awaitReply() throws IOException {
    String reply = replies.readLine();
    if (reply == null) {
      throw new IOException("the child process ended by itself: pid=" + process.pid());
    }
    return Long.parseLong(reply);
  }

  /** Kills it with SIGKILL and returns its exit code. */
  int kill() throws InterruptedException {
    process.destroyForcibly();
    return process.waitFor();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    replies.close();
    try {
      orders.close();
    } catch (IOException e) {
      // What was still to be said to a killed process cannot be said any more.
    }
  }
}
