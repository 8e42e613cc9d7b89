package io.tidemark.tools;

import io.tidemark.errors.MissingRunException;
import io.tidemark.storage.Directories;
import io.tidemark.tdengine.taosdump.ExportHistory;
import io.tidemark.tdengine.taosdump.ExportTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists exports that lie beside one another, tells how to restore them, and deletes old ones. */
@Command(
    name = ExportsCommand.NAME,
    description = {
      "List the exports with taosdump in a directory, and which to restore in which order.",
      "With --verify, read every byte of those that a restore needs.",
      "With --keep, delete those that nobody needs who restores one of the newest N."
    },
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class ExportsCommand implements Callable<Integer> {
  static final String NAME = "exports";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Parameters(
      paramLabel = "DIR",
      description = "Where script or an agent put each export into a directory of its own.")
  private Path root;

  @Option(
      names = "--of",
      paramLabel = "NAME",
      description = "Which one is to be restored. Default: the newest that is complete")
  private @Nullable String name;

  @Option(
      names = "--verify",
      description = {
        "Verify every export that a restore needs, in its order: plan, calls, rows, files of Avro",
        "to their last byte, statements, digests. Exit code 5 if anything is wrong."
      })
  private boolean isVerifying;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "With --verify: write the findings as JSON.")
  private @Nullable Path report;

  @Option(
      names = "--keep",
      paramLabel = "N",
      description = "Delete what is not needed to restore one of the newest N.")
  private @Nullable Integer keep;

  @Option(names = "--dry-run", description = "With --keep: say what would be deleted.")
  private boolean isDryRun;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    if (!Files.isDirectory(root)) {
      throw usage("no such directory: value=" + root);
    }
    if (report != null && !isVerifying) {
      throw usage("--report goes with --verify only");
    }
    if (isVerifying && keep != null) {
      throw usage("--keep and --verify do not go together");
    }
    ExportHistory history = ExportHistory.of(root);
    if (keep != null) {
      return prune(terminal, history, keep);
    }
    if (isVerifying) {
      return verify(terminal, history);
    }
    boolean isWhole = list(terminal, history);
    boolean isRestorable = tellOrder(terminal, history);
    return isWhole && isRestorable ? ExitCode.DONE : ExitCode.VERIFICATION_FAILED;
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static boolean list(Terminal terminal, ExportHistory history) throws IOException {
    Table table = new Table("");
    table.row("export", "what", "calls", "planned", "state");
    boolean isWhole = true;
    for (ExportHistory.Export export : history.all()) {
      ExportTask task = export.task();
      String state = export.state().name().toLowerCase(Locale.ROOT);
      if (task == null) {
        isWhole = false;
        table.row(export.name(), "-", "-", "-", state);
        terminal.note(export.trouble());
      } else {
        table.row(
            export.name(),
            task.isFull() ? "full" : "incremental",
            task.plan().calls().size(),
            Instant.ofEpochMilli(task.writtenMs()),
            state);
      }
      terminal.event(
          "export",
          json -> {
            json.writeStringField("name", export.name());
            json.writeStringField("state", export.state().name());
            if (task != null) {
              json.writeBooleanField("full", task.isFull());
              json.writeNumberField("calls", task.plan().calls().size());
              json.writeNumberField("writtenMs", task.writtenMs());
            }
          });
    }
    if (history.all().isEmpty()) {
      terminal.line("no exports");
    } else {
      table.lines().forEach(terminal::line);
    }
    for (DefinitionChanges.Change change : DefinitionChanges.of(history)) {
      tell(terminal, change);
    }
    return isWhole;
  }

  private static void tell(Terminal terminal, DefinitionChanges.Change change) {
    terminal.line(change.toString());
    terminal.event(
        "definition",
        json -> {
          json.writeStringField("export", change.export());
          json.writeBooleanField("stable", change.now().isStable());
          json.writeStringField("name", change.now().name());
          json.writeStringField("sha256", change.now().sha256());
          json.writeStringField("before", change.before());
          json.writeStringField("sha256Before", change.was().sha256());
        });
  }

  private int verify(Terminal terminal, ExportHistory history) throws IOException {
    if (report != null) {
      OutputFile.checkWritable(report);
    }
    ExportHistory.Export wanted = name == null ? history.newest() : named(history, name);
    if (wanted == null) {
      terminal.note("nothing to verify: no export is complete: directory=" + root);
      return ExitCode.VERIFICATION_FAILED;
    }
    List<ExportHistory.Export> order;
    try {
      order = wanted.isAlone() ? List.of(wanted) : history.restoreOrder(wanted);
    } catch (MissingRunException e) {
      terminal.note("cannot be restored: " + e.getMessage());
      return ExitCode.VERIFICATION_FAILED;
    }
    ExportsVerification verification = ExportsVerification.of(root, wanted.name(), order, terminal);
    if (report != null) {
      OutputFile.write(report, verification::writeTo);
    }
    return verification.isGood() ? ExitCode.DONE : ExitCode.VERIFICATION_FAILED;
  }

  /** Returns whether there is something to restore, or nothing at all. */
  private boolean tellOrder(Terminal terminal, ExportHistory history) {
    ExportHistory.Export wanted = name == null ? history.newest() : named(history, name);
    if (wanted == null) {
      return true;
    }
    List<String> order;
    try {
      order = history.restoreOrder(wanted).stream().map(ExportHistory.Export::name).toList();
    } catch (MissingRunException e) {
      terminal.note("cannot be restored: " + e.getMessage());
      return false;
    }
    terminal.line("To restore " + wanted.name() + ", run restore.sh of each, in this order:");
    order.forEach(one -> terminal.line("  " + root.resolve(one).resolve("restore.sh")));
    terminal.event(
        "order",
        json -> {
          json.writeStringField("of", wanted.name());
          json.writeArrayFieldStart("exports");
          for (String one : order) {
            json.writeString(one);
          }
          json.writeEndArray();
        });
    return true;
  }

  private ExportHistory.Export named(ExportHistory history, String wanted) {
    return history.all().stream()
        .filter(export -> export.name().equals(wanted))
        .findFirst()
        .orElseThrow(() -> usage("no such export: value=" + wanted + ", directory=" + root));
  }

  private int prune(Terminal terminal, ExportHistory history, int kept) throws IOException {
    List<ExportHistory.Export> superfluous;
    try {
      superfluous = history.superfluous(kept);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
    for (ExportHistory.Export export : superfluous) {
      if (!isDryRun) {
        delete(export.directory());
      }
      terminal.line((isDryRun ? "would delete " : "deleted ") + export.directory());
      terminal.event(
          "deleted",
          json -> {
            json.writeStringField("name", export.name());
            json.writeBooleanField("dryRun", isDryRun);
          });
    }
    if (superfluous.isEmpty()) {
      terminal.line("nothing to delete");
    }
    return ExitCode.DONE;
  }

  /** Its task goes first: what is left of a deletion that was interrupted is no export any more. */
  private static void delete(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(ExportTask.FILE_NAME));
    Directories.deleteTree(directory);
  }
}
