package io.tidemark.tdengine;

import io.tidemark.storage.Directories;
import io.tidemark.tracker.StoreLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;

/** How much there is of what in a store directory; files may come and go meanwhile. */
final class StoreFiles {
  private static final String SEGMENT_SUFFIX = ".seg";
  private static final String SNAPSHOT_SUFFIX = ".snap";

  private final StoreLayout layout;

  StoreFiles(Path store) {
    this.layout = new StoreLayout(store);
  }

  /** Returns the length of all files of the journal, with the space that is kept ready. */
  long journalBytes() throws IOException {
    long bytes = 0;
    for (Path queue : list(layout.journal())) {
      bytes += bytesOf(list(queue));
    }
    return bytes;
  }

  long segmentCount() throws IOException {
    return list(layout.segments()).stream().filter(file -> hasSuffix(file, SEGMENT_SUFFIX)).count();
  }

  /** Returns the length of the newest snapshot of block states; 0 before the first. */
  long bitmapBytes() throws IOException {
    List<Path> snapshots =
        list(layout.snapshots()).stream()
            .filter(file -> hasSuffix(file, SNAPSHOT_SUFFIX))
            .sorted()
            .toList();
    int count = snapshots.size();
    return bytesOf(snapshots.subList(Math.max(0, count - 1), count));
  }

  long metadataBytes() throws IOException {
    return bytesOf(list(layout.metadata()));
  }

  private static boolean hasSuffix(Path file, String suffix) {
    return String.valueOf(file.getFileName()).endsWith(suffix);
  }

  private static List<Path> list(Path directory) throws IOException {
    try {
      return Directories.list(directory);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
  }

  private static long bytesOf(List<Path> files) throws IOException {
    long bytes = 0;
    for (Path file : files) {
      try {
        bytes += Files.size(file);
      } catch (NoSuchFileException e) {
        // Gone since the directory was listed.
      }
    }
    return bytes;
  }
}
