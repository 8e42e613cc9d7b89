package io.tidemark.journal;

import io.tidemark.storage.FileNumber;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A journal whose logs are directories of files that hold records as they are.
 *
 * <p>What else is in the files does not matter to reading: a {@link JournalScanner} finds the
 * records. Writing is left to the kind of file.
 */
abstract class FileEventLogs implements EventLogs {

  /** Where the files are. */
  protected final StorageIO io;

  /** The directory of the logs. */
  protected final Path journal;

  /** Identity of the store. */
  protected final long storeId;

  /** First position of a log whose beginning failed halfway, or 0. */
  private long halfBegun;

  FileEventLogs(StorageIO io, Path journal, long storeId) {
    this.io = io;
    this.journal = journal;
    this.storeId = storeId;
  }

  /** Returns how the names of files that hold records end. */
  protected abstract String fileSuffix();

  /** Makes a log with its first file in a directory that is not there; both are durable then. */
  protected abstract EventLog create(
      Path directory, long epoch, long firstPosition, long rollLength) throws IOException;

  @Override
  public EventLog begin(long epoch, long firstPosition, long rollLength) throws IOException {
    Path directory = directory(firstPosition);
    if (halfBegun == firstPosition) {
      io.deleteTree(directory);
    }
    if (!io.list(directory).isEmpty()) {
      throw new IOException("journal was written before: directory=" + directory);
    }
    halfBegun = firstPosition;
    EventLog log = create(directory, epoch, firstPosition, rollLength);
    try {
      io.forceDirectory(journal);
    } catch (IOException e) {
      log.close();
      throw e;
    }
    halfBegun = 0;
    return log;
  }

  /** Returns the directory of the log whose first entry has this position. */
  protected final Path directory(long firstPosition) {
    return journal.resolve(directoryName(firstPosition));
  }

  /** Returns the name of the directory whose first entry has this position. */
  static String directoryName(long firstPosition) {
    return FileNumber.format(firstPosition);
  }

  @Override
  public List<Long> list() throws IOException {
    List<Long> result = new ArrayList<>();
    for (Path path : io.list(journal)) {
      long firstPosition = firstPosition(path.getFileName().toString());
      if (firstPosition > 0) {
        result.add(firstPosition);
      }
    }
    return result;
  }

  @Override
  public Set<String> parts() throws IOException {
    Set<String> parts = new TreeSet<>();
    for (long firstPosition : list()) {
      Path directory = directory(firstPosition);
      parts.add(directory.getFileName().toString());
      for (Path file : io.list(directory)) {
        if (file.getFileName().toString().endsWith(fileSuffix())) {
          parts.add(journal.relativize(file).toString());
        }
      }
    }
    return parts;
  }

  /** Returns the position in a directory's name, 0 if it is not the name of a log. */
  private static long firstPosition(String name) {
    return FileNumber.parse(name).orElse(0);
  }

  @Override
  public EventLogReader read(long firstPosition) throws IOException {
    return new JournalScanner(io, directory(firstPosition), fileSuffix(), storeId);
  }

  @Override
  public long length(long firstPosition) throws IOException {
    long length = 0;
    for (Path file : io.list(directory(firstPosition))) {
      length += io.length(file);
    }
    return length;
  }

  @Override
  public void recycle(long firstPosition) throws IOException {
    Path directory = directory(firstPosition);
    Path doomed =
        directory.resolveSibling(directory.getFileName() + PublishedFile.TEMPORARY_SUFFIX);
    io.rename(directory, doomed);
    // An older log must not come back without the newer one whose name says where it ends.
    io.forceDirectory(journal);
    io.deleteTree(doomed);
  }

  @Override
  public void deleteLeftovers() throws IOException {
    for (Path path : io.list(journal)) {
      if (path.getFileName().toString().endsWith(PublishedFile.TEMPORARY_SUFFIX)) {
        io.deleteTree(path);
      }
    }
  }
}
