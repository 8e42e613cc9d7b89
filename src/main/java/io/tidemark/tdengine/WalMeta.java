package io.tidemark.tdengine;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code meta-ver<N>} says about a WAL: the server's own summary, for showing only.
 *
 * <p>taosd saves it at a roll, a commit and a close, so that the last version and the length of the
 * newest segment lag behind while it runs and after a crash.
 *
 * @param file the file
 * @param number the N of its name; the greatest one counts
 * @param firstVersion first version kept; −1 if none was
 * @param snapshotVersion last version in data files; −1 before the first commit
 * @param commitVersion last version agreed upon
 * @param lastVersion last version written when the file was saved
 * @param segments the segments, oldest first
 */
public record WalMeta(
    Path file,
    long number,
    long firstVersion,
    long snapshotVersion,
    long commitVersion,
    long lastVersion,
    List<Segment> segments) {
  /**
   * One segment as the server noted it.
   *
   * @param firstVersion its first version
   * @param lastVersion its last version; firstVersion − 1 or −1 if empty or still open
   * @param createdSeconds when it was created, seconds since the epoch
   * @param closedSeconds when it was closed; −1 if it is open
   * @param lengthBytes its length; 0 if open
   */
  public record Segment(
      long firstVersion,
      long lastVersion,
      long createdSeconds,
      long closedSeconds,
      long lengthBytes) {}

  private static final String PREFIX = "meta-ver";
  private static final int ATTEMPTS_MAX = 16;

  /**
   * Reads the newest summary of a WAL directory; empty if there is none.
   *
   * @throws WalDecodeException if it is malformed
   */
  public static Optional<WalMeta> read(Path walDirectory) throws IOException, WalDecodeException {
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      final long number = newestNumber(walDirectory);
      if (number < 0) {
        return Optional.empty();
      }
      final Path file = walDirectory.resolve(PREFIX + number);
      try {
        return Optional.of(parse(file, number));
      } catch (NoSuchFileException e) {
        // The server has saved the next one and removed this: look again.
      }
    }
    throw new IOException(
        "summaries vanish faster than they can be opened: attempts="
            + ATTEMPTS_MAX
            + ", directory="
            + walDirectory);
  }

  private static long newestNumber(Path walDirectory) throws IOException {
    long newest = -1;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(walDirectory, PREFIX + "*")) {
      for (final Path entry : entries) {
        final String digits = String.valueOf(entry.getFileName()).substring(PREFIX.length());
        final boolean isNumber =
            !digits.isEmpty()
                && digits.length() <= 18
                && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        if (isNumber && Files.isRegularFile(entry)) {
          newest = Math.max(newest, Long.parseLong(digits));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return newest;
  }

  private static WalMeta parse(Path file, long number) throws IOException, WalDecodeException {
    final FlatJson json = FlatJson.read(file);
    final List<Segment> segments = new ArrayList<>();
    for (int i = 0; json.has("files[" + i + "].firstVer"); i++) {
      final String path = "files[" + i + "].";
      segments.add(
          new Segment(
              json.number(path + "firstVer"),
              json.number(path + "lastVer"),
              json.number(path + "createTs"),
              json.number(path + "closeTs"),
              json.number(path + "fileSize")));
    }
    return new WalMeta(
        file,
        number,
        json.number("meta.firstVer"),
        json.number("meta.snapshotVer"),
        json.number("meta.commitVer"),
        json.number("meta.lastVer"),
        List.copyOf(segments));
  }
}
