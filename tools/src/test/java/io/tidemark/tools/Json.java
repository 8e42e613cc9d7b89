package io.tidemark.tools;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON value: an object, an array, or a scalar as the text, number or truth it is. */
record Json(@Nullable Object value) {

  static Json parse(String text) {
    try (JsonParser parser = new JsonFactory().createParser(text)) {
      parser.nextToken();
      Json result = new Json(read(parser));
      if (parser.nextToken() != null) {
        throw new AssertionError("more than one value: " + text);
      }
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Json read(Path file) {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable Object read(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> readObject(parser);
      case START_ARRAY -> readArray(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new AssertionError("unexpected token: " + parser.currentToken());
    };
  }

  private static Map<String, @Nullable Object> readObject(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      object.put(name, read(parser));
    }
    return object;
  }

  private static List<@Nullable Object> readArray(JsonParser parser) throws IOException {
    List<@Nullable Object> array = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(read(parser));
    }
    return array;
  }

  @SuppressWarnings("unchecked")
  private Map<String, @Nullable Object> object() {
    if (value instanceof Map<?, ?>) {
      return (Map<String, @Nullable Object>) value;
    }
    throw new AssertionError("no object: " + value);
  }

  List<String> names() {
    return List.copyOf(object().keySet());
  }

  Json get(String name) {
    if (!object().containsKey(name)) {
      throw new AssertionError("no field: name=" + name + ", object=" + value);
    }
    return new Json(object().get(name));
  }

  Json get(int index) {
    return list().get(index);
  }

  List<Json> list() {
    if (value instanceof List<?> list) {
      List<Json> result = new ArrayList<>();
      for (Object element : list) {
        result.add(new Json(element));
      }
      return result;
    }
    throw new AssertionError("no array: " + value);
  }

  @Override
  public String toString() {
    return String.valueOf(value);
  }
}
