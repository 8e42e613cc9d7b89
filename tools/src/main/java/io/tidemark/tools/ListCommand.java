package io.tidemark.tools;

import io.tidemark.archive.Archive;
import io.tidemark.archive.RunManifest;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the runs of an archive. */
@Command(
    name = ListCommand.NAME,
    description = "List the runs of an archive.",
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class ListCommand implements Callable<Integer> {
  static final String NAME = "list";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private ArchiveDirectory from;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    Archive archive = from.archive();
    Table table = new Table("");
    table.row("run", "kind", "blocks", "deleted", "stored bytes", "reaches", "exact");
    boolean isWhole = true;
    for (Archive.Entry entry : archive.entries()) {
      var run = entry.run();
      var failure = entry.failure();
      if (run != null) {
        row(table, terminal, run.manifest());
      } else {
        String state = failure == null ? "unfinished" : "DAMAGED";
        isWhole &= failure == null;
        table.row(entry.name(), state, "-", "-", "-", "-", "-");
        terminal.event(
            "run",
            json -> {
              json.writeStringField("run", entry.name());
              json.writeStringField("state", state);
              json.writeStringField("error", failure == null ? null : failure.getMessage());
            });
        if (failure != null) {
          terminal.note(String.valueOf(failure.getMessage()));
        }
      }
    }
    table.lines().forEach(terminal::line);
    return isWhole ? ExitCode.DONE : ExitCode.VERIFICATION_FAILED;
  }

  private static void row(Table table, Terminal terminal, RunManifest manifest) {
    var plan = manifest.plan();
    table.row(
        plan.runId(),
        manifest.standsFor() == null ? plan.kind() : "COMBINED",
        manifest.blocks(),
        manifest.deleted(),
        manifest.storedBytes(),
        String.valueOf(manifest.end().completeThrough()),
        manifest.end().isQuiet() ? "yes" : "no");
    terminal.event(
        "run",
        json -> {
          json.writeStringField("run", plan.runId());
          json.writeStringField("state", "sealed");
          json.writeStringField("kind", plan.kind().name());
          json.writeStringField("chain", plan.chain());
          json.writeStringField("shard", plan.shard());
          json.writeStringField("needs", plan.parent() == null ? null : plan.parent().runId());
          json.writeNumberField("blocks", manifest.blocks());
          json.writeNumberField("deletedBlocks", manifest.deleted());
          json.writeNumberField("contentBytes", manifest.contentBytes());
          json.writeNumberField("storedBytes", manifest.storedBytes());
          json.writeNumberField("finishedMs", manifest.end().finishedMs());
          json.writeBooleanField("exact", manifest.end().isQuiet());
          json.writeBooleanField("encrypted", manifest.encryption() != null);
        });
  }
}
