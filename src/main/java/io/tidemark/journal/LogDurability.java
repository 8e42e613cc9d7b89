package io.tidemark.journal;

import io.tidemark.errors.StoreFailedException;
import io.tidemark.storage.StorageFile;
import io.tidemark.storage.StorageIO;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How far one log was appended and how far it is durable; owns its files that are not durable, and
 * forces them beside the appends.
 *
 * <p>Positions may be read, and {@link #force} called, by any thread; all else is the appender's.
 */
final class LogDurability implements Closeable {

  /*
   * Concurrency. The appender tells of a file before the first record in it, and of a record after
   * it is in its file. So whoever reads the position appended first, and the files then, holds every
   * file with a record up to there that is not durable. One force runs at a time, without any lock
   * that an append needs. Who waited for it may find his records durable: a group commit.
   *
   * Files. One that was left behind is closed by the force that makes its last record durable, so
   * never under a running one. From then on it may be deleted, and is forced no more. The appender
   * leaves none behind as long as another is not durable: otherwise there would be no end of them
   * where nobody forces.
   *
   * Order. New file, old file, directory, and only then the position.
   *
   * Failure. A force that fails is final: the kernel may have marked the pages clean, so another
   * one would lie. Nothing becomes durable any more, and the appender is refused at its next call.
   *
   * Invariants:
   *   durable <= appended; neither goes back
   *   each file but the newest holds a record that is not durable, or a force closes it next
   */

  /** What a file is as long as nobody knows where it ends. */
  private static final long NO_END = Long.MAX_VALUE;

  /** A file, and the position of its last record. */
  private record LogFile(StorageFile file, long lastPosition) {}

  private final StorageIO io;
  private final Path directory;
  private final ReentrantLock forcing = new ReentrantLock();

  // Guarded by this; oldest first.
  private final ArrayDeque<LogFile> files = new ArrayDeque<>();
  private boolean hasNewName;

  private boolean isClosed; // Guarded by forcing.
  private volatile long appended;
  private volatile long durable;
  private volatile boolean hasFailed;

  /**
   * Begins with a file that is durable with its name.
   *
   * @param directory where the log's files are
   * @param position the one before the first that will be appended
   */
  LogDurability(StorageIO io, Path directory, StorageFile file, long position) {
    this.io = io;
    this.directory = directory;
    this.appended = position;
    this.durable = position;
    files.add(new LogFile(file, NO_END));
  }

  /** Returns the position of the last entry appended. */
  long appended() {
    return appended;
  }

  /** Returns the position up to which entries survive a power cut. */
  long durable() {
    return durable;
  }

  /** Takes note that entries up to a position are in the newest file. */
  void append(long position) {
    assert position > appended : "journal went back: last=" + appended + ", next=" + position;
    appended = position;
  }

  /** Leaves the newest file behind for the next one, whose name need not be durable. */
  synchronized void roll(StorageFile next) {
    files.add(new LogFile(files.removeLast().file, appended));
    files.add(new LogFile(next, NO_END));
    hasNewName = true;
  }

  /** Makes what lies in a file left behind durable, if there is one that is not. */
  void forceFilesLeftBehind() {
    if (fileCount() > 1) {
      forcing.lock();
      try {
        if (fileCount() > 1) {
          forceAll();
        }
      } finally {
        forcing.unlock();
      }
    }
  }

  private synchronized int fileCount() {
    return files.size();
  }

  /**
   * Makes everything durable that was appended before the call.
   *
   * @throws StoreFailedException if it could not, now or before
   */
  void force() {
    checkNotFailed();
    long wanted = appended;
    if (durable >= wanted) {
      return;
    }
    forcing.lock();
    try {
      if (durable < wanted) {
        forceAll();
      }
    } finally {
      forcing.unlock();
    }
  }

  private void forceAll() {
    checkNotFailed();
    if (isClosed) {
      throw new IllegalStateException("journal is closed: directory=" + directory);
    }
    long target = appended;
    try {
      forceFiles();
      closeUntil(target);
    } catch (IOException | RuntimeException | Error e) {
      throw failure("force", e);
    }
    assert target >= durable : "durable went back: from=" + durable + ", to=" + target;
    durable = target;
  }

  private void forceFiles() throws IOException {
    List<LogFile> held;
    boolean isNameNew;
    synchronized (this) {
      held = List.copyOf(files);
      isNameNew = hasNewName;
      hasNewName = false;
    }
    for (int i = held.size() - 1; i >= 0; i--) {
      if (held.get(i).lastPosition > durable) {
        held.get(i).file.force();
      }
    }
    if (isNameNew) {
      io.forceDirectory(directory);
    }
  }

  /** Closes the files left behind that hold nothing above a position. */
  private synchronized void closeUntil(long position) throws IOException {
    while (files.getFirst().lastPosition <= position) {
      files.removeFirst().file.close();
    }
  }

  /**
   * Ends everything but reading positions.
   *
   * @param call what failed
   * @return what to throw
   */
  StoreFailedException failure(String call, Throwable cause) {
    hasFailed = true;
    return new StoreFailedException(
        "journal "
            + call
            + " failed: durable="
            + durable
            + ", appended="
            + appended
            + ", cause="
            + cause
            + ", directory="
            + directory);
  }

  /**
   * Refuses if an append or a force failed.
   *
   * @throws StoreFailedException if one did
   */
  void checkNotFailed() {
    if (hasFailed) {
      throw new StoreFailedException(
          "journal failed before: durable=" + durable + ", directory=" + directory);
    }
  }

  /** Closes the files, after a force that is running; forces nothing. */
  @Override
  public void close() throws IOException {
    forcing.lock();
    try {
      isClosed = true;
      closeUntil(NO_END - 1);
      synchronized (this) {
        files.getFirst().file.close();
      }
    } finally {
      forcing.unlock();
    }
  }
}
