package io.tidemark.plugin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.tidemark.errors.ConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a configuration comes from: a JSON file in the specification's format, over it environment
 * variables, over them what the command line says. Thread-safe; keeps nothing of what it read.
 */
public final class ConfigurationSource {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** A configuration is a page long; what is longer is another file. */
  private static final int LENGTH_MAX = 1 << 20;

  private final @Nullable Path file;
  private final Map<String, String> environment;
  private final Map<String, String> overrides;
  private final Map<String, ConfigurationKey> keys =
      ConfigurationKeys.list().stream()
          .collect(Collectors.toMap(ConfigurationKey::path, Function.identity()));

  /**
   * Creates a source; reads nothing.
   *
   * @param file the JSON file; null for none
   * @param environment the environment variables, of which only those count that belong to keys
   * @param overrides values by path that go before all others
   */
  public ConfigurationSource(
      @Nullable Path file, Map<String, String> environment, Map<String, String> overrides) {
    this.file = file;
    this.environment = Map.copyOf(environment);
    this.overrides = Map.copyOf(overrides);
  }

  /** Returns the JSON file; null for none. */
  public @Nullable Path file() {
    return file;
  }

  /**
   * Reads everything anew.
   *
   * @throws ConfigurationException if anything is unknown or wrong; it names all of that
   * @throws IOException if the file cannot be read
   */
  public Configuration read() throws IOException {
    Map<ConfigurationKey, Optional<Object>> given = new HashMap<>();
    List<String> problems = new ArrayList<>();
    if (file != null) {
      readFile(file, given, problems);
    }
    readEnvironment(given, problems);
    for (Map.Entry<String, String> override : new TreeMap<>(overrides).entrySet()) {
      ConfigurationKey key = keys.get(override.getKey());
      if (key == null) {
        problems.add(
            "unknown configuration key: path=" + override.getKey() + ", place=command line");
      } else {
        take(key, override.getValue(), "place=command line", given, problems);
      }
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException(String.join("; ", problems));
    }
    return Configuration.of(given);
  }

  private static void take(
      ConfigurationKey key,
      String text,
      String where,
      Map<ConfigurationKey, Optional<Object>> given,
      List<String> problems) {
    try {
      given.put(key, Optional.ofNullable(key.parse(text, where)));
    } catch (ConfigurationException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
  }

  private void readEnvironment(
      Map<ConfigurationKey, Optional<Object>> given, List<String> problems) {
    TreeSet<String> unknown = new TreeSet<>();
    environment.keySet().stream()
        .filter(name -> name.startsWith(ConfigurationKey.ENVIRONMENT_PREFIX))
        .forEach(unknown::add);
    for (ConfigurationKey key : ConfigurationKeys.list()) {
      for (String name : List.of(key.alias(), key.environmentName())) {
        String text = environment.get(name);
        unknown.remove(name);
        if (text != null) {
          take(key, text, "variable=" + name, given, problems);
        }
      }
    }
    unknown.forEach(name -> problems.add("unknown configuration variable: variable=" + name));
  }

  private void readFile(
      Path path, Map<ConfigurationKey, Optional<Object>> given, List<String> problems)
      throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(path)) {
      bytes = in.readNBytes(LENGTH_MAX + 1);
    }
    if (bytes.length > LENGTH_MAX) {
      throw new ConfigurationException(
          "configuration file is too long: limitBytes=" + LENGTH_MAX + ", file=" + path);
    }
    try (JsonParser parser = JSON.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new ConfigurationException("configuration is no JSON object: file=" + path);
      }
      readObject(parser, "", path, given, problems);
      if (parser.nextToken() != null) {
        problems.add("something follows the configuration: " + where(parser, path));
      }
    } catch (JsonProcessingException e) {
      JsonLocation place = e.getLocation();
      throw new ConfigurationException(
          "configuration is no JSON: "
              + e.getOriginalMessage()
              + (place == null
                  ? ""
                  : ", line=" + place.getLineNr() + ", column=" + place.getColumnNr())
              + ", file="
              + path);
    }
  }

  private void readObject(
      JsonParser parser,
      String parent,
      Path path,
      Map<ConfigurationKey, Optional<Object>> given,
      List<String> problems)
      throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parent.isEmpty() ? parser.currentName() : parent + "." + parser.currentName();
      parser.nextToken();
      ConfigurationKey key = keys.get(name);
      if (key != null) {
        try {
          given.put(key, Optional.ofNullable(value(parser, key, where(parser, path))));
        } catch (ConfigurationException e) {
          problems.add(String.valueOf(e.getMessage()));
          parser.skipChildren();
        }
      } else if (parser.currentToken() == JsonToken.START_OBJECT && isSection(name)) {
        readObject(parser, name, path, given, problems);
      } else {
        problems.add(
            (isSection(name) ? "configuration section is no object" : "unknown configuration key")
                + ": path="
                + name
                + ", "
                + where(parser, path));
        parser.skipChildren();
      }
    }
  }

  private boolean isSection(String name) {
    return keys.keySet().stream().anyMatch(path -> path.startsWith(name + "."));
  }

  private static @Nullable Object value(JsonParser parser, ConfigurationKey key, String where)
      throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_NULL && key.isOptional()) {
      return null;
    }
    return switch (key.type()) {
      case BOOLEAN -> {
        if (!token.isBoolean()) {
          throw key.wrongType(shown(parser), where);
        }
        yield parser.getBooleanValue();
      }
      case NUMBER -> {
        if (token != JsonToken.VALUE_NUMBER_INT
            || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
          throw key.wrongType(shown(parser), where);
        }
        yield key.check(parser.getLongValue(), where);
      }
      case TEXT, CHOICE -> {
        if (token != JsonToken.VALUE_STRING) {
          throw key.wrongType(shown(parser), where);
        }
        yield key.check(parser.getText(), where);
      }
      case WORDS -> words(parser, key, where);
    };
  }

  private static Object words(JsonParser parser, ConfigurationKey key, String where)
      throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw key.wrongType(shown(parser), where);
    }
    List<String> words = new ArrayList<>();
    String wrong = null;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.VALUE_STRING) {
        words.add(parser.getText());
      } else {
        wrong = shown(parser);
        parser.skipChildren();
      }
    }
    if (wrong != null) {
      throw key.wrongType(wrong, where);
    }
    return key.check(List.copyOf(words), where);
  }

  private static String shown(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> "object";
      case START_ARRAY -> "array";
      case VALUE_STRING -> '"' + parser.getText() + '"';
      default -> parser.getText();
    };
  }

  private static String where(JsonParser parser, Path path) {
    JsonLocation place = parser.currentTokenLocation();
    return "line=" + place.getLineNr() + ", column=" + place.getColumnNr() + ", file=" + path;
  }
}
