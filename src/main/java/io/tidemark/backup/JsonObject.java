package io.tidemark.backup;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamReadException;
import io.tidemark.errors.CorruptFileException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object that was read: manifests and ledgers, whose numbers of 64 bits are texts.
 *
 * <p>Immutable. A field that is missing or of another type is reported as damage of the file.
 */
public final class JsonObject {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Map<String, @Nullable Object> fields;
  private final String where;

  private JsonObject(Map<String, @Nullable Object> fields, String where) {
    this.fields = fields;
    this.where = where;
  }

  /**
   * Reads an object.
   *
   * @param where the file, for messages
   * @throws CorruptFileException if it is none
   */
  public static JsonObject parse(byte[] bytes, String where) {
    try (JsonParser parser = JSON.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw corrupt("not an object", where);
      }
      JsonObject object = object(parser, where);
      if (parser.nextToken() != null) {
        throw corrupt("more than one object", where);
      }
      return object;
    } catch (StreamReadException e) {
      throw corrupt(e.getOriginalMessage(), where);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CorruptFileException corrupt(String what, String where) {
    return new CorruptFileException(
        "corrupt file: not the JSON it should be: " + what + ", file=" + where);
  }

  private static JsonObject object(JsonParser parser, String where) throws IOException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      fields.put(name, value(parser, where));
    }
    return new JsonObject(fields, where);
  }

  private static @Nullable Object value(JsonParser parser, String where) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, where);
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser, where));
        }
        yield list;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw corrupt("value of no use: token=" + parser.currentToken(), where);
    };
  }

  /** Returns whether a field is there and not null. */
  public boolean has(String name) {
    return fields.get(name) != null;
  }

  /** Returns a text. */
  public String text(String name) {
    return get(name, String.class);
  }

  /** Returns a text; null if it is null or missing. */
  public @Nullable String textOrNull(String name) {
    return has(name) ? text(name) : null;
  }

  /** Returns a number. */
  public long number(String name) {
    return get(name, Long.class);
  }

  /** Returns a number of 64 bits without sign, which is a text. */
  public long unsigned(String name) {
    return convert(name, Long::parseUnsignedLong);
  }

  /** Returns a number of 64 bits with a sign, which is a text. */
  public long signed(String name) {
    return convert(name, Long::parseLong);
  }

  /** Returns a fact. */
  public boolean isTrue(String name) {
    return get(name, Boolean.class);
  }

  /** Returns a constant of an enum by its name. */
  public <E extends Enum<E>> E constant(String name, Class<E> type) {
    return convert(name, text -> Enum.valueOf(type, text));
  }

  private <T> T convert(String name, Function<String, T> conversion) {
    String text = text(name);
    try {
      return conversion.apply(text);
    } catch (IllegalArgumentException e) {
      throw corrupt("wrong value: field=" + name + ", value=" + text, where);
    }
  }

  /** Returns an object. */
  public JsonObject object(String name) {
    return get(name, JsonObject.class);
  }

  /** Returns an object; null if it is null or missing. */
  public @Nullable JsonObject objectOrNull(String name) {
    return has(name) ? object(name) : null;
  }

  /** Returns the objects of a list. */
  public List<JsonObject> objects(String name) {
    return list(name, JsonObject.class);
  }

  /** Returns the texts of a list. */
  public List<String> texts(String name) {
    return list(name, String.class);
  }

  private <T> List<T> list(String name, Class<T> type) {
    List<T> result = new ArrayList<>();
    for (Object element : get(name, List.class)) {
      if (!type.isInstance(element)) {
        throw corrupt("wrong element: field=" + name, where);
      }
      result.add(type.cast(element));
    }
    return result;
  }

  private <T> T get(String name, Class<T> type) {
    Object value = fields.get(name);
    if (!type.isInstance(value)) {
      throw corrupt("missing or of another type: field=" + name, where);
    }
    return type.cast(value);
  }
}
