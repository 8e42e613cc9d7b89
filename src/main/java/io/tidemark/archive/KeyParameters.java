package io.tidemark.archive;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tidemark.backup.JsonObject;
import io.tidemark.errors.CorruptFileException;
import java.io.IOException;
import java.util.HexFormat;

/**
 * How the key of an encrypted run is found; a manifest shows it, and nothing in it is secret.
 *
 * @param source where the key comes from
 * @param salt of the key derivation, in hexadecimal digits; random, empty for a key file
 * @param memoryKib memory that one derivation takes
 * @param iterations passes over that memory
 * @param keyCheck tells the right key from others, in hexadecimal digits; empty before it is known
 */
public record KeyParameters(
    Source source, String salt, int memoryKib, int iterations, String keyCheck) {

  /** Where a key comes from. */
  public enum Source {
    /** A file of 32 bytes. */
    KEY_FILE,
    /** A pass phrase, by Argon2id. */
    PASS_PHRASE
  }

  static final String ALGORITHM = "AES-256-GCM";
  static final String DERIVATION = "Argon2id";

  /** More than this is asked for by nobody but who wants to exhaust whoever reads the archive. */
  private static final int MAX_MEMORY_KIB = 1 << 20;

  private static final int MAX_ITERATIONS = 64;

  KeyParameters withCheck(String check) {
    return new KeyParameters(source, salt, memoryKib, iterations, check);
  }

  byte[] saltBytes() {
    return HexFormat.of().parseHex(salt);
  }

  /** Writes it as an object. */
  void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("algorithm", ALGORITHM);
    json.writeStringField("key", source.name());
    if (source == Source.PASS_PHRASE) {
      json.writeStringField("derivation", DERIVATION);
      json.writeStringField("salt", salt);
      json.writeNumberField("memoryKib", memoryKib);
      json.writeNumberField("iterations", iterations);
    }
    json.writeStringField("keyCheck", keyCheck);
    json.writeEndObject();
  }

  /**
   * Reads it.
   *
   * @throws CorruptFileException if it asks for something that is never written
   */
  static KeyParameters read(JsonObject json, String where) {
    String algorithm = json.text("algorithm");
    Source source = json.constant("key", Source.class);
    if (source == Source.KEY_FILE) {
      return checked(new KeyParameters(source, "", 0, 0, json.text("keyCheck")), algorithm, where);
    }
    long memoryKib = json.number("memoryKib");
    long iterations = json.number("iterations");
    boolean isSane =
        memoryKib >= 8
            && memoryKib <= MAX_MEMORY_KIB
            && iterations >= 1
            && iterations <= MAX_ITERATIONS
            && json.text("derivation").equals(DERIVATION)
            && json.text("salt").matches("([0-9a-f]{2}){8,64}");
    if (!isSane) {
      throw new CorruptFileException(
          "corrupt file: key derivation that nobody writes: memoryKib="
              + memoryKib
              + ", iterations="
              + iterations
              + ", file="
              + where);
    }
    return checked(
        new KeyParameters(
            source, json.text("salt"), (int) memoryKib, (int) iterations, json.text("keyCheck")),
        algorithm,
        where);
  }

  private static KeyParameters checked(KeyParameters read, String algorithm, String where) {
    if (!algorithm.equals(ALGORITHM)) {
      throw new CorruptFileException(
          "corrupt file: encryption that nobody writes: algorithm="
              + algorithm
              + ", file="
              + where);
    }
    return read;
  }
}
