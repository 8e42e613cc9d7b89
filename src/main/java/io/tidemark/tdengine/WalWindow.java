package io.tidemark.tdengine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A window on one file at a time, read through one reusable direct buffer.
 *
 * <p>Reads, never maps: taosd may truncate the file, and touching a mapped page behind its end
 * kills the process. Single thread.
 */
final class WalWindow implements AutoCloseable {
  /*
   * The guard. taosd can cut a segment back and write on (a raft log that is rolled back, a torn
   * tail repaired). The window therefore remembers eight bytes, the two checksums of the last
   * record handed out, and after every read from the file looks whether they are still in place.
   * What was read before the check is then known to continue that record.
   *
   * Another file of the same name is told by its key. Bytes below the guard that were exchanged in
   * place are told by a modification that did not make the file longer.
   */

  static final int INITIAL_CAPACITY = 1 << 20;

  /** How long the write of a record may take that was seen half done. */
  private static final long WRITE_NS = 200_000;

  private static final long NO_GUARD = -1;

  private final CRC32C crc = new CRC32C();
  private final ByteBuffer guardBuffer =
      ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

  private ByteBuffer buffer;
  private ByteBuffer view;
  private @Nullable FileChannel channel;
  private @Nullable Path file;
  private @Nullable BasicFileAttributes seen;
  private long windowOffset;
  private int windowLength;
  private long guardOffset = NO_GUARD;
  private long guardValue;
  private boolean isRewritten;

  WalWindow() {
    buffer = allocate(INITIAL_CAPACITY);
    view = buffer.duplicate();
  }

  void open(Path file) throws IOException {
    close();
    channel = FileChannel.open(file, StandardOpenOption.READ);
    this.file = file;
    seen = attributesOf(file);
    guardOffset = NO_GUARD;
    isRewritten = false;
  }

  /** Makes the window watch the eight bytes at an offset that lies in the window now. */
  void guard(long fileOffset) {
    guardOffset = fileOffset;
    guardValue = buffer.getLong(index(fileOffset));
  }

  /** Returns whether the file was found cut back or written anew below what was read. */
  boolean isRewritten() {
    return isRewritten;
  }

  /** Looks again at the file behind the name: whether it is the opened one, and only grew. */
  void checkRewritten(long lengthRead) throws IOException {
    if (isReplaced() || size() < lengthRead) {
      isRewritten = true;
      return;
    }
    checkGuard();
  }

  private boolean isReplaced() throws IOException {
    final BasicFileAttributes before = Objects.requireNonNull(seen);
    BasicFileAttributes now;
    try {
      now = attributesOf(file());
      if (isChangedInPlace(before, now)) {
        LockSupport.parkNanos(WRITE_NS); // a write moves the time before the end
        now = attributesOf(file());
      }
    } catch (NoSuchFileException e) {
      return false; // recycled: what was opened can still be read
    }
    seen = now;
    return !Objects.equals(before.fileKey(), now.fileKey()) || isChangedInPlace(before, now);
  }

  private static boolean isChangedInPlace(BasicFileAttributes before, BasicFileAttributes now) {
    return before.size() == now.size() && !before.lastModifiedTime().equals(now.lastModifiedTime());
  }

  /** Forgets what was read; the next load reads from the file. */
  void drop() {
    windowLength = 0;
  }

  /**
   * Brings bytes into the window and returns how many of them, from the offset on, are in it.
   *
   * @param lengthBytes at most {@link #capacity()}
   * @return at least {@code lengthBytes}, unless the file ends before
   */
  int load(long fileOffset, int lengthBytes) throws IOException {
    assert lengthBytes <= capacity();
    final long end = windowOffset + windowLength;
    if (fileOffset >= windowOffset && fileOffset + lengthBytes <= end) {
      return (int) (end - fileOffset);
    }
    final int kept = fileOffset >= windowOffset && fileOffset < end ? (int) (end - fileOffset) : 0;
    if (kept > 0) {
      buffer.limit(windowLength).position(windowLength - kept);
      buffer.compact();
    }
    windowOffset = fileOffset;
    windowLength = kept;
    fill(lengthBytes);
    return windowLength;
  }

  private void fill(int lengthBytes) throws IOException {
    final FileChannel source = channel();
    do {
      buffer.clear().position(windowLength);
      final int read = source.read(buffer, windowOffset + windowLength);
      if (read <= 0) {
        break;
      }
      windowLength += read;
    } while (windowLength < lengthBytes);
    checkGuard();
  }

  private void checkGuard() throws IOException {
    if (guardOffset == NO_GUARD || isRewritten) {
      return;
    }
    guardBuffer.clear();
    long offset = guardOffset;
    while (guardBuffer.hasRemaining()) {
      final int read = channel().read(guardBuffer, offset);
      if (read <= 0) {
        isRewritten = true;
        return;
      }
      offset += read;
    }
    isRewritten = guardBuffer.getLong(0) != guardValue;
  }

  /** Returns the buffer, little-endian, to be read at absolute positions. */
  ByteBuffer buffer() {
    return buffer;
  }

  /** Returns where in the buffer the byte of this file offset lies; it must be in the window. */
  int index(long fileOffset) {
    return Math.toIntExact(fileOffset - windowOffset);
  }

  int capacity() {
    return buffer.capacity();
  }

  /** Replaces the buffer by a larger one; what was read is forgotten. */
  void grow(int capacity) {
    buffer = allocate(capacity);
    view = buffer.duplicate();
    windowLength = 0;
  }

  /** Returns the CRC32C of bytes in the window. */
  int crc32c(int index, int lengthBytes) {
    crc.reset();
    update(index, lengthBytes);
    return (int) crc.getValue();
  }

  /**
   * Returns the CRC32C of bytes of the file, however many; the window moves.
   *
   * @return −1 if the file ends before
   */
  long crc32cOfFile(long fileOffset, long lengthBytes) throws IOException {
    crc.reset();
    long offset = fileOffset;
    long rest = lengthBytes;
    while (rest > 0) {
      final int chunk = (int) Math.min(rest, capacity());
      if (load(offset, chunk) < chunk) {
        return -1;
      }
      update(index(offset), chunk);
      offset += chunk;
      rest -= chunk;
    }
    return crc.getValue();
  }

  private void update(int index, int lengthBytes) {
    view.limit(index + lengthBytes).position(index);
    crc.update(view);
    view.clear();
  }

  long size() throws IOException {
    return channel().size();
  }

  Path file() {
    return Objects.requireNonNull(file);
  }

  private FileChannel channel() {
    return Objects.requireNonNull(channel);
  }

  private static BasicFileAttributes attributesOf(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class);
  }

  private static ByteBuffer allocate(int capacity) {
    return ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() throws IOException {
    final FileChannel opened = channel;
    channel = null;
    windowLength = 0;
    windowOffset = 0;
    if (opened != null) {
      opened.close();
    }
  }
}
