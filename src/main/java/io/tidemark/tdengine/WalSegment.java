package io.tidemark.tdengine;

import io.tidemark.storage.FileNumber;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One segment file of a WAL: {@code <first version, 20 digits>.log}.
 *
 * @param firstVersion the version its name states, that of its first record
 * @param file the log file
 * @param lengthBytes its length when the directory was listed
 */
public record WalSegment(long firstVersion, Path file, long lengthBytes) {
  private static final String LOG_SUFFIX = ".log";
  private static final String INDEX_SUFFIX = ".idx";

  /**
   * Lists the segments of a WAL directory by first version.
   *
   * <p>Whatever is not a regular file with the name of a segment is passed over.
   */
  static List<WalSegment> list(Path walDirectory) throws IOException {
    final List<WalSegment> segments = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(walDirectory, "*" + LOG_SUFFIX)) {
      for (final Path entry : entries) {
        final WalSegment segment = ofFile(entry);
        if (segment != null) {
          segments.add(segment);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    segments.sort(Comparator.comparingLong(WalSegment::firstVersion));
    return List.copyOf(segments);
  }

  /** Returns the file the server keeps beside the log to find a version; it may be missing. */
  public Path indexFile() {
    return file.resolveSibling(FileNumber.format(firstVersion) + INDEX_SUFFIX);
  }

  static Path logFile(Path walDirectory, long firstVersion) {
    return walDirectory.resolve(FileNumber.format(firstVersion) + LOG_SUFFIX);
  }

  private static @Nullable WalSegment ofFile(Path file) throws IOException {
    final String name = String.valueOf(file.getFileName());
    final OptionalLong firstVersion =
        name.endsWith(LOG_SUFFIX)
            ? FileNumber.parse(name.substring(0, name.length() - LOG_SUFFIX.length()))
            : OptionalLong.empty();
    if (firstVersion.isEmpty() || !Files.isRegularFile(file)) {
      return null;
    }
    try {
      return new WalSegment(firstVersion.getAsLong(), file, Files.size(file));
    } catch (NoSuchFileException e) {
      return null; // recycled while the directory was listed
    }
  }
}
