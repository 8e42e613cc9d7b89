package io.tidemark.tools;

import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.KeySource;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.restore.Combine;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Makes a full run of an incremental one and those it needs. */
@Command(
    name = CombineCommand.NAME,
    description = "Make a full run of an incremental one and those it needs.",
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class CombineCommand implements Callable<Integer> {
  static final String NAME = "combine";

  private static final int BATCH_SIZE = 1000;

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private ArchiveParameter from;
  @Mixin private KeyOptions key;
  @Mixin private CompressionOption compression;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    @Nullable KeySource keys = key.keys();
    ArchivedRun last = from.point().run();
    ArchiveOptions options = new ArchiveOptions(compression.compression(), keys);
    try {
      ArchivedRun made = Combine.run(from.archive(), last, keys, options, BATCH_SIZE);
      terminal.line(
          made.runId().equals(last.runId())
              ? "Run is full already: " + made.runId()
              : terminal.good("Combined into ") + made.runId());
      terminal.event(
          NAME,
          json -> {
            json.writeStringField("run", made.runId());
            json.writeStringField("standsFor", last.runId());
            json.writeNumberField("blocks", made.manifest().blocks());
            json.writeNumberField("storedBytes", made.manifest().storedBytes());
          });
      return ExitCode.DONE;
    } catch (CorruptFileException e) {
      throw new CommandFailedException(
          ExitCode.VERIFICATION_FAILED, "nothing was combined: " + e.getMessage(), e);
    }
  }
}
