package io.tidemark.tools;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.restore.Prune;
import io.tidemark.restore.PrunePolicy;
import io.tidemark.restore.RunIndex;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Deletes old runs of an archive, and never one that another needs. */
@Command(
    name = PruneCommand.NAME,
    description = {
      "Delete old runs of an archive, never one that a run which is kept needs.",
      "The newest run of each chain is always kept."
    },
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class PruneCommand implements Callable<Integer> {
  static final String NAME = "prune";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private ArchiveDirectory from;

  @Option(
      names = "--keep",
      paramLabel = "N",
      required = true,
      description = "Keep the newest N runs of each chain.")
  private int keep;

  @Option(
      names = "--keep-days",
      paramLabel = "DAYS",
      defaultValue = "0",
      description = "Keep those not older too.")
  private long keepDays;

  @Option(
      names = "--max-bytes",
      paramLabel = "N",
      defaultValue = "9223372036854775807",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
      description = "Delete the oldest of these too until the rest takes no more.")
  private long maxBytes;

  @Option(names = "--dry-run", description = "Say what would be deleted, and delete nothing.")
  private boolean isDryRun;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    Archive archive = from.archive();
    List<ArchivedRun> chosen =
        Prune.choose(RunIndex.of(archive), policy(), System.currentTimeMillis());
    for (ArchivedRun run : chosen) {
      if (!isDryRun) {
        Prune.delete(archive, List.of(run));
      }
      terminal.line((isDryRun ? "would delete " : "deleted ") + run.runId());
      terminal.event(
          NAME,
          json -> {
            json.writeStringField("run", run.runId());
            json.writeNumberField("storedBytes", run.manifest().storedBytes());
            json.writeBooleanField("dryRun", isDryRun);
          });
    }
    terminal.line(DetectionSummary.counted(chosen.size(), "run") + (isDryRun ? "" : " deleted"));
    return ExitCode.DONE;
  }

  private PrunePolicy policy() {
    try {
      return new PrunePolicy(keep, Duration.ofDays(keepDays).toMillis(), maxBytes);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
