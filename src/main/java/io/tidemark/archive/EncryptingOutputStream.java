package io.tidemark.archive;

import java.io.IOException;
import java.io.OutputStream;
import javax.crypto.AEADBadTagException;
import javax.crypto.spec.SecretKeySpec;

/** Encrypts into another stream, chunk by chunk; what was written is whole when it is closed. */
final class EncryptingOutputStream extends OutputStream {
  private final OutputStream out;
  private final ChunkCipher cipher;
  private final byte[] chunk = new byte[ChunkCipher.CHUNK_LENGTH];
  private final byte[] encrypted = new byte[ChunkCipher.CHUNK_LENGTH + ChunkCipher.TAG_LENGTH];
  private int length;
  private boolean isClosed;

  EncryptingOutputStream(OutputStream out, SecretKeySpec key) {
    this.out = out;
    this.cipher = ChunkCipher.encrypting(key);
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    int from = offset;
    int left = count;
    while (left > 0) {
      if (length == chunk.length) {
        writeChunk(false);
      }
      int part = Math.min(left, chunk.length - length);
      System.arraycopy(bytes, from, chunk, length, part);
      length += part;
      from += part;
      left -= part;
    }
  }

  private void writeChunk(boolean isLast) throws IOException {
    try {
      out.write(encrypted, 0, cipher.next(chunk, length, encrypted, isLast));
    } catch (AEADBadTagException e) {
      throw new IllegalStateException(e);
    }
    length = 0;
  }

  @Override
  public void close() throws IOException {
    if (!isClosed) {
      isClosed = true;
      writeChunk(true);
      out.close();
    }
  }
}
