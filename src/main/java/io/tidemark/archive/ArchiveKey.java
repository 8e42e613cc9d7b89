package io.tidemark.archive;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/**
 * The key of an encrypted run, from which the key of each of its files follows.
 *
 * <p>Immutable and thread-safe. It is never written anywhere.
 */
public final class ArchiveKey {
  static final int LENGTH = 32;

  private static final int CHECK_LENGTH = 8;
  private static final String MAC_ALGORITHM = "HmacSHA256";
  private static final byte[] NO_SALT = {};

  private final byte[] key;

  /** Copies the bytes, 32 of them. */
  ArchiveKey(byte[] key) {
    this.key = Arrays.copyOf(key, LENGTH);
  }

  /**
   * Returns the key of one file.
   *
   * @param salt random, of the file
   * @param header the file's header: a file whose header was changed has another key
   */
  SecretKeySpec fileKey(byte[] salt, byte[] header) {
    return new SecretKeySpec(derive(salt, header, LENGTH), "AES");
  }

  /** Returns what tells this key from others and gives nothing of it away. */
  String check() {
    byte[] purpose = "tidemark key check".getBytes(StandardCharsets.US_ASCII);
    return HexFormat.of().formatHex(derive(NO_SALT, purpose, CHECK_LENGTH));
  }

  /**
   * Returns a code of some bytes that only the owner of the key can make, in hexadecimal digits.
   */
  String authenticate(byte[] bytes, int length) {
    try {
      byte[] purpose = "tidemark manifest".getBytes(StandardCharsets.US_ASCII);
      Mac mac = Mac.getInstance(MAC_ALGORITHM);
      mac.init(new SecretKeySpec(derive(NO_SALT, purpose, LENGTH), MAC_ALGORITHM));
      mac.update(bytes, 0, length);
      return HexFormat.of().formatHex(mac.doFinal());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] derive(byte[] salt, byte[] purpose, int length) {
    HKDFBytesGenerator generator = new HKDFBytesGenerator(new SHA256Digest());
    generator.init(new HKDFParameters(key, salt, purpose));
    byte[] result = new byte[length];
    generator.generateBytes(result, 0, length);
    return result;
  }
}
