package io.tidemark.archive;

import io.tidemark.archive.KeyParameters.Source;
import io.tidemark.errors.WrongKeyException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * The secret of whoever writes or reads encrypted runs: a pass phrase or a key.
 *
 * <p>Thread-safe. A key that was derived is remembered: the runs of a chain share one salt.
 */
public final class KeySource {

  /** Memory of one derivation that costs a guesser as much as it should, KiB. */
  public static final int DEFAULT_MEMORY_KIB = 64 * 1024;

  /** Passes over it. */
  public static final int DEFAULT_ITERATIONS = 3;

  private static final int SALT_LENGTH = 16;

  private final Source source;
  private final byte[] secret;
  private final int memoryKib;
  private final int iterations;
  private final Map<String, ArchiveKey> derived = new HashMap<>(); // Guarded by this.

  private KeySource(Source source, byte[] secret, int memoryKib, int iterations) {
    this.source = source;
    this.secret = secret;
    this.memoryKib = memoryKib;
    this.iterations = iterations;
  }

  /**
   * Takes a pass phrase.
   *
   * @throws WrongKeyException if it is empty
   */
  public static KeySource passPhrase(String passPhrase) {
    return passPhrase(passPhrase, DEFAULT_MEMORY_KIB, DEFAULT_ITERATIONS);
  }

  /** Takes a pass phrase, and what the derivation of a new key shall cost. */
  public static KeySource passPhrase(String passPhrase, int memoryKib, int iterations) {
    if (passPhrase.isEmpty()) {
      throw new WrongKeyException("pass phrase is empty");
    }
    byte[] secret = passPhrase.getBytes(StandardCharsets.UTF_8);
    return new KeySource(Source.PASS_PHRASE, secret, memoryKib, iterations);
  }

  /**
   * Takes the content of a key file: 32 bytes, or 64 hexadecimal digits and a line end.
   *
   * @param where the file, for messages
   * @throws WrongKeyException if it is neither
   */
  public static KeySource keyFile(byte[] content, String where) {
    if (content.length == ArchiveKey.LENGTH) {
      return new KeySource(Source.KEY_FILE, content.clone(), 0, 0);
    }
    String text = new String(content, StandardCharsets.US_ASCII).strip();
    if (!text.matches("[0-9a-fA-F]{64}")) {
      throw new WrongKeyException(
          "not a key file: expected=32 bytes or 64 hexadecimal digits, lengthBytes="
              + content.length
              + ", file="
              + where);
    }
    return new KeySource(Source.KEY_FILE, HexFormat.of().parseHex(text), 0, 0);
  }

  /** Returns parameters for a new chain of runs. */
  KeyParameters newParameters() {
    byte[] salt = new byte[source == Source.PASS_PHRASE ? SALT_LENGTH : 0];
    new SecureRandom().nextBytes(salt);
    KeyParameters parameters =
        new KeyParameters(source, HexFormat.of().formatHex(salt), memoryKib, iterations, "");
    return parameters.withCheck(derive(parameters).check());
  }

  /** Returns whether a key for these parameters can be the one of this secret. */
  boolean fits(KeyParameters parameters) {
    return parameters.source() == source
        && derive(parameters).check().equals(parameters.keyCheck());
  }

  /**
   * Returns the key of a run.
   *
   * @throws WrongKeyException if this is not the secret it was encrypted with
   */
  ArchiveKey key(KeyParameters parameters, String where) {
    if (parameters.source() != source) {
      throw new WrongKeyException(
          "run is encrypted by another kind of key: expected="
              + parameters.source()
              + ", given="
              + source
              + ", file="
              + where);
    }
    if (!fits(parameters)) {
      String what = source == Source.PASS_PHRASE ? "pass phrase" : "key file";
      throw new WrongKeyException("wrong " + what + ": file=" + where);
    }
    return derive(parameters);
  }

  private synchronized ArchiveKey derive(KeyParameters parameters) {
    if (source == Source.KEY_FILE) {
      return new ArchiveKey(secret);
    }
    String name = parameters.salt() + "/" + parameters.memoryKib() + "/" + parameters.iterations();
    return derived.computeIfAbsent(name, unused -> argon2(parameters));
  }

  private ArchiveKey argon2(KeyParameters parameters) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withSalt(parameters.saltBytes())
            .withMemoryAsKB(parameters.memoryKib())
            .withIterations(parameters.iterations())
            .withParallelism(1)
            .build());
    byte[] key = new byte[ArchiveKey.LENGTH];
    generator.generateBytes(secret, key);
    ArchiveKey result = new ArchiveKey(key);
    Arrays.fill(key, (byte) 0);
    return result;
  }
}
