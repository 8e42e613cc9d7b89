package io.tidemark.archive;

import io.tidemark.storage.StorageFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Writes a file from its start on, and takes the SHA-256 of it; closing it closes nothing. */
final class DigestedOutput extends OutputStream {
  private static final int BUFFER_LENGTH = 1 << 16;

  private final StorageFile file;
  private final MessageDigest digest = Sha256.digest();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_LENGTH);
  private long drained;

  DigestedOutput(StorageFile file) {
    this.file = file;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    digest.update(bytes, offset, length);
    int from = offset;
    int left = length;
    while (left > 0) {
      int part = Math.min(left, buffer.remaining());
      buffer.put(bytes, from, part);
      from += part;
      left -= part;
      if (!buffer.hasRemaining()) {
        drain();
      }
    }
  }

  private void drain() throws IOException {
    buffer.flip();
    int length = buffer.remaining();
    file.write(buffer, drained);
    drained += length;
    buffer.clear();
  }

  /** Writes out and forces everything; returns the SHA-256 in hexadecimal digits. */
  String complete() throws IOException {
    drain();
    file.force();
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Returns how many bytes were written. */
  long length() {
    return drained + buffer.position();
  }
}
