package io.tidemark.testing;

import io.tidemark.storage.StorageFile;
import io.tidemark.storage.StorageIO;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Files of another store of files, where a watcher is asked before each force. */
public final class WatchedForces implements StorageIO {

  /** Is asked before a file or a directory is forced, by the thread that forces it. */
  @FunctionalInterface
  public interface Watcher {

    /** Lets the force happen, late if it likes, or throws what the disk shall fail with. */
    void beforeForce(Path path) throws IOException;
  }

  private final StorageIO target;
  private final AtomicInteger openForWriting = new AtomicInteger();
  private volatile Watcher watcher = path -> {};

  /** Watches nothing yet. */
  public WatchedForces(StorageIO target) {
    this.target = target;
  }

  /** Sets who is asked from now on. */
  public void watch(Watcher newWatcher) {
    watcher = newWatcher;
  }

  /** Returns how many files are open for writing. */
  public int openForWriting() {
    return openForWriting.get();
  }

  @Override
  public StorageFile create(Path file) throws IOException {
    return new WatchedFile(file, target.create(file));
  }

  @Override
  public StorageFile openForReading(Path file) throws IOException {
    return target.openForReading(file);
  }

  @Override
  public StorageFile openForWriting(Path file) throws IOException {
    return new WatchedFile(file, target.openForWriting(file));
  }

  @Override
  public ByteBuffer map(Path file) throws IOException {
    return target.map(file);
  }

  @Override
  public boolean exists(Path path) {
    return target.exists(path);
  }

  @Override
  public boolean isDirectory(Path path) {
    return target.isDirectory(path);
  }

  @Override
  public long length(Path file) throws IOException {
    return target.length(file);
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    return target.list(directory);
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    target.createDirectory(directory);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    watcher.beforeForce(directory);
    target.forceDirectory(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    target.rename(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    target.delete(path);
  }

  @Override
  public Closeable lock(Path file) throws IOException {
    return target.lock(file);
  }

  @Override
  public long usableSpace(Path directory) throws IOException {
    return target.usableSpace(directory);
  }

  /** A file that may be forced; one that is closed must not be. */
  private final class WatchedFile implements StorageFile {
    private final Path path;
    private final StorageFile file;
    private int forcing; // Guarded by this.
    private boolean isClosed; // Guarded by this.

    WatchedFile(Path path, StorageFile file) {
      this.path = path;
      this.file = file;
      openForWriting.incrementAndGet();
    }

    @Override
    public int read(ByteBuffer buffer, long offset) throws IOException {
      return file.read(buffer, offset);
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
      file.write(source, offset);
    }

    @Override
    public long length() throws IOException {
      return file.length();
    }

    @Override
    public void force() throws IOException {
      begin();
      try {
        watcher.beforeForce(path);
        file.force();
      } finally {
        end();
      }
    }

    private synchronized void begin() throws IOException {
      if (isClosed) {
        throw new IOException("file is forced after it was closed: file=" + path);
      }
      forcing++;
    }

    private synchronized void end() {
      forcing--;
    }

    @Override
    public synchronized void close() throws IOException {
      if (forcing > 0) {
        throw new IOException("file is closed under a force: file=" + path);
      }
      if (!isClosed) {
        openForWriting.decrementAndGet();
      }
      isClosed = true;
      file.close();
    }
  }
}
