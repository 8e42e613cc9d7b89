package io.tidemark.archive;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM of one file in chunks, so that a stream of any length needs the memory of one.
 *
 * <p>Used by one thread, for one direction.
 */
final class ChunkCipher {

  /*
   * The key belongs to one file and follows from its random salt and its header, so the nonce need
   * not be random: it is the number of the chunk, and whether it is the last.
   *
   *    0       3                               11
   *   +-------+-------------------------------+---+
   *   | 0     | number of the chunk, from 0   | l |   big-endian; l = 1 for the last chunk
   *   +-------+-------------------------------+---+
   *
   * A chunk that is moved, left out or repeated is decrypted under another nonce, and a file that was
   * cut ends in a chunk that is not the last: neither is authentic. All chunks but the last hold
   * CHUNK_LENGTH bytes; the last may be empty.
   */

  static final int CHUNK_LENGTH = 1 << 16;
  static final int TAG_LENGTH = 16;

  private static final String TRANSFORMATION = "AES/GCM/NoPadding";
  private static final int NONCE_LENGTH = 12;
  private static final int NUMBER_OFFSET = 3;
  private static final int LAST_OFFSET = NUMBER_OFFSET + Long.BYTES;

  private final Cipher cipher;
  private final int mode;
  private final SecretKeySpec key;
  private final byte[] nonceBytes = new byte[NONCE_LENGTH];
  private final ByteBuffer nonce = ByteBuffer.wrap(nonceBytes);
  private long number;

  private ChunkCipher(int mode, SecretKeySpec key) {
    try {
      this.cipher = Cipher.getInstance(TRANSFORMATION);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    this.mode = mode;
    this.key = key;
  }

  static ChunkCipher encrypting(SecretKeySpec key) {
    return new ChunkCipher(Cipher.ENCRYPT_MODE, key);
  }

  static ChunkCipher decrypting(SecretKeySpec key) {
    return new ChunkCipher(Cipher.DECRYPT_MODE, key);
  }

  /** Returns the number of the next chunk, from 0. */
  long number() {
    return number;
  }

  /**
   * Encrypts or decrypts the next chunk.
   *
   * @return bytes put into the output
   * @throws AEADBadTagException if it is not authentic
   */
  int next(byte[] input, int length, byte[] output, boolean isLast) throws AEADBadTagException {
    nonce.putLong(NUMBER_OFFSET, number);
    nonce.put(LAST_OFFSET, (byte) (isLast ? 1 : 0));
    number++;
    try {
      cipher.init(mode, key, new GCMParameterSpec(TAG_LENGTH * Byte.SIZE, nonceBytes));
      return cipher.doFinal(input, 0, length, output, 0);
    } catch (AEADBadTagException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
