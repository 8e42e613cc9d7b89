package io.tidemark.benchmarks;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A command line of {@code name=value}, where every name has a default value.
 *
 * <p>Immutable.
 */
public final class NamedArguments {
  /** The default value of what may be left out. */
  public static final String NONE = "-";

  private final Map<String, String> values;

  private NamedArguments(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Reads a command line.
   *
   * @param defaults all names that there are
   * @throws IllegalArgumentException if it has another name
   */
  public static NamedArguments parse(Map<String, String> defaults, List<String> args) {
    Map<String, String> values = new TreeMap<>(defaults);
    for (String argument : args) {
      String[] pair = argument.split("=", 2);
      if (pair.length != 2 || values.replace(pair[0], pair[1]) == null) {
        throw new IllegalArgumentException("unknown argument: " + argument);
      }
    }
    return new NamedArguments(values);
  }

  /** Returns a value. */
  public String text(String name) {
    return values.getOrDefault(name, NONE);
  }

  /** Returns the parts of a value that commas separate. */
  public List<String> list(String name) {
    return Arrays.asList(text(name).split(","));
  }

  /** Returns a value as a number. */
  public long number(String name) {
    return Long.parseLong(text(name));
  }

  /** Returns the parts of a value as numbers. */
  public List<Long> numbers(String name) {
    return list(name).stream().map(Long::valueOf).toList();
  }

  /** Returns a value as a path, null if there is none. */
  public @Nullable Path path(String name) {
    return text(name).equals(NONE) ? null : Path.of(text(name));
  }
}
