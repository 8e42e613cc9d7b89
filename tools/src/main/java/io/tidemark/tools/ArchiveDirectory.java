package io.tidemark.tools;

import io.tidemark.archive.Archive;
import io.tidemark.storage.FileStorageIO;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Names an archive that is there. */
final class ArchiveDirectory {
  @Option(
      names = {"--archive", "--backup"},
      paramLabel = "DIR",
      required = true,
      description = "The archive.")
  private Path directory;

  /** Returns the archive, which has to be there. */
  Archive archive() {
    if (!Files.isDirectory(directory)) {
      throw new CommandFailedException(ExitCode.USAGE, "no such archive: directory=" + directory);
    }
    return new Archive(FileStorageIO.INSTANCE, directory);
  }
}
