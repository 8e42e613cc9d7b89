package io.tidemark.tools;

import io.tidemark.storage.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows the main job on data of a real server that lie in this program, or on an engine in it. */
@Command(
    name = DemoCommand.NAME,
    description = "Show detection, a killed process, recovery and proof on bundled real data.",
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class DemoCommand implements Callable<Integer> {
  static final String NAME = "demo";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description = "Work in this new or empty directory and leave the files there.")
  private @Nullable Path keep;

  @Option(
      names = "--embedded",
      description = "Show a small engine of its own instead: changes, kills, a rollback, copies.")
  private boolean isEmbedded;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    if (keep == null) {
      Path directory = Files.createTempDirectory("tidemark-demo-");
      try {
        tell(terminal, directory, false);
      } finally {
        Directories.deleteTree(directory);
      }
    } else {
      Path directory = keep.toAbsolutePath().normalize();
      if (Files.exists(directory) && !isEmptyDirectory(directory)) {
        throw new ParameterException(
            spec.commandLine(), "--keep takes a new or empty directory: value=" + keep);
      }
      Files.createDirectories(directory);
      tell(terminal, directory, true);
    }
    return ExitCode.DONE;
  }

  private void tell(Terminal terminal, Path directory, boolean isKept)
      throws IOException, InterruptedException {
    if (isEmbedded) {
      new EmbeddedStory(terminal, directory, isKept).tell();
    } else {
      new DemoStory(terminal, directory, isKept).tell();
    }
  }

  private static boolean isEmptyDirectory(Path directory) throws IOException {
    return Files.isDirectory(directory) && Directories.list(directory).isEmpty();
  }
}
