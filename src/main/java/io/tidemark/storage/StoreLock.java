package io.tidemark.storage;

import io.tidemark.errors.StoreLockedException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to write to a store: an operating-system lock on its LOCK file.
 *
 * <p>The system releases it when the process ends, however it ends; nothing has to be unlocked by
 * hand. The file holds the process id as text, for people.
 */
public final class StoreLock implements Closeable {

  /*
   * The system's lock belongs to the process, and is gone as soon as the process closes any
   * channel of the file, whichever took the lock. So a second attempt in the same process must be
   * refused before it opens the file, and nothing else may open LOCK either.
   */

  private static final int TEXT_LIMIT_BYTES = 128;

  /** LOCK files that this process holds. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path held;
  private final FileChannel channel;
  private final FileLock lock;

  private StoreLock(Path held, FileChannel channel, FileLock lock) {
    this.held = held;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Takes the lock.
   *
   * @throws StoreLockedException if this or another process holds it
   */
  public static StoreLock acquire(Path file) throws IOException {
    Path real = file.resolveSibling("").toRealPath().resolve(file.getFileName());
    if (!HELD.add(real)) {
      throw locked(ownText(), file);
    }
    try {
      return acquireFromOthers(real, file);
    } catch (IOException | RuntimeException e) {
      HELD.remove(real);
      throw e;
    }
  }

  private static StoreLock acquireFromOthers(Path real, Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            real, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw locked(holder(channel), file);
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((ownText() + "\n").getBytes(StandardCharsets.UTF_8)), 0);
      return new StoreLock(real, channel, lock);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static StoreLockedException locked(String holder, Path file) {
    return new StoreLockedException(
        "store is locked: holder=" + holder + ", directory=" + file.getParent());
  }

  private static String ownText() {
    return "pid=" + ProcessHandle.current().pid();
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(TEXT_LIMIT_BYTES);
    channel.read(text, 0);
    return StandardCharsets.UTF_8.decode(text.flip()).toString().strip();
  }

  /** Gives the lock back; does nothing the second time. */
  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      lock.release();
      channel.close();
      HELD.remove(held);
    }
  }
}
