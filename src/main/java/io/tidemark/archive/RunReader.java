package io.tidemark.archive;

import io.tidemark.backup.CopyKind;
import io.tidemark.errors.CorruptFileException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Walks what a run holds, in unsigned order of block ids, and checks every byte on the way.
 *
 * <p>Stands before the first block when it is opened. Used by one thread. Holds one file open and
 * one block in memory.
 */
public final class RunReader implements Closeable {
  private final Archive archive;
  private final ArchivedRun run;
  private final @Nullable ArchiveKey key;
  private @Nullable DataFileReader file;
  private int nextFile;

  private RunReader(Archive archive, ArchivedRun run, @Nullable ArchiveKey key) {
    this.archive = archive;
    this.run = run;
    this.key = key;
  }

  /**
   * Opens a run.
   *
   * @param keys null if there are none
   * @throws io.tidemark.errors.WrongKeyException if it is encrypted and there is no key for it
   */
  public static RunReader open(Archive archive, ArchivedRun run, @Nullable KeySource keys)
      throws IOException {
    return new RunReader(archive, run, archive.key(run, keys));
  }

  /**
   * Moves to the next block; returns false at the end.
   *
   * @throws CorruptFileException if a byte is wrong
   */
  public boolean next() throws IOException {
    while (true) {
      DataFileReader current = file;
      if (current != null) {
        if (current.next()) {
          return true;
        }
        file = null;
        current.close();
      }
      if (nextFile == run.manifest().files().size()) {
        return false;
      }
      ManifestFile named = run.manifest().files().get(nextFile);
      checkOrder(named);
      file =
          DataFileReader.open(
              archive.io(), run.directory().resolve(named.name()), named, run.runId(), key);
      nextFile++;
    }
  }

  private void checkOrder(ManifestFile named) {
    boolean isInOrder =
        named.batch() == nextFile + 1
            && named.name().equals(Archive.dataFile(named.batch()))
            && (nextFile == 0
                || Long.compareUnsigned(
                        named.firstId(), run.manifest().files().get(nextFile - 1).lastId())
                    > 0);
    if (!isInOrder) {
      throw new CorruptFileException(
          "corrupt file: files are not in order: name="
              + named.name()
              + ", file="
              + archive.manifest(run.runId()));
    }
  }

  private DataFileReader current() {
    DataFileReader current = file;
    if (current == null) {
      throw new IllegalStateException("stands at no block: run=" + run.runId());
    }
    return current;
  }

  /** Returns the id of the block. */
  public long blockId() {
    return current().blockId();
  }

  /** Returns what the run holds of the block. */
  public CopyKind kind() {
    return current().kind();
  }

  /** Returns the content of the block, read-only; valid until the next one. */
  public ByteBuffer content() {
    return current().content();
  }

  @Override
  public void close() throws IOException {
    DataFileReader current = file;
    if (current != null) {
      current.close();
    }
  }
}
