package io.tidemark.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Writes a file from an offset on, through a buffer. Closing it closes nothing, and what was not
 * flushed is not in the file.
 *
 * <p>Used by one thread.
 */
public final class StorageFileOutput extends OutputStream {
  private static final int BUFFER_LENGTH = 1 << 16;

  private final StorageFile file;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_LENGTH);
  private long drainedTo;

  /**
   * Begins at an offset.
   *
   * @param file stays the caller's to force and to close
   */
  public StorageFileOutput(StorageFile file, long offset) {
    this.file = file;
    this.drainedTo = offset;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int from = offset;
    int left = length;
    while (left > 0) {
      int part = Math.min(left, buffer.remaining());
      buffer.put(bytes, from, part);
      from += part;
      left -= part;
      if (!buffer.hasRemaining()) {
        flush();
      }
    }
  }

  /** Writes out what is in the buffer; forces nothing. */
  @Override
  public void flush() throws IOException {
    buffer.flip();
    int length = buffer.remaining();
    file.write(buffer, drainedTo);
    drainedTo += length;
    buffer.clear();
  }

  /** Returns the offset at which the next byte will lie in the file. */
  public long position() {
    return drainedTo + buffer.position();
  }
}
