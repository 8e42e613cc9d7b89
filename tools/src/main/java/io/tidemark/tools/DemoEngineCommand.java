package io.tidemark.tools;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The process that the demo of the embedded engine kills: for every line on standard input it
 * updates one block and prints how many it has updated. Never closes its engine in order.
 */
@Command(name = DemoEngineCommand.NAME, hidden = true)
final class DemoEngineCommand implements Callable<Integer> {
  static final String NAME = "demo-engine";

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR")
  private Path directory;

  @Override
  public Integer call() throws IOException {
    DemoEngine engine = DemoEngine.open(directory);
    PrintWriter out = spec.commandLine().getOut();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    long updated = 0;
    while (in.readLine() != null) {
      engine.update(DemoEngine.nth(updated));
      updated++;
      out.println(updated);
      out.flush();
    }
    return ExitCode.DONE;
  }
}
