package io.tidemark.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of a store: everything that is created, written, forced, read, renamed, deleted or
 * listed goes through here.
 *
 * <p>A path is a name and nothing more; what it names is up to the implementation. A write survives
 * a power cut after its file was forced, and a name that was made, changed or taken away after its
 * directory was. Any number of threads may call.
 */
public interface StorageIO {

  /** Creates a file, or empties the one that is there, and opens it. */
  StorageFile create(Path file) throws IOException;

  /**
   * Opens a file that is there, to read it only.
   *
   * @throws java.nio.file.NoSuchFileException if it is not there
   */
  StorageFile openForReading(Path file) throws IOException;

  /**
   * Opens a file that is there, to change or force it.
   *
   * @throws java.nio.file.NoSuchFileException if it is not there
   */
  StorageFile openForWriting(Path file) throws IOException;

  /**
   * Returns the content of a file that nobody changes any more.
   *
   * @return read-only and little-endian; valid until the last buffer over it is collected, even if
   *     the file is deleted
   * @throws java.nio.file.NoSuchFileException if it is not there
   */
  ByteBuffer map(Path file) throws IOException;

  /** Returns whether there is a file or a directory of this name. */
  boolean exists(Path path);

  /** Returns whether there is a directory of this name. */
  boolean isDirectory(Path path);

  /**
   * Returns the length of a file in bytes.
   *
   * @throws java.nio.file.NoSuchFileException if it is not there
   */
  long length(Path file) throws IOException;

  /** Returns what a directory holds, by name; nothing if there is no such directory. */
  List<Path> list(Path directory) throws IOException;

  /** Creates a directory and what is missing above it, if it is not there; forces nothing. */
  void createDirectory(Path directory) throws IOException;

  /** Makes the names in a directory survive a power cut: those added, changed and taken away. */
  void forceDirectory(Path directory) throws IOException;

  /** Gives a file or directory another name in one step; a file of that name is replaced. */
  void rename(Path from, Path to) throws IOException;

  /**
   * Deletes a file or an empty directory.
   *
   * @throws java.nio.file.NoSuchFileException if it is not there
   */
  void delete(Path path) throws IOException;

  /**
   * Takes the right to write to a store; given back when closed, or when the process ends.
   *
   * @param file the store's lock file
   * @throws io.tidemark.errors.StoreLockedException if somebody holds it
   */
  Closeable lock(Path file) throws IOException;

  /** Returns the bytes that can still be written to the file system of a directory. */
  long usableSpace(Path directory) throws IOException;

  /** Creates a directory and what is missing above it; its name is durable when this returns. */
  default void createDurably(Path directory) throws IOException {
    Path parent = directory.toAbsolutePath().getParent();
    if (parent == null) {
      return;
    }
    if (!isDirectory(parent)) {
      createDurably(parent);
    }
    createDirectory(directory);
    forceDirectory(parent);
  }

  /** Deletes a file or a whole directory; does nothing if it is not there. */
  default void deleteTree(Path root) throws IOException {
    if (isDirectory(root)) {
      for (Path path : list(root)) {
        deleteTree(path);
      }
    }
    if (exists(root)) {
      delete(root);
    }
  }
}
