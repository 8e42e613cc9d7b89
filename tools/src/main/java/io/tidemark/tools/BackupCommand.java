package io.tidemark.tools;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.ArchiveTool;
import io.tidemark.backup.BackupCoordinator;
import io.tidemark.backup.BackupCursor;
import io.tidemark.backup.BackupEstimate;
import io.tidemark.backup.BackupOptions;
import io.tidemark.backup.BackupProgress;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.BackupResult;
import io.tidemark.backup.RunKind;
import io.tidemark.block.Verdict;
import io.tidemark.errors.FullBackupRequiredException;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.tracker.Chains;
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

/** Adds a run to a chain of backups of an embedded engine. */
@Command(
    name = BackupCommand.NAME,
    description = {
      "Copy what changed in an embedded engine since the chain's last run to an archive.",
      "A run that was interrupted is gone on with first."
    },
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class BackupCommand implements Callable<Integer> {
  static final String NAME = "backup";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private KeyOptions key;
  @Mixin private CompressionOption compression;

  @Option(
      names = "--engine",
      paramLabel = "DIR",
      required = true,
      description = "Directory of the embedded engine.")
  private Path engine;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      required = true,
      description = "Store that tracks it; created if it is new.")
  private Path store;

  @Option(
      names = "--archive",
      paramLabel = "DIR",
      required = true,
      description = "Archive to write to; created if it is new.")
  private Path archive;

  @Option(
      names = "--chain",
      paramLabel = "NAME",
      defaultValue = Chains.DEFAULT,
      description = "Chain to add to. Default: ${DEFAULT-VALUE}")
  private String chain;

  @Option(names = "--full", description = "Copy everything.")
  private boolean isFull;

  @Option(
      names = "--full-if-required",
      description = "Copy everything if an incremental run would not be safe.")
  private boolean isFullIfRequired;

  @Option(
      names = "--since",
      paramLabel = "POSITION",
      description = "wal:N or time:T: copy what changed after that too.")
  private @Nullable String since;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "Blocks of a batch, done again after a crash at most. Default: ${DEFAULT-VALUE}")
  private int batchSize;

  @Option(
      names = "--retry-count",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often a batch that failed is tried again. Default: ${DEFAULT-VALUE}")
  private int retryCount;

  @Option(
      names = "--retry-interval-ms",
      paramLabel = "MS",
      defaultValue = "1000",
      description = "Wait before the first of these; doubles. Default: ${DEFAULT-VALUE}")
  private long retryIntervalMs;

  @Option(
      names = "--max-bytes-per-second",
      paramLabel = "N",
      defaultValue = "0",
      description = "Read no faster; 0 for no limit.")
  private long maxBytesPerSecond;

  @Option(
      names = "--max-blocks-per-second",
      paramLabel = "N",
      defaultValue = "0",
      description = "Read no more; 0 for no limit.")
  private long maxBlocksPerSecond;

  @Option(names = "--dry-run", description = "Say what would be copied, and copy nothing.")
  private boolean isDryRun;

  @Option(names = "--abort", description = "Give up the chain's interrupted run, and do no more.")
  private boolean isAbort;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    BackupRequest request = request(isFull ? RunKind.FULL : RunKind.INCREMENTAL);
    BackupOptions options = options();
    ArchiveOptions written = new ArchiveOptions(compression.compression(), key.keys());
    try (EngineAndStore tracked = EngineAndStore.open(engine, store)) {
      BackupCoordinator coordinator =
          BackupCoordinator.open(
              tracked.store(),
              tracked.engine(),
              new ArchiveTool(new Archive(FileStorageIO.INSTANCE, archive), written),
              store,
              options);
      coordinator.limits().change(maxBytesPerSecond, maxBlocksPerSecond);
      if (isAbort) {
        boolean wasThere = coordinator.abort(chain);
        terminal.line(wasThere ? "The interrupted run was given up." : "No run was interrupted.");
        terminal.event("aborted", json -> json.writeBooleanField("run", wasThere));
        return ExitCode.DONE;
      }
      if (isDryRun) {
        return tell(coordinator.estimate(request), terminal);
      }
      ProgressPrinter printer = new ProgressPrinter(terminal);
      return take(
          coordinator,
          request,
          progress -> {
            printer.onProgress(progress);
            tracked.engine().follow();
          },
          terminal);
    }
  }

  private int take(
      BackupCoordinator coordinator,
      BackupRequest request,
      BackupProgress.Listener progress,
      Terminal terminal)
      throws IOException {
    BackupResult resumed = coordinator.resume(chain, progress);
    if (resumed != null) {
      terminal.line("An interrupted run was gone on with.");
      tell(resumed, terminal);
    }
    if (resumed == null || isFull) {
      tell(run(coordinator, request, progress, terminal), terminal);
    }
    return ExitCode.DONE;
  }

  private BackupResult run(
      BackupCoordinator coordinator,
      BackupRequest request,
      BackupProgress.Listener progress,
      Terminal terminal)
      throws IOException {
    try {
      return coordinator.run(request, progress);
    } catch (FullBackupRequiredException e) {
      if (!isFullIfRequired) {
        throw e;
      }
      terminal.note(String.valueOf(e.getMessage()) + "; a full run is taken");
      return coordinator.run(request(RunKind.FULL), progress);
    }
  }

  private BackupRequest request(RunKind kind) {
    try {
      return new BackupRequest(chain, kind, kind == RunKind.FULL ? null : cursor());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private @Nullable BackupCursor cursor() {
    if (since == null) {
      return null;
    }
    Since parsed = SinceParser.parse(since);
    if (parsed instanceof Since.Offset offset) {
      return BackupCursor.wal(offset.walOffset());
    }
    if (parsed instanceof Since.Time time) {
      return BackupCursor.time(time.timestampNs());
    }
    throw new IllegalArgumentException("--since takes wal:N or time:T here: value=" + since);
  }

  private BackupOptions options() {
    try {
      return BackupOptions.defaults()
          .withBatchSize(batchSize)
          .withRetries(retryCount, retryIntervalMs);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  /** Tells what a run came to. */
  static void tell(BackupResult result, Terminal terminal) {
    terminal.line(
        terminal.good(result.run().plan().kind() == RunKind.FULL ? "full run" : "incremental run")
            + " "
            + result.run().runId());
    terminal.line(
        "  "
            + DetectionSummary.counted(result.blocks(), "block")
            + ", "
            + result.deleted()
            + " deleted, "
            + ByteSize.text(result.contentBytes())
            + " stored in "
            + ByteSize.text(result.storedBytes())
            + ", "
            + result.elapsedMs()
            + " ms");
    terminal.line(
        "  reaches "
            + result.end().completeThrough()
            + (result.end().isQuiet() ? "" : "; the engine changed meanwhile"));
    terminal.event(
        "backup",
        json -> {
          json.writeStringField("run", result.run().runId());
          json.writeStringField("kind", result.run().plan().kind().name());
          json.writeStringField("verdict", result.run().plan().verdict().name());
          json.writeStringField("digest", result.run().digest());
          json.writeNumberField("blocks", result.blocks());
          json.writeNumberField("deletedBlocks", result.deleted());
          json.writeNumberField("goneBlocks", result.gone());
          json.writeNumberField("contentBytes", result.contentBytes());
          json.writeNumberField("storedBytes", result.storedBytes());
          json.writeNumberField("batches", result.batches());
          json.writeNumberField("resumedBatches", result.resumedBatches());
          json.writeNumberField("retries", result.retries());
          json.writeBooleanField("exact", result.end().isQuiet());
          json.writeNumberField("elapsedMs", result.elapsedMs());
        });
  }

  private static int tell(BackupEstimate estimate, Terminal terminal) {
    terminal.line(
        "Would copy "
            + DetectionSummary.counted(estimate.size().blocks(), "block")
            + ", "
            + estimate.deleted()
            + " of them deleted, "
            + ByteSize.text(estimate.size().bytes())
            + " before compression; verdict "
            + estimate.verdict());
    terminal.event(
        "estimate",
        json -> {
          json.writeStringField("verdict", estimate.verdict().name());
          json.writeNumberField("blocks", estimate.size().blocks());
          json.writeNumberField("deletedBlocks", estimate.deleted());
          json.writeNumberField("contentBytes", estimate.size().bytes());
          json.writeNumberField("surplus", estimate.surplus());
          json.writeStringField("reason", estimate.reason());
        });
    if (estimate.verdict() != Verdict.FULL_REQUIRED) {
      return ExitCode.DONE;
    }
    terminal.note(estimate.reason());
    return ExitCode.FULL_REQUIRED;
  }
}
