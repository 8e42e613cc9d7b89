package io.tidemark.archive;

import io.tidemark.errors.CorruptFileException;
import java.io.IOException;
import java.io.InputStream;
import javax.crypto.AEADBadTagException;
import javax.crypto.spec.SecretKeySpec;

/**
 * Decrypts what {@link EncryptingOutputStream} wrote; gives out nothing that is not authentic, and
 * ends only where that one ended.
 */
final class DecryptingInputStream extends InputStream {
  private final InputStream in;
  private final ChunkCipher cipher;
  private final String where;

  /** The chunk and the byte behind it, which tells whether it is the last. */
  private final byte[] encrypted = new byte[ChunkCipher.CHUNK_LENGTH + ChunkCipher.TAG_LENGTH + 1];

  private final byte[] chunk = new byte[ChunkCipher.CHUNK_LENGTH + ChunkCipher.TAG_LENGTH];
  private int buffered;
  private int position;
  private int limit;
  private boolean isLast;

  /**
   * Begins before the first chunk.
   *
   * @param where the file, for messages
   */
  DecryptingInputStream(InputStream in, SecretKeySpec key, String where) {
    this.in = in;
    this.cipher = ChunkCipher.decrypting(key);
    this.where = where;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (position == limit) {
      if (isLast) {
        return -1;
      }
      readChunk();
    }
    int part = Math.min(length, limit - position);
    System.arraycopy(chunk, position, bytes, offset, part);
    position += part;
    return part;
  }

  private void readChunk() throws IOException {
    buffered += in.readNBytes(encrypted, buffered, encrypted.length - buffered);
    isLast = buffered < encrypted.length;
    int length = isLast ? buffered : encrypted.length - 1;
    if (length < ChunkCipher.TAG_LENGTH) {
      throw notAuthentic();
    }
    try {
      limit = cipher.next(encrypted, length, chunk, isLast);
    } catch (AEADBadTagException e) {
      throw notAuthentic();
    }
    position = 0;
    encrypted[0] = encrypted[length];
    buffered -= length;
  }

  private CorruptFileException notAuthentic() {
    return new CorruptFileException(
        "corrupt file: encrypted chunk is not authentic: chunk="
            + cipher.number()
            + ", file="
            + where);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
