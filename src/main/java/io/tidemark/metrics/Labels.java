package io.tidemark.metrics;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Names and values that tell one store from another, as a file of counters holds them. */
final class Labels {
  private Labels() {}

  /**
   * Returns one line of UTF-8 for each, in the order of their names.
   *
   * @throws IllegalArgumentException if one holds what separates them, or all are too long
   */
  static byte[] encode(Map<String, String> labels, int lengthMax) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(labels)
        .forEach(
            (name, value) -> {
              if (name.indexOf('=') >= 0 || (name + value).indexOf('\n') >= 0) {
                throw new IllegalArgumentException(
                    "label cannot be written: name=" + name + ", value=" + value);
              }
              text.append(name).append('=').append(value).append('\n');
            });
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length > lengthMax) {
      throw new IllegalArgumentException(
          "labels are too long: lengthBytes=" + bytes.length + ", limitBytes=" + lengthMax);
    }
    return bytes;
  }

  /** Returns what {@link #encode} was given. */
  static Map<String, String> decode(byte[] bytes) {
    Map<String, String> labels = new TreeMap<>();
    new String(bytes, StandardCharsets.UTF_8)
        .lines()
        .forEach(
            line -> {
              int separator = line.indexOf('=');
              if (separator >= 0) {
                labels.put(line.substring(0, separator), line.substring(separator + 1));
              }
            });
    return labels;
  }
}
