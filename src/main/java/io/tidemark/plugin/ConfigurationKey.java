package io.tidemark.plugin;

import io.tidemark.errors.ConfigurationException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One value of the configuration: its place in the JSON document, what it may be, and what it does.
 *
 * @param path names of the objects that lead to it and its own, separated by dots
 * @param type what a value of it is
 * @param unit of a number; empty for none
 * @param defaultValue what counts where nothing is given; null for none
 * @param isOptional whether there may be no value: {@code null}
 * @param min smallest number, or shortest text
 * @param max greatest number, or longest text
 * @param choices the values there are, for {@link Type#CHOICE}
 * @param alias a second name of its environment variable; empty for none
 * @param isReloadable whether a running process takes over a new value
 * @param help what it does, in a sentence or two
 */
public record ConfigurationKey(
    String path,
    Type type,
    String unit,
    @Nullable Object defaultValue,
    boolean isOptional,
    long min,
    long max,
    List<String> choices,
    String alias,
    boolean isReloadable,
    String help) {

  /** Begins the name of every environment variable that holds a value. */
  public static final String ENVIRONMENT_PREFIX = "TIDEMARK_CONF_";

  private static final String NONE = "none";
  private static final Pattern BLANKS = Pattern.compile("\\s+");

  /** What a value is. */
  public enum Type {
    /** {@code true} or {@code false}: a {@link Boolean}. */
    BOOLEAN("true or false"),
    /** A whole number within limits: a {@link Long}. */
    NUMBER("whole number"),
    /** A text of limited length: a {@link String}. */
    TEXT("text"),
    /** One of a few texts: a {@link String}. */
    CHOICE("one of a few texts"),
    /** A list of texts, such as a program and its arguments: a {@link List} of {@link String}. */
    WORDS("list of texts");

    private final String description;

    Type(String description) {
      this.description = description;
    }

    /** Returns what it is, for people. */
    public String description() {
      return description;
    }
  }

  /** Copies the list. */
  public ConfigurationKey {
    choices = List.copyOf(choices);
  }

  /** Returns the environment variable that overrides it. */
  public String environmentName() {
    return ENVIRONMENT_PREFIX + path.replace('.', '_').toUpperCase(Locale.ROOT);
  }

  /** Returns the limits, for people. */
  public String limits() {
    return switch (type) {
      case BOOLEAN -> "true or false";
      case CHOICE -> String.join(", ", choices);
      case NUMBER -> min + " to " + max;
      case TEXT -> min == 0 ? "up to " + max + " characters" : min + " to " + max + " characters";
      case WORDS -> "up to " + max + " words";
    };
  }

  /**
   * Returns the value that a text stands for, as environment variables and command lines hold it.
   *
   * @param where what to call its place in a message, as {@code name=value}
   * @throws ConfigurationException if it is not allowed
   */
  public @Nullable Object parse(String text, String where) {
    String trimmed = text.strip();
    if (isOptional && (trimmed.isEmpty() || trimmed.equals(NONE))) {
      return null;
    }
    return switch (type) {
      case BOOLEAN -> truth(trimmed, where);
      case NUMBER -> check(number(trimmed, where), where);
      case TEXT, CHOICE -> check(trimmed, where);
      case WORDS ->
          check(BLANKS.splitAsStream(trimmed).filter(word -> !word.isEmpty()).toList(), where);
    };
  }

  private Object truth(String text, String where) {
    if (!text.equals("true") && !text.equals("false")) {
      throw wrongType(text, where);
    }
    return text.equals("true");
  }

  private Object number(String text, String where) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw wrongType(text, where);
    }
  }

  /**
   * Returns a value of the right type if it is within the limits.
   *
   * @throws ConfigurationException if it is not
   */
  Object check(Object value, String where) {
    boolean isRight =
        switch (type) {
          case BOOLEAN -> true;
          case NUMBER -> (Long) value >= min && (Long) value <= max;
          case TEXT -> isWithin(((String) value).length());
          case CHOICE -> choices.contains((String) value);
          case WORDS -> isWithin(((List<?>) value).size());
        };
    if (!isRight) {
      throw new ConfigurationException(
          "configuration value is out of range: path="
              + path
              + ", value="
              + value
              + ", allowed="
              + limits()
              + (unit.isEmpty() ? "" : ", unit=" + unit)
              + ", "
              + where);
    }
    return value;
  }

  private boolean isWithin(int length) {
    return length >= min && length <= max;
  }

  /** Returns the failure of a value that is something else. */
  ConfigurationException wrongType(String value, String where) {
    return new ConfigurationException(
        "configuration value is no "
            + type.description().replace("true or false", "truth value")
            + ": path="
            + path
            + ", value="
            + value
            + ", "
            + where);
  }
}
