package io.tidemark.benchmarks.follow;

import io.tidemark.benchmarks.LibraryJvmArgs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another process that reads a store's counters as fast as it can while it is told to. */
final class CounterReading implements AutoCloseable {

  private final Process process;

  private CounterReading(Process process) {
    this.process = process;
  }

  /** Starts the process; it rests. */
  static CounterReading start(Path store) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(LibraryJvmArgs.read());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(CounterLoop.class.getName());
    command.add(store.toString());
    return new CounterReading(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  void read() throws IOException {
    tell(CounterLoop.READ);
  }

  void rest() throws IOException {
    tell(CounterLoop.REST);
  }

  private void tell(int order) throws IOException {
    OutputStream out = process.getOutputStream();
    out.write(order);
    out.flush();
  }

  /** Ends the process and returns how often it read all counters. */
  long end() throws IOException, InterruptedException {
    process.getOutputStream().close();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      process.waitFor();
      return line == null ? 0 : Long.parseLong(line);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
