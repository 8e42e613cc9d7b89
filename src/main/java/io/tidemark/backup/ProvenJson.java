package io.tidemark.backup;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.UnsupportedFormatException;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * JSON that people can read, and that proves itself: what a backup tool seals a run with.
 *
 * <pre>
 *  {
 *    "format" : "...",
 *    "formatVersion" : 1,
 *    ...
 *    "digest" : "..."              SHA-256 of all bytes before this value
 *  }
 * </pre>
 */
public final class ProvenJson {

  /*
   * The digest is over bytes, not over what they mean, and behind it there is nothing but the end: so
   * no byte can be changed without being found.
   */

  /** What stands before the digest's value. */
  public static final String DIGEST = "\"digest\" : \"";

  private static final String END = "\"\n}\n";
  private static final int DIGITS = 64;
  private static final JsonFactory JSON = new JsonFactory();

  private ProvenJson() {}

  /** Writes the fields of an object. */
  @FunctionalInterface
  public interface Fields {
    /** Writes them. */
    void write(JsonGenerator json) throws IOException;
  }

  /**
   * What was read and is proven.
   *
   * @param digest the SHA-256 that proves it, in hexadecimal digits
   */
  public record Read(JsonObject json, String digest) {}

  /** Returns the bytes of an object of a format. */
  public static byte[] write(String format, int version, Fields fields) throws IOException {
    return sealed(open(format, version, fields));
  }

  /** Returns an object that has no end yet: further fields may follow, then {@link #sealed}. */
  public static StringBuilder open(String format, int version, Fields fields) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
      DefaultIndenter lines = new DefaultIndenter("  ", "\n");
      printer.indentArraysWith(lines);
      printer.indentObjectsWith(lines);
      json.setPrettyPrinter(printer);
      json.writeStartObject();
      json.writeStringField("format", format);
      json.writeNumberField("formatVersion", version);
      fields.write(json);
      json.writeEndObject();
    }
    String whole = text.toString();
    return new StringBuilder(whole.substring(0, whole.lastIndexOf("\n}")));
  }

  /** Ends an object with its digest and returns its bytes. */
  public static byte[] sealed(StringBuilder open) {
    open.append(",\n  ").append(DIGEST);
    byte[] before = bytes(open);
    open.append(sha256(before, before.length)).append(END);
    return bytes(open);
  }

  private static byte[] bytes(CharSequence text) {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String sha256(byte[] bytes, int length) {
    MessageDigest digest = Batch.sha256();
    digest.update(bytes, 0, length);
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Reads an object and checks every byte of it.
   *
   * @param where the file, for messages
   * @throws CorruptFileException if any byte of it is wrong, or it is of another format
   * @throws UnsupportedFormatException if its format is newer
   */
  public static Read read(byte[] bytes, String where, String format, int version) {
    String digest = digest(bytes, where);
    JsonObject json = JsonObject.parse(bytes, where);
    if (!json.text("format").equals(format)) {
      throw new CorruptFileException(
          "corrupt file: not a manifest of a run: format="
              + json.text("format")
              + ", file="
              + where);
    }
    if (json.number("formatVersion") != version) {
      throw UnsupportedFormatException.newer(version, json.number("formatVersion"), where);
    }
    return new Read(json, digest);
  }

  private static String digest(byte[] bytes, String where) {
    int digestAt = bytes.length - END.length() - DIGITS;
    String tail =
        digestAt < DIGEST.length()
            ? ""
            : new String(
                bytes,
                digestAt - DIGEST.length(),
                bytes.length - digestAt + DIGEST.length(),
                StandardCharsets.ISO_8859_1);
    if (!tail.startsWith(DIGEST) || !tail.endsWith(END)) {
      throw new CorruptFileException(
          "corrupt file: manifest has no digest at its end: file=" + where);
    }
    String stored = tail.substring(DIGEST.length(), DIGEST.length() + DIGITS);
    String actual = sha256(bytes, digestAt);
    if (!stored.equals(actual)) {
      throw new CorruptFileException(
          "corrupt file: wrong digest: expected="
              + stored
              + ", actual="
              + actual
              + ", file="
              + where);
    }
    return stored;
  }
}
