package io.tidemark.tools;

import io.tidemark.storage.Directories;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The steps of the demo; each checks what it claims, and the first that fails ends it. */
final class DemoStory {
  private static final String INDENT = "  ";
  private static final int WIDTH = 80;

  /** How a process ends that was killed with signal 9. */
  private static final int KILLED = 128 + 9;

  /** Records after which the child process is killed, and more it is given just before. */
  private static final int RECORDS_BEFORE_KILL = 7;

  private static final int RECORDS_AT_KILL = 4;

  private final Terminal terminal;
  private final Path directory;
  private final boolean isKept;
  private final DemoServer server;
  private final Path stores;
  private int step;

  DemoStory(Terminal terminal, Path directory, boolean isKept) {
    this.terminal = terminal;
    this.directory = directory;
    this.isKept = isKept;
    this.server = new DemoServer(directory.resolve("data"), directory.resolve("staging"));
    this.stores = directory.resolve("store");
  }

  void tell() throws IOException, InterruptedException {
    long startedNs = System.nanoTime();
    terminal.line(terminal.bold("Tidemark demo: which blocks changed, on data of a real server"));
    terminal.line("Two vgroups of a database 'power', written by TDengine 3.3.7.5: tables,");
    terminal.line("late rows, updates, deletes, dropped tables. The same server at three moments.");
    terminal.line("D=" + directory);

    heading("First detection: a new store per vgroup, the whole log");
    server.writeAll(1);
    DemoAnswer first = detect("blocks-1.json");
    require(first.verdict().equals("EXACT"), "verdict is EXACT");

    heading("The server goes on writing; what changed since the last detection?");
    server.writeAll(2);
    DemoAnswer second = detect("blocks-2.json", "--since", "last");
    require(second.verdict().equals("EXACT"), "verdict is EXACT");
    requireSame(second.blocks(), afresh(first.through()), "a store made afresh");

    heading("A process that reads the log is killed in the middle (SIGKILL)");
    kill();

    heading("The store is opened again and asked: nothing is lost, nothing twice");
    server.writeAll(3);
    DemoAnswer third = detect("blocks-3.json", "--since", "last");
    require(third.verdict().equals("EXACT"), "verdict is EXACT");
    require(
        third.recovery().stream().anyMatch(report -> report.contains("replayed")),
        "what the killed process had journaled was replayed");
    requireSame(third.blocks(), afresh(second.through()), "one that was never interrupted");

    heading("Proof: the journal alone gives the same states, changes and names");
    for (int vgroup : third.through().keySet()) {
      show(ExitCode.DONE, "replay", store(vgroup), "--rebuild");
    }

    heading("Every checksum and every invariant of the stores");
    for (int vgroup : third.through().keySet()) {
      show(ExitCode.DONE, "check", store(vgroup));
    }

    double seconds = (System.nanoTime() - startedNs) / 1e9;
    terminal.line("");
    terminal.line(
        terminal.good("All " + step + " steps did what they claim")
            + String.format(" (%.1f s)", seconds));
    terminal.line(
        isKept ? "The files are in " + directory : "The files are removed; --keep DIR keeps them.");
    terminal.event("result", json -> json.writeNumberField("steps", step));
  }

  private void heading(String title) {
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

  private DemoAnswer detect(String output, String... more) throws IOException {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("detect", server.data().toString(), "--store", stores.toString()));
    args.addAll(List.of(more));
    Path file = directory.resolve(output);
    args.addAll(List.of("--output", file.toString()));
    show(ExitCode.DONE, args.toArray(String[]::new));
    return DemoAnswer.read(file);
  }

  /** Asks stores made from nothing, once per vgroup, for what changed after a position. */
  private Set<String> afresh(Map<Integer, String> since) throws IOException {
    Set<String> blocks = new TreeSet<>();
    Path file = directory.resolve("afresh.json");
    for (Map.Entry<Integer, String> vgroup : since.entrySet()) {
      run(
          ExitCode.DONE,
          "detect",
          server.data().toString(),
          "--vgroup",
          vgroup.getKey().toString(),
          "--since",
          "wal:" + vgroup.getValue(),
          "--output",
          file.toString());
      blocks.addAll(DemoAnswer.read(file).blocks());
    }
    return blocks;
  }

  private void kill() throws IOException, InterruptedException {
    int total = server.prepare(3);
    try (DemoChild child = DemoChild.start(server.data(), stores)) {
      long taken = 0;
      for (int i = 0; i < RECORDS_BEFORE_KILL; i++) {
        server.writeNext();
        child.order();
        taken = child.awaitReply();
      }
      for (int i = 0; i < RECORDS_AT_KILL; i++) {
        server.writeNext();
        child.order();
      }
      int exitCode = child.kill();
      terminal.line(
          INDENT
              + "The server writes "
              + total
              + " more records one by one, pid "
              + child.pid()
              + " takes them in.");
      terminal.line(
          INDENT
              + "It has reported "
              + taken
              + " and is at work on "
              + RECORDS_AT_KILL
              + " more: killed, exit code "
              + exitCode
              + ".");
      require(taken == RECORDS_BEFORE_KILL, taken + " records were taken in before the kill");
      require(exitCode == KILLED, "the process died of SIGKILL");
    }
    terminal.line(INDENT + "Meanwhile the server writes the other " + server.pendingCount() + ".");
    Directories.deleteTree(directory.resolve("staging"));
  }

  private String store(int vgroup) {
    return stores.resolve("vnode" + vgroup).toString();
  }

  private void show(int expectedExitCode, String... args) {
    terminal.line(commandLine(args));
    for (String line : run(expectedExitCode, args)) {
      terminal.line(INDENT + line.replace(directory.toString(), "$D"));
    }
  }

  /** Runs a command as a user would and returns what it printed. */
  private List<String> run(int expectedExitCode, String... args) {
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

  private void requireSame(Set<String> actual, Set<String> expected, String where) {
    require(
        actual.equals(expected),
        "the same " + actual.size() + " blocks, field by field, as from " + where);
  }

  private void require(boolean isTrue, String claim) {
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
}
