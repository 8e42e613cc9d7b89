package io.tidemark.benchmarks;

import io.tidemark.tracker.BackupRun;
import io.tidemark.tracker.Chains;
import io.tidemark.tracker.ChangeStream;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.StoreLayout;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Loads stores of several sizes and measures what they cost: events, questions, lookups, commits,
 * openings, memory, disk.
 *
 * <p>Not JMH: the subject is a store of minutes, most figures are of one long piece of work, and
 * CPU time of the working thread says more than wall time.
 */
public final class StoreBenchmark {
  static final String SHARD = "benchmark";

  private static final int COMMITS = 3;
  private static final long LARGE = 20_000_000;
  private static final long LISTED = 2_000_000;
  private static final long JOURNAL_ENTRY_BYTES = 32;

  private final StoreBenchmarkOptions options;
  private final ResultTable table;
  private final PrintStream log;

  private StoreBenchmark(StoreBenchmarkOptions options, ResultTable table, PrintStream log) {
    this.options = options;
    this.table = table;
    this.log = log;
  }

  /** Runs the benchmark. */
  public static void main(String[] args) throws IOException {
    if (args.length == 2 && args[0].equals("--open")) {
      StoreOpenings.openOnce(Path.of(args[1]));
      return;
    }
    StoreBenchmarkOptions options;
    try {
      options = StoreBenchmarkOptions.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.println(StoreBenchmarkOptions.USAGE);
      System.exit(2);
      return;
    }
    run(options, System.out, System.err);
  }

  /**
   * Measures everything that the options name.
   *
   * @return the names of the figures, in the order they came
   */
  static List<String> run(StoreBenchmarkOptions options, PrintStream out, PrintStream log)
      throws IOException {
    ResultTable table = new ResultTable(out, options.csv());
    StoreBenchmark benchmark = new StoreBenchmark(options, table, log);
    for (long blocks : options.blocks()) {
      if (options.ids().contains("clustered")) {
        benchmark.store("clustered", StoreWorkload.clustered(blocks, options.runLength()));
      }
      if (options.ids().contains("random")) {
        benchmark.store("random", StoreWorkload.random(blocks, options.range()));
      }
    }
    if (options.has("bitmap")) {
      table.begin("all", options.range(), 0);
      BitmapSizes.measure(table, options.range());
    }
    return table.figures();
  }

  private void store(String ids, StoreWorkload workload) throws IOException {
    Path root = Files.createTempDirectory(options.directory(), "store");
    try {
      table.begin(ids, workload.blocks(), workload.blocks() * options.rounds());
      StoreLoader loader = new StoreLoader(workload, root, log);
      loader.limit(options.limitSeconds(), options.minFreeBytes());
      try (ChangeTracker tracker = ChangeTracker.open(root, SHARD, options.tracker())) {
        ingest(tracker, loader, root, workload.blocks() * options.rounds());
        StoreQuestions questions = new StoreQuestions(table, tracker, workload, loader.events());
        part("range", () -> questions.ranges(options.answers()));
        part("state", questions::states);
        part("metadata", questions::metadata);
        part("commit", () -> commits(tracker, loader));
        footprint(root, loader);
      }
      openings(root, workload, loader);
    } finally {
      if (!options.keeps()) {
        Footprint.delete(root);
      }
    }
  }

  /** Something that is measured. */
  @FunctionalInterface
  private interface Part {
    void run() throws IOException;
  }

  /** Runs a part if it was asked for; that the heap is too small for it is a result too. */
  private void part(String name, Part part) throws IOException {
    if (!options.has(name)) {
      return;
    }
    try {
      part.run();
    } catch (OutOfMemoryError e) {
      table.missing(
          name, "needs more heap than " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB");
    }
  }

  private void ingest(ChangeTracker tracker, StoreLoader loader, Path root, long events)
      throws IOException {
    Meter meter = new Meter();
    meter.start();
    boolean isWhole = loader.load(tracker, events);
    meter.stop();
    if (!isWhole) {
      table.missing("ingest", "stopped by a limit after " + loader.events() + " events");
    }
    double loaded = loader.events();
    table.add("ingest cpu an event", loader.cpuNs() / loaded, "ns");
    table.add(
        "ingest cpu an event, all threads",
        (meter.processNs() - loader.generatorNs()) / loaded,
        "ns");
    table.add("ingest wall", loaded * 1e3 / meter.wallNs(), "M events/s");
    Meter checkpoint = new Meter();
    checkpoint.start();
    tracker.checkpoint();
    checkpoint.stop();
    table.addMs("checkpoint after ingest", checkpoint);
    table.add("segments after ingest", tracker.view().segments().size(), "files");
    Meter settle = new Meter();
    settle.start();
    settle(tracker, loader.events());
    settle.stop();
    table.add("merging left after ingest cpu", settle.processNs() / loaded, "ns an event");
    table.add("segments after merging", tracker.view().segments().size(), "files");
    StoreLayout layout = new StoreLayout(root);
    if (loaded * JOURNAL_ENTRY_BYTES < options.tracker().journalKeepBytes()) {
      table.add("journal an event", Footprint.bytes(layout.journal()) / loaded, "B");
    }
    table.add("segments an event", Footprint.bytes(layout.segments()) / loaded, "B");
    table.add("heap after ingest", Footprint.liveHeap() / 1048576.0, "MiB");
  }

  /** Seals, which takes over what was merged and begins the next merge, until nothing is left. */
  private static void settle(ChangeTracker tracker, long events) throws IOException {
    int before;
    do {
      before = tracker.view().segments().size();
      for (int i = 0; i < 2; i++) {
        StoreLoader.appendEmpty(tracker, StoreWorkload.walOffset(events - 1));
        tracker.checkpoint();
        Meter.awaitIdle();
      }
    } while (tracker.view().segments().size() < before);
  }

  /** Backs up everything that changed, several times, with another round of changes between. */
  private void commits(ChangeTracker tracker, StoreLoader loader) throws IOException {
    Meter prepare = new Meter();
    Meter changes = new Meter();
    Meter ids = new Meter();
    Meter stream = new Meter();
    Meter commit = new Meter();
    boolean isLarge = loader.events() > LARGE;
    long round = loader.events();
    for (int i = 0; i < (isLarge ? 1 : COMMITS); i++) {
      if (i > 0) {
        loader.load(tracker, round);
        settle(tracker, loader.events());
      }
      prepare.start();
      BackupRun run = tracker.backups().prepare(Chains.DEFAULT);
      prepare.stop();
      if (round <= LISTED) {
        changes.start();
        tracker.backups().changes(run);
        changes.stop();
      }
      ids.start();
      long blocks = tracker.backups().changedIds(run).ids().size();
      ids.stop();
      stream.start();
      ChangeStream each = tracker.backups().stream(run);
      while (each.next()) {
        blocks--;
      }
      stream.stop();
      if (blocks != 0) {
        throw new IllegalStateException("ids and stream differ: blocks=" + blocks);
      }
      commit.start();
      tracker.backups().commit(run);
      commit.stop();
      if (tracker.counts().dirty() + tracker.counts().created() != 0) {
        throw new IllegalStateException("blocks are not clean: " + tracker.counts());
      }
    }
    table.addMs("backup prepare", prepare);
    if (changes.count() > 0) {
      table.addMs("backup changes", changes);
    } else {
      table.missing("backup changes", "left out: the list alone is an object a block");
    }
    table.addMs("backup ids", ids);
    table.addMs("backup stream", stream);
    table.addMs("backup commit", commit);
  }

  private void footprint(Path root, StoreLoader loader) throws IOException {
    StoreLayout layout = new StoreLayout(root);
    double blocks = Math.min(loader.events(), table.blocks());
    table.add("heap", Footprint.liveHeap() / 1048576.0, "MiB");
    table.add("resident, files included", Footprint.resident() / 1048576.0, "MiB");
    table.add("resident, without files", Footprint.residentWithoutFiles() / 1048576.0, "MiB");
    table.add("files", Footprint.files(root).size(), "files");
    table.add("segments a block", Footprint.bytes(layout.segments()) / blocks, "B");
    table.add("metadata map a block", Footprint.bytes(layout.metadata()) / blocks, "B");
    table.add("snapshots a block", Footprint.bytes(layout.snapshots()) / blocks, "B");
  }

  private void openings(Path root, StoreWorkload workload, StoreLoader loader) throws IOException {
    StoreOpenings openings = new StoreOpenings(table, root, options.tracker());
    part("close", openings::afterClose);
    part("kill", () -> openings.afterKill(loader, options.unsealed()));
    part("powercut", () -> openings.afterPowerCut(workload.blocks() <= LARGE));
  }
}
