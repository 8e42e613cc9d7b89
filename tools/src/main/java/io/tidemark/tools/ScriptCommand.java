package io.tidemark.tools;

import io.tidemark.block.Verdict;
import io.tidemark.storage.Directories;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.taosdump.AlteredObjects;
import io.tidemark.tdengine.taosdump.CallCosts;
import io.tidemark.tdengine.taosdump.ExportTask;
import io.tidemark.tdengine.taosdump.IncrementalSet;
import io.tidemark.tdengine.taosdump.PlanOptions;
import io.tidemark.tdengine.taosdump.RunOptions;
import io.tidemark.tdengine.taosdump.RunResult;
import io.tidemark.tdengine.taosdump.TaosdumpPlan;
import io.tidemark.tdengine.taosdump.TaosdumpRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes scripts that copy what changed with taosdump and restore it, and runs the copy. */
@Command(
    name = ScriptCommand.NAME,
    description = "Write taosdump scripts that export what changed and restore it.",
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class ScriptCommand implements Callable<Integer> {
  static final String NAME = "script";

  /** The chain whose cursor is where the last export ended. */
  static final String CHAIN = "script";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private DetectionOptions options;
  @Mixin private ScriptTarget target;

  @Option(
      names = "--blocks",
      paramLabel = "FILE",
      description = "Take what changed from a document that detect wrote, not from DATA_DIR.")
  private @Nullable Path blocks;

  @Option(names = "--full", description = "Copy the whole of --database, whatever changed.")
  private boolean isFull;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "A new or empty directory for scripts and output.")
  private Path output;

  @Option(
      names = "--altered",
      paramLabel = "WAY",
      defaultValue = "RELOAD",
      description = {
        "What becomes of a table or stable whose definition was altered: reload copies it whole",
        "and restores it in place of the old; keep leaves that to you. Default: reload"
      })
  private AlteredObjects altered;

  @Option(
      names = "--rows-per-block",
      paramLabel = "N",
      defaultValue = "10000",
      description = "For estimates: rows of one table in one file set. Default: ${DEFAULT-VALUE}")
  private long rowsPerBlock;

  @Option(
      names = "--names",
      paramLabel = "FILE",
      description = {
        "Lines uid,table,stable: names of tables that were created before the log begins, as",
        "select uid, table_name, stable_name from information_schema.ins_tables gives them."
      })
  private @Nullable Path names;

  @Option(names = "--run", description = "Export at once, not by the script.")
  private boolean isRun;

  @Option(
      names = "--resume",
      description = {
        "Go on with the export in --output, whoever began it: make the calls that are not done,",
        "then move the cursor it is of, if that is still where the export began."
      })
  private boolean isResume;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    RunOptions runOptions;
    PlanOptions planOptions;
    try {
      runOptions = target.runOptions();
      CallCosts measured = CallCosts.DEFAULTS;
      planOptions =
          new PlanOptions(
              new CallCosts(measured.callMs(), measured.rowsPerSecond(), rowsPerBlock), altered);
    } catch (IllegalArgumentException e) {
      throw options.usage(String.valueOf(e.getMessage()));
    }
    if (isResume) {
      return resume(terminal, runOptions);
    }
    checkOutput();
    Path directory = options.dataDirectory();
    if (blocks != null) {
      if (directory != null || isFull || options.store() != null || !options.asked().isEmpty()) {
        throw options.usage("--blocks goes with --database only, it says all else itself");
      }
      IncrementalSet set = BlocksReader.read(blocks, options.database(), tableNames());
      TaosdumpPlan plan = TaosdumpPlan.of(set, planOptions);
      ExportTask task = new ExportTask(now().toEpochMilli(), CHAIN, false, false, List.of(), plan);
      DatabaseExport export = new DatabaseExport(task, output, List.of());
      export.write(List.of("Copies what " + blocks + " says.", summary(plan)));
      return finish(terminal, export, runOptions);
    }
    if (directory == null && options.store() == null) {
      throw options.usage("nothing to copy given: give DATA_DIR, --data-dir, --store or --blocks");
    }
    return detect(terminal, directory, planOptions, runOptions);
  }

  private int resume(Terminal terminal, RunOptions runOptions) throws IOException {
    if (blocks != null || isFull || !options.asked().isEmpty()) {
      throw options.usage("--resume goes with no other choice of what to copy");
    }
    ExportTask task = ExportTask.read(output);
    if (task == null) {
      throw new CommandFailedException(
          ExitCode.FAILED,
          "no export was begun here: file=" + output.resolve(ExportTask.FILE_NAME));
    }
    Path directory = options.dataDirectory();
    Path stores = options.store();
    if (task.movesCursors() && (directory == null || stores == null)) {
      throw options.usage(
          "this export moves a cursor when it is complete: give DATA_DIR and --store as before");
    }
    DatabaseExport export = new DatabaseExport(task, output, vgroups(directory, stores));
    String obstacle = task.movesCursors() ? export.obstacle() : "";
    if (!obstacle.isEmpty()) {
      throw new CommandFailedException(
          ExitCode.FAILED, "export cannot be gone on with: " + obstacle + ", directory=" + output);
    }
    return run(terminal, export, runOptions);
  }

  /** Returns the vgroups that can tell what was dropped meanwhile; none without stores. */
  private List<VgroupPlace> vgroups(@Nullable Path directory, @Nullable Path stores)
      throws IOException {
    if (stores == null) {
      return List.of();
    }
    return directory == null
        ? options.chooseStores()
        : VgroupPlace.of(options.choose(VnodeDirectory.find(directory)), stores);
  }

  private TableNames tableNames() throws IOException {
    return names == null ? TableNames.NONE : TableNames.read(names);
  }

  private void checkOutput() throws IOException {
    if (Files.exists(output) && !Files.isDirectory(output)) {
      throw options.usage("--output is not a directory: file=" + output);
    }
    if (!Directories.list(output).isEmpty()) {
      throw options.usage("--output takes a new or empty directory: value=" + output);
    }
  }

  private int detect(
      Terminal terminal, @Nullable Path directory, PlanOptions planOptions, RunOptions runOptions)
      throws IOException {
    Since wanted = options.since(terminal, false);
    if (options.vgroup() != null) {
      throw options.usage(
          "a script copies all vgroups of a database: --vgroup=" + options.vgroup());
    }
    if (directory == null) {
      List<VgroupPlace> stores = options.chooseStores();
      options.noteUnrelatedLogs(terminal, wanted, stores.size());
      return detect(terminal, stores, wanted, planOptions, runOptions);
    }
    List<VnodeDirectory> vnodes = options.choose(VnodeDirectory.find(directory));
    options.noteUnrelatedLogs(terminal, wanted, vnodes.size());
    options.checkStores(directory, vnodes);
    Path kept = options.store();
    Path stores = kept == null ? Files.createTempDirectory("tidemark-script-") : kept;
    try {
      List<VgroupPlace> vgroups = VgroupPlace.of(vnodes, stores);
      return detect(terminal, vgroups, wanted, planOptions, runOptions);
    } finally {
      if (kept == null) {
        Directories.deleteTree(stores);
      }
    }
  }

  private int detect(
      Terminal terminal,
      List<VgroupPlace> vgroups,
      Since wanted,
      PlanOptions planOptions,
      RunOptions runOptions)
      throws IOException {
    Detection detection;
    boolean movesCursor = options.store() != null && movesCursor(wanted);
    try (OpenDetection open =
        OpenDetection.besideWriters(
            vgroups, wanted, CHAIN, failure -> common.debug(spec, failure))) {
      detection = open.result(options.asked(), wanted);
      movesCursor &= open.onlyRead().isEmpty();
      open.noteOnlyRead(terminal);
    }
    OpenDetection.noteFailures(detection, terminal, spec.qualifiedName());
    if (!detection.failures().isEmpty()) {
      return detection.exitCode();
    }
    TaosdumpPlan plan = plan(detection, planOptions);
    ExportTask task = DatabaseExport.task(now(), detection, plan, isFull, movesCursor);
    DatabaseExport export = new DatabaseExport(task, output, vgroups);
    export.write(notes(detection, plan));
    return finish(terminal, export, runOptions);
  }

  private static boolean movesCursor(Since wanted) {
    return wanted instanceof Since.Ever || wanted instanceof Since.Last;
  }

  private TaosdumpPlan plan(Detection detection, PlanOptions planOptions) throws IOException {
    IncrementalSet set = IncrementalSets.of(detection, tableNames());
    if (isFull) {
      return TaosdumpPlan.full(set.database(), planOptions.costs());
    }
    checkVerdict(detection.verdict(), "database=" + set.database());
    return TaosdumpPlan.of(set, planOptions);
  }

  /** Refuses a set in which something may be missing. */
  static void checkVerdict(Verdict verdict, String where) {
    switch (verdict) {
      case EXACT, SUPERSET -> {}
      case NOT_READY ->
          throw new CommandFailedException(
              ExitCode.NOT_READY, "asked beyond what the log holds so far: " + where);
      case FULL_REQUIRED ->
          throw new CommandFailedException(
              ExitCode.FULL_REQUIRED,
              "part of the log is unknown, an incremental copy would lack it: copy everything with"
                  + " --full: "
                  + where);
    }
  }

  private List<String> notes(Detection detection, TaosdumpPlan plan) {
    List<String> lines = new ArrayList<>();
    for (VgroupAnswer answer : detection.answers()) {
      lines.add(
          "vgroup "
              + answer.vgroupId()
              + ": "
              + answer.changes().verdict()
              + (options.asked().isEmpty() ? "" : ", since " + options.asked())
              + ", complete through "
              + answer.changes().completeThrough());
    }
    lines.add(summary(plan));
    return lines;
  }

  private static String summary(TaosdumpPlan plan) {
    return DetectionSummary.counted(plan.calls().size(), "call")
        + " of taosdump, "
        + DetectionSummary.counted(plan.blocks(), "changed block")
        + ", "
        + plan.surplusBlocks()
        + " more that did not change; some "
        + (plan.estimatedMs() + 999) / 1_000
        + " s";
  }

  private static Instant now() {
    return Clock.systemUTC().instant();
  }

  private int finish(Terminal terminal, DatabaseExport export, RunOptions runOptions)
      throws IOException {
    if (isRun) {
      return run(terminal, export, runOptions);
    }
    TaosdumpPlan plan = export.task().plan();
    tell(terminal, plan);
    result(terminal, plan, null, false);
    return ExitCode.DONE;
  }

  private int run(Terminal terminal, DatabaseExport export, RunOptions runOptions)
      throws IOException {
    TaosdumpPlan plan = export.task().plan();
    tell(terminal, plan);
    ScriptProgress progress = new ScriptProgress(terminal);
    TaosdumpRunner runner =
        new TaosdumpRunner(plan, output, runOptions, new LaterDrops(export::laterDrops), progress);
    Thread killer = new Thread(runner::cancel, "tidemark-cancel");
    Runtime.getRuntime().addShutdownHook(killer);
    RunResult run;
    try {
      run = runner.export();
    } finally {
      removeHook(killer);
    }
    boolean movesCursors = export.task().movesCursors();
    if (movesCursors) {
      export.acknowledge();
    }
    result(terminal, plan, run, movesCursors);
    return ExitCode.DONE;
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM ends already, and the hook is what ended the run.
      assert hook.isAlive() || hook.getState() == Thread.State.TERMINATED : e;
    }
  }

  private void tell(Terminal terminal, TaosdumpPlan plan) {
    terminal.line(terminal.bold("database " + plan.database()) + "  " + summary(plan));
    if (!plan.drops().isEmpty() || !plan.deletions().isEmpty()) {
      terminal.line(
          "restore first drops "
              + DetectionSummary.counted(plan.drops().size(), "object")
              + " and deletes "
              + DetectionSummary.counted(plan.deletions().size(), "range")
              + " of rows");
    }
    for (String name : plan.alteredByHand()) {
      terminal.line(terminal.bad("alter by hand in the target: ") + name);
    }
  }

  private void result(
      Terminal terminal, TaosdumpPlan plan, @Nullable RunResult run, boolean isCursorMoved) {
    terminal.event(
        "result",
        json -> {
          json.writeStringField("database", plan.database());
          json.writeNumberField("calls", plan.calls().size());
          json.writeNumberField("blocks", plan.blocks());
          json.writeNumberField("surplusBlocks", plan.surplusBlocks());
          json.writeNumberField("drops", plan.drops().size());
          json.writeNumberField("deletions", plan.deletions().size());
          json.writeNumberField("alteredByHand", plan.alteredByHand().size());
          json.writeNumberField("estimatedMs", plan.estimatedMs());
          json.writeStringField("output", output.toString());
          json.writeBooleanField("exported", run != null);
          json.writeNumberField("rows", run == null ? 0 : run.rows());
          json.writeNumberField("gone", run == null ? 0 : run.gone().size());
          json.writeBooleanField("cursorMoved", isCursorMoved);
          json.writeNumberField("exitCode", ExitCode.DONE);
        });
    if (run == null) {
      terminal.line("export:  " + output.resolve("export.sh"));
    } else {
      terminal.line(
          terminal.good("exported")
              + " "
              + DetectionSummary.counted(run.rows(), "row")
              + " with taosdump "
              + run.version());
      run.gone().forEach(name -> terminal.line("dropped meanwhile: " + name));
    }
    terminal.line("restore: " + output.resolve("restore.sh") + " TARGET_DATABASE");
  }
}
