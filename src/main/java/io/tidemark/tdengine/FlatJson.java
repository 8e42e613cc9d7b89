package io.tidemark.tdengine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The scalar values of a small JSON file by path, such as {@code config.vgId} or {@code
 * files[0].firstVer}; numbers and texts alike, for taosd writes numbers as texts.
 */
public final class FlatJson {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final long LENGTH_MAX = 64L << 20;
  private static final int DEPTH_MAX = 16;

  private final Map<String, String> values = new HashMap<>();
  private final Path file;

  private FlatJson(Path file) {
    this.file = file;
  }

  /**
   * Reads a file.
   *
   * @throws WalDecodeException if it is no JSON object
   */
  public static FlatJson read(Path file) throws IOException, WalDecodeException {
    return parse(Files.readAllBytes(file), file);
  }

  /**
   * Reads what a file holds.
   *
   * @throws WalDecodeException if it is no JSON object
   */
  static FlatJson parse(byte[] bytes, Path file) throws IOException, WalDecodeException {
    final FlatJson json = new FlatJson(file);
    if (bytes.length > LENGTH_MAX) {
      throw new WalDecodeException(
          "JSON file is too long: lengthBytes=" + bytes.length + ", file=" + file);
    }
    try (JsonParser parser = FACTORY.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new WalDecodeException("not a JSON object: file=" + file);
      }
      json.readObject(parser, "", 0);
    } catch (JsonProcessingException e) {
      throw new WalDecodeException(
          "malformed JSON: " + e.getOriginalMessage() + ", file=" + file, e);
    }
    return json;
  }

  private void readObject(JsonParser parser, String path, int depth)
      throws IOException, WalDecodeException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      final String name = parser.currentName();
      parser.nextToken();
      readValue(parser, path.isEmpty() ? name : path + "." + name, depth);
    }
  }

  private void readValue(JsonParser parser, String path, int depth)
      throws IOException, WalDecodeException {
    if (depth > DEPTH_MAX) {
      throw new WalDecodeException("JSON is nested too deep: path=" + path + ", file=" + file);
    }
    final JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      readObject(parser, path, depth + 1);
    } else if (token == JsonToken.START_ARRAY) {
      int index = 0;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        readValue(parser, path + "[" + index + "]", depth + 1);
        index++;
      }
    } else {
      values.put(path, parser.getText());
    }
  }

  /** Returns the paths of all values, in no order. */
  public Set<String> paths() {
    return values.keySet();
  }

  /** Returns whether there is a value. */
  public boolean has(String path) {
    return values.containsKey(path);
  }

  /** Returns a value as it is written. */
  public String text(String path) throws WalDecodeException {
    final @Nullable String value = values.get(path);
    if (value == null) {
      throw new WalDecodeException("missing value: name=" + path + ", file=" + file);
    }
    return value;
  }

  /** Returns a value that is a whole number of 64 bits. */
  public long number(String path) throws WalDecodeException {
    final String value = text(path);
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new WalDecodeException(
          "not a whole number: value=" + value + ", name=" + path + ", file=" + file, e);
    }
  }

  /** Returns a value that is a whole number of 32 bits. */
  public int intNumber(String path) throws WalDecodeException {
    final long value = number(path);
    if (value != (int) value) {
      throw new WalDecodeException(
          "number out of range: value=" + value + ", name=" + path + ", file=" + file);
    }
    return (int) value;
  }
}
