package io.tidemark.tools;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.restore.ExistingEngineTarget;
import io.tidemark.restore.NewEngineTarget;
import io.tidemark.restore.Restore;
import io.tidemark.restore.RestorePoint;
import io.tidemark.storage.FileStorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Brings an embedded engine back from an archive. */
@Command(
    name = RestoreCommand.NAME,
    description = {
      "Bring an embedded engine back from an archive.",
      "Everything needed is verified before the target is touched."
    },
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class RestoreCommand implements Callable<Integer> {
  static final String NAME = "restore";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private ArchiveParameter from;
  @Mixin private KeyOptions key;

  @Option(
      names = "--target",
      paramLabel = "DIR",
      description = "Directory of the engine: new or empty, or with --overwrite an engine.")
  private @Nullable Path target;

  @Option(
      names = "--overwrite",
      description = "Make the engine in the target what was backed up, and lose what it has now.")
  private boolean isOverwriting;

  @Option(names = "--dry-run", description = "Verify everything needed, and restore nothing.")
  private boolean isDryRun;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    if (target == null && !isDryRun) {
      throw new ParameterException(spec.commandLine(), "--target or --dry-run is needed");
    }
    RestorePoint point = from.point();
    if (!point.isExact()) {
      terminal.note(
          "the engine changed while this run was taken: each block has a value that it had at some"
              + " time between the run's beginning and its end: run="
              + point.run().runId());
    }
    try {
      Restore restore = new Restore(from.archive(), key.keys());
      Restore.Content content =
          isDryRun || target == null
              ? restore.verify(point.run())
              : restore(restore, point, target);
      tell(content, point, terminal);
      return ExitCode.DONE;
    } catch (CorruptFileException e) {
      throw new CommandFailedException(
          ExitCode.VERIFICATION_FAILED, "nothing was restored: " + e.getMessage(), e);
    }
  }

  private Restore.Content restore(Restore restore, RestorePoint point, Path directory)
      throws IOException {
    if (EngineAndStore.isEngine(directory)) {
      if (!isOverwriting) {
        throw new CommandFailedException(
            ExitCode.USAGE,
            "target holds an engine; --overwrite makes it what was backed up: target=" + directory);
      }
      try (EmbeddedEngine engine = EngineAndStore.openEngine(directory);
          ExistingEngineTarget existing = new ExistingEngineTarget(engine)) {
        return restore.run(point.run(), existing, blocks -> {});
      }
    }
    try (NewEngineTarget made =
        new NewEngineTarget(FileStorageIO.INSTANCE, directory, EmbeddedOptions.defaults())) {
      return restore.run(point.run(), made, blocks -> {});
    }
  }

  private void tell(Restore.Content content, RestorePoint point, Terminal terminal) {
    terminal.line(
        (isDryRun ? "Verified " : terminal.good("Restored "))
            + point.run().runId()
            + ": "
            + DetectionSummary.counted(content.blocks(), "block")
            + ", "
            + ByteSize.text(content.bytes())
            + ", from "
            + DetectionSummary.counted(content.runs().size(), "run"));
    terminal.event(
        NAME,
        json -> {
          json.writeStringField("run", point.run().runId());
          json.writeBooleanField("exact", point.isExact());
          json.writeBooleanField("dryRun", isDryRun);
          json.writeNumberField("blocks", content.blocks());
          json.writeNumberField("contentBytes", content.bytes());
          json.writeNumberField("runs", content.runs().size());
        });
  }
}
