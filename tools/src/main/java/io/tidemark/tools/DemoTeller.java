package io.tidemark.tools;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Tells the steps of a demo, and ends it at the first claim that does not hold. */
final class DemoTeller {
  private static final String INDENT = "  ";
  private static final int WIDTH = 80;

  private final Terminal terminal;
  private final Path directory;
  private final long startedNs = System.nanoTime();
  private int step;

  /**
   * Begins a story.
   *
   * @param directory where it happens; shown as {@code $D}
   */
  DemoTeller(Terminal terminal, Path directory, String title, String... introduction) {
    this.terminal = terminal;
    this.directory = directory;
    terminal.line(terminal.bold(title));
    for (String line : introduction) {
      terminal.line(line);
    }
    terminal.line("D=" + directory);
  }

  /** Begins the next step. */
  void heading(String title) {
    step++;
    terminal.line("");
    terminal.line(terminal.bold(step + ". " + title));
    terminal.event(
        "step",
        json -> {
          json.writeNumberField("number", step);
          json.writeStringField("title", title);
        });
  }

  /** Says something about the step. */
  void say(String text) {
    terminal.line(INDENT + text);
  }

  /** Shows a command as one types it, and what it prints. */
  void show(int expectedExitCode, String... args) {
    terminal.line(commandLine(args));
    for (String line : run(expectedExitCode, args)) {
      terminal.line(INDENT + line.replace(directory.toString(), "$D"));
    }
  }

  /** Runs a command as a user would and returns what it printed. */
  List<String> run(int expectedExitCode, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Main.execute(new PrintWriter(out), new PrintWriter(err), args);
    if (exitCode != expectedExitCode) {
      throw failed(String.join(" ", args) + " ended with exit code " + exitCode + ": " + err);
    }
    return out.toString().lines().toList();
  }

  /** Returns the command as one types it, continued on a second line where it is long. */
  private String commandLine(String... args) {
    String prompt = INDENT + "$ " + Main.NAME;
    List<String> words =
        Arrays.stream(args).map(arg -> arg.replace(directory.toString(), "$D")).toList();
    StringBuilder text = new StringBuilder();
    StringBuilder line = new StringBuilder(prompt);
    for (String word : words) {
      if (line.length() + 1 + word.length() + 2 > WIDTH) {
        text.append(line).append(" \\\n");
        line = new StringBuilder(INDENT + "   ");
      }
      line.append(' ').append(word);
    }
    return terminal.dim(text.append(line).toString());
  }

  /** Claims something; the demo fails if it is not so. */
  void require(boolean isTrue, String claim) {
    if (!isTrue) {
      throw failed(claim);
    }
    terminal.line(INDENT + terminal.good("ok") + ": " + claim);
    terminal.event("claim", json -> json.writeStringField("holds", claim));
  }

  private CommandFailedException failed(String what) {
    return new CommandFailedException(
        ExitCode.FAILED, "demo failed: step=" + step + ", not as claimed: " + what);
  }

  /** Ends the story. */
  void end(boolean isKept) {
    double seconds = (System.nanoTime() - startedNs) / 1e9;
    terminal.line("");
    terminal.line(
        terminal.good("All " + step + " steps did what they claim")
            + String.format(Locale.ROOT, " (%.1f s)", seconds));
    terminal.line(
        isKept ? "The files are in " + directory : "The files are removed; --keep DIR keeps them.");
    terminal.event("result", json -> json.writeNumberField("steps", step));
  }
}
