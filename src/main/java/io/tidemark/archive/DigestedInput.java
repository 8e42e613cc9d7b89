package io.tidemark.archive;

import io.tidemark.storage.StorageFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Reads a file from its start on, and takes the SHA-256 of it; closing it closes nothing. */
final class DigestedInput extends InputStream {
  private static final int BUFFER_LENGTH = 1 << 16;

  private final StorageFile file;
  private final MessageDigest digest = Sha256.digest();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_LENGTH).limit(0);
  private long offset;
  private @Nullable IOException failure;

  DigestedInput(StorageFile file) {
    this.file = file;
  }

  @Override
  public int read() throws IOException {
    return fill() ? Byte.toUnsignedInt(buffer.get()) : -1;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int part = Math.min(length, buffer.remaining());
    buffer.get(bytes, from, part);
    return part;
  }

  private boolean fill() throws IOException {
    if (buffer.hasRemaining()) {
      return true;
    }
    buffer.clear();
    try {
      int read = file.read(buffer, offset);
      buffer.flip();
      if (read <= 0) {
        return false;
      }
      offset += read;
      digest.update(buffer.duplicate());
      return true;
    } catch (IOException e) {
      buffer.limit(0);
      failure = e;
      throw e;
    }
  }

  /** Returns why the file could not be read; null if it could. */
  @Nullable IOException failure() {
    return failure;
  }

  /** Reads what is left of the file; returns the SHA-256 of all of it in hexadecimal digits. */
  String complete() throws IOException {
    while (fill()) {
      buffer.position(buffer.limit());
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
