package io.tidemark.plugin;

import io.tidemark.errors.ConfigurationException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A value for every key, all of them allowed and fitting together. Immutable. */
public final class Configuration {
  private final Map<ConfigurationKey, Object> values;

  private Configuration(Map<ConfigurationKey, Object> values) {
    this.values = values;
  }

  /** Returns the configuration of somebody who said nothing. */
  public static Configuration defaults() {
    return of(Map.of());
  }

  /**
   * Returns the configuration that has some values and defaults for the rest.
   *
   * @param given values of the right types within their limits; an empty one stands for null
   * @throws ConfigurationException if values do not fit together
   */
  static Configuration of(Map<ConfigurationKey, Optional<Object>> given) {
    Map<ConfigurationKey, Object> values = new HashMap<>();
    for (ConfigurationKey key : ConfigurationKeys.list()) {
      Optional<Object> value = given.get(key);
      Object chosen = value == null ? key.defaultValue() : value.orElse(null);
      if (chosen != null) {
        values.put(key, chosen);
      }
    }
    Configuration configuration = new Configuration(values);
    configuration.checkTogether();
    return configuration;
  }

  private void checkTogether() {
    try {
      ConfigurationKeys.alarmRules(this);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "configuration values do not fit together: " + e.getMessage());
    }
    checkOrder(ConfigurationKeys.POLL_INTERVAL_MS, ConfigurationKeys.IDLE_POLL_INTERVAL_MS);
    checkOrder(
        ConfigurationKeys.AGENT_RETRY_INTERVAL_MS, ConfigurationKeys.AGENT_RETRY_INTERVAL_MAX_MS);
  }

  private void checkOrder(ConfigurationKey smaller, ConfigurationKey greater) {
    if (number(smaller) > number(greater)) {
      throw new ConfigurationException(
          "configuration values do not fit together: "
              + smaller.path()
              + "="
              + number(smaller)
              + " is greater than "
              + greater.path()
              + "="
              + number(greater));
    }
  }

  /** Returns a number. */
  public long number(ConfigurationKey key) {
    return (Long) value(key);
  }

  /** Returns a number that may be absent: then null. */
  public @Nullable Long findNumber(ConfigurationKey key) {
    return (Long) values.get(key);
  }

  /** Returns a text. */
  public String text(ConfigurationKey key) {
    return (String) value(key);
  }

  /** Returns a truth value. */
  public boolean flag(ConfigurationKey key) {
    return (Boolean) value(key);
  }

  /** Returns a list of texts. */
  public List<String> words(ConfigurationKey key) {
    return ((List<?>) value(key)).stream().map(String::valueOf).toList();
  }

  private Object value(ConfigurationKey key) {
    return Objects.requireNonNull(values.get(key), key.path());
  }

  /**
   * One key that has another value than before.
   *
   * @param key the key
   * @param before its value before; null for none
   * @param after its value now; null for none
   */
  public record Change(ConfigurationKey key, @Nullable Object before, @Nullable Object after) {

    /** Returns what changed, and whether it counts now, on one line. */
    public String message() {
      return key.path()
          + ": before="
          + before
          + ", after="
          + after
          + (key.isReloadable() ? "" : ", takes effect at the next start");
    }
  }

  /** Returns what is different in a later configuration, in the order of the table. */
  public List<Change> changesTo(Configuration later) {
    List<Change> changes = new ArrayList<>();
    for (ConfigurationKey key : ConfigurationKeys.list()) {
      Object before = values.get(key);
      Object after = later.values.get(key);
      if (!Objects.equals(before, after)) {
        changes.add(new Change(key, before, after));
      }
    }
    return changes;
  }

  /** Returns a later configuration, but what needs a restart as it is in this one. */
  public Configuration reloadedFrom(Configuration later) {
    Map<ConfigurationKey, Object> reloaded = new HashMap<>();
    for (ConfigurationKey key : ConfigurationKeys.list()) {
      Object value = (key.isReloadable() ? later : this).values.get(key);
      if (value != null) {
        reloaded.put(key, value);
      }
    }
    Configuration configuration = new Configuration(reloaded);
    configuration.checkTogether();
    return configuration;
  }
}
