package io.tidemark.tools;

import io.tidemark.storage.Directories;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Writes a result file whole or not at all: under a temporary name, forced, renamed, its directory
 * forced.
 */
final class OutputFile {
  private static final String TEMPORARY_SUFFIX = ".tmp";

  /** Writes the content. */
  @FunctionalInterface
  interface Content {
    void writeTo(Writer out) throws IOException;
  }

  private OutputFile() {}

  /**
   * Says whether the file can be written, before any work is done for it.
   *
   * @throws CommandFailedException if it cannot
   */
  static void checkWritable(Path file) {
    Path directory = directoryOf(file);
    if (!Files.isDirectory(directory)) {
      throw refused("its directory does not exist", file, ExitCode.USAGE);
    }
    if (Files.isDirectory(file)) {
      throw refused("it is a directory", file, ExitCode.USAGE);
    }
    if (!Files.isWritable(directory)) {
      throw refused("no permission to write to its directory", file, ExitCode.FAILED);
    }
  }

  private static CommandFailedException refused(String why, Path file, int exitCode) {
    return new CommandFailedException(
        exitCode, "cannot write the output: " + why + ": file=" + file);
  }

  /**
   * Writes the file; durable when it returns, unchanged when it throws. A device or a pipe is
   * written to as it is.
   */
  static void write(Path path, Content content) {
    try {
      publish(path, content);
    } catch (IOException e) {
      throw new CommandFailedException(
          ExitCode.FAILED, "cannot write the output: " + e.getMessage() + ": file=" + path, e);
    }
  }

  private static void publish(Path path, Content content) throws IOException {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      try (Writer out = Files.newBufferedWriter(path)) {
        content.writeTo(out);
      }
      return;
    }
    Path file = Files.exists(path) ? path.toRealPath() : path;
    Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY_SUFFIX);
    try {
      try (FileChannel channel =
              FileChannel.open(
                  temporary,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE);
          Writer out =
              new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8), 1 << 16)) {
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      rename(temporary, file);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    Directories.force(directoryOf(file));
  }

  private static void rename(Path temporary, Path file) throws IOException {
    try {
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static Path directoryOf(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw refused("it has no directory", file, ExitCode.USAGE);
    }
    return parent;
  }
}
