package io.tidemark.storage;

import io.tidemark.errors.StoreLockedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The right to write to a store: an operating-system lock on its LOCK file.
 *
 * <p>The system releases it when the process ends, however it ends; nothing has to be unlocked by
 * hand. The file holds the process id as text, for people.
 */
public final class StoreLock implements AutoCloseable {
  private static final int TEXT_LIMIT_BYTES = 128;

  private final FileChannel channel;
  private final FileLock lock;

  private StoreLock(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Takes the lock.
   *
   * @throws StoreLockedException if this or another process holds it
   */
  public static StoreLock acquire(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = tryLock(channel);
      if (lock == null) {
        throw new StoreLockedException(
            "store is locked: holder=" + holder(channel) + ", directory=" + file.getParent());
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              ("pid=" + ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8)),
          0);
      return new StoreLock(channel, lock);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static @org.jspecify.annotations.Nullable FileLock tryLock(FileChannel channel)
      throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(TEXT_LIMIT_BYTES);
    channel.read(text, 0);
    return StandardCharsets.UTF_8.decode(text.flip()).toString().strip();
  }

  /** Gives the lock back. */
  @Override
  public void close() throws IOException {
    lock.release();
    channel.close();
  }
}
