package io.tidemark.tools;

import io.tidemark.archive.RunManifest;
import io.tidemark.block.Hole;
import io.tidemark.restore.RestorePoint;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says in words what a run holds and what it takes to restore it. */
@Command(
    name = ShowCommand.NAME,
    description = "Say what a run holds, and which point it brings back.",
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class ShowCommand implements Callable<Integer> {
  static final String NAME = "show";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private ArchiveParameter from;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    RestorePoint point = from.point();
    RunManifest manifest = point.run().manifest();
    var plan = manifest.plan();
    Table table = new Table("");
    table.row("run", plan.runId());
    table.row("kind", plan.kind() + (manifest.standsFor() == null ? "" : ", combined"));
    table.row("chain", plan.chain());
    table.row("engine", plan.shard());
    table.row("needs", plan.parent() == null ? "no other run" : plan.parent().runId());
    table.row("prepared", Instant.ofEpochMilli(plan.createdMs()));
    table.row("finished", Instant.ofEpochMilli(manifest.end().finishedMs()));
    table.row("journal", "(" + plan.base() + ", " + plan.end() + "]");
    table.row("verdict", plan.verdict());
    table.row("last change", point.firstPosition());
    table.row("exact", point.isExact() ? "yes" : "no, the engine changed while it was taken");
    table.row("blocks", manifest.blocks() + ", " + manifest.deleted() + " deleted");
    table.row("content", ByteSize.text(manifest.contentBytes()));
    table.row(
        "stored",
        ByteSize.text(manifest.storedBytes())
            + ", "
            + manifest.compression()
            + (manifest.encryption() == null ? "" : ", encrypted"));
    table.lines().forEach(terminal::line);
    for (Hole hole : plan.holes()) {
      terminal.line("full because of the hole " + hole);
    }
    terminal.event(
        NAME,
        json -> {
          json.writeStringField("run", plan.runId());
          json.writeStringField("directory", point.run().directory().toString());
          json.writeStringField("digest", point.run().digest());
          json.writeBooleanField("exact", point.isExact());
          json.writeStringField("lastChange", point.firstPosition().toString());
        });
    return ExitCode.DONE;
  }
}
