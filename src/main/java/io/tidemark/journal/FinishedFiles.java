package io.tidemark.journal;

import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;

/** The files of a log that its writer left behind, oldest first; not thread-safe. */
final class FinishedFiles {

  /** A file: the position of its last entry, and how long it is. */
  private record Finished(Path file, long lastPosition, long length) {}

  private final StorageIO io;
  private final ArrayDeque<Finished> files = new ArrayDeque<>();
  private long length;

  FinishedFiles(StorageIO io) {
    this.io = io;
  }

  /** Adds the next file. */
  void add(Path file, long lastPosition, long bytes) {
    files.add(new Finished(file, lastPosition, bytes));
    length += bytes;
  }

  /** Returns the bytes of all files that are still there. */
  long length() {
    return length;
  }

  /** Deletes the oldest files with no entry above a position, until no more than enough is left. */
  void recycle(long position, long keepBytes) throws IOException {
    Finished oldest = files.peek();
    while (oldest != null && oldest.lastPosition <= position && length > keepBytes) {
      // What somebody deleted by hand must not keep the files behind it.
      if (io.exists(oldest.file)) {
        io.delete(oldest.file);
      }
      files.remove();
      length -= oldest.length;
      oldest = files.peek();
    }
  }
}
