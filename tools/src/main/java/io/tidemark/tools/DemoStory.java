package io.tidemark.tools;

import io.tidemark.storage.Directories;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The steps of the demo; each checks what it claims, and the first that fails ends it. */
final class DemoStory {
  /** Records after which the child process is killed, and more it is given just before. */
  private static final int RECORDS_BEFORE_KILL = 7;

  private static final int RECORDS_AT_KILL = 4;

  private final Path directory;
  private final boolean isKept;
  private final DemoTeller teller;
  private final DemoServer server;
  private final Path stores;

  DemoStory(Terminal terminal, Path directory, boolean isKept) {
    this.directory = directory;
    this.teller =
        new DemoTeller(
            terminal,
            directory,
            "Tidemark demo: which blocks changed, on data of a real server",
            "Two vgroups of a database 'power', written by TDengine 3.3.7.5: tables,",
            "late rows, updates, deletes, dropped tables. The same server at three moments.");
    this.isKept = isKept;
    this.server = new DemoServer(directory.resolve("data"), directory.resolve("staging"));
    this.stores = directory.resolve("store");
  }

  void tell() throws IOException, InterruptedException {
    teller.heading("First detection: a new store per vgroup, the whole log");
    server.writeAll(1);
    DemoAnswer first = detect("blocks-1.json");
    teller.require(first.verdict().equals("EXACT"), "verdict is EXACT");

    teller.heading("The server goes on writing; what changed since the last detection?");
    server.writeAll(2);
    DemoAnswer second = detect("blocks-2.json", "--since", "last");
    teller.require(second.verdict().equals("EXACT"), "verdict is EXACT");
    requireSame(second.blocks(), afresh(first.through()), "a store made afresh");

    teller.heading("A process that reads the log is killed in the middle (SIGKILL)");
    kill();

    teller.heading("The store is opened again and asked: nothing is lost, nothing twice");
    server.writeAll(3);
    DemoAnswer third = detect("blocks-3.json", "--since", "last");
    teller.require(third.verdict().equals("EXACT"), "verdict is EXACT");
    teller.require(
        third.recovery().stream().anyMatch(report -> report.contains("replayed")),
        "what the killed process had journaled was replayed");
    requireSame(third.blocks(), afresh(second.through()), "one that was never interrupted");

    teller.heading("Proof: the journal alone gives the same states, changes and names");
    for (int vgroup : third.through().keySet()) {
      teller.show(ExitCode.DONE, "replay", store(vgroup), "--rebuild");
    }

    teller.heading("Every checksum and every invariant of the stores");
    for (int vgroup : third.through().keySet()) {
      teller.show(ExitCode.DONE, "check", store(vgroup));
    }

    teller.end(isKept);
  }

  private DemoAnswer detect(String output, String... more) throws IOException {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("detect", server.data().toString(), "--store", stores.toString()));
    args.addAll(List.of(more));
    Path file = directory.resolve(output);
    args.addAll(List.of("--output", file.toString()));
    teller.show(ExitCode.DONE, args.toArray(String[]::new));
    return DemoAnswer.read(file);
  }

  /** Asks stores made from nothing, once per vgroup, for what changed after a position. */
  private Set<String> afresh(Map<Integer, String> since) throws IOException {
    Set<String> blocks = new TreeSet<>();
    Path file = directory.resolve("afresh.json");
    for (Map.Entry<Integer, String> vgroup : since.entrySet()) {
      teller.run(
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
    try (DemoChild child =
        DemoChild.start(
            DemoIngestCommand.NAME, server.data().toString(), "--store", stores.toString())) {
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
      teller.say(
          "The server writes "
              + total
              + " more records one by one, pid "
              + child.pid()
              + " takes them in.");
      teller.say(
          "It has reported "
              + taken
              + " and is at work on "
              + RECORDS_AT_KILL
              + " more: killed, exit code "
              + exitCode
              + ".");
      teller.require(
          taken == RECORDS_BEFORE_KILL, taken + " records were taken in before the kill");
      teller.require(exitCode == DemoChild.KILLED, "the process died of SIGKILL");
    }
    teller.say("Meanwhile the server writes the other " + server.pendingCount() + ".");
    Directories.deleteTree(directory.resolve("staging"));
  }

  private String store(int vgroup) {
    return stores.resolve("vnode" + vgroup).toString();
  }

  private void requireSame(Set<String> actual, Set<String> expected, String where) {
    teller.require(
        actual.equals(expected),
        "the same " + actual.size() + " blocks, field by field, as from " + where);
  }
}
