package io.tidemark.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.ConfigurationException;
import io.tidemark.metrics.AlarmRule;
import io.tidemark.metrics.Metric;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigurationTest {
  /** The specification's example, 3.5, value for value. */
  private static final String SPECIFICATION =
      """
      {
          "plugin": {
              "name": "incremental_bitmap",
              "version": "1.0.0",
              "library_path": "/usr/local/taos/plugins/backup/libincremental_bitmap_plugin.so"
          },
          "bitmap_engine": {
              "type": "roaring",
              "memory_limit_mb": 1024,
              "persistence_path": "/var/lib/taos/bitmap_cache"
          },
          "event_interceptor": {
              "enable": true,
              "buffer_size": 10000,
              "callback_threads": 4
          },
          "backup": {
              "batch_size": 1000,
              "compression": true,
              "encryption": false,
              "retry_count": 3,
              "retry_interval_ms": 1000
          }
      }
      """;

  private static final Set<String> SHRINKING =
      Set.of(
          "agent.poll_interval_ms",
          "agent.retry_interval_ms",
          "alarms.consumer_lag_ms.clear_at",
          "alarms.last_checkpoint_age_seconds.clear_at",
          "alarms.ring_buffer_usage.clear_at",
          "alarms.wal_headroom_seconds.raise_at");

  @TempDir private Path directory;

  private Path file() {
    return directory.resolve("agent.json");
  }

  private Configuration read(String json) throws IOException {
    return read(json, Map.of());
  }

  private Configuration read(String json, Map<String, String> environment) throws IOException {
    Files.writeString(file(), json);
    return new ConfigurationSource(file(), environment, Map.of()).read();
  }

  private String refusal(String json) {
    return Objects.requireNonNull(
        assertThrows(ConfigurationException.class, () -> read(json), json).getMessage());
  }

  static List<ConfigurationKey> keys() {
    return ConfigurationKeys.list();
  }

  /** Returns a JSON document with one value. */
  private static String document(ConfigurationKey key, String value) {
    List<String> names = Pattern.compile("\\.").splitAsStream(key.path()).toList();
    StringBuilder json = new StringBuilder();
    names.forEach(name -> json.append("{\"").append(name).append("\":"));
    return json.append(value).append("}".repeat(names.size())).toString();
  }

  /** Returns a value other than the default, as JSON. */
  private static String another(ConfigurationKey key) {
    return switch (key.type()) {
      case BOOLEAN -> String.valueOf(!Boolean.TRUE.equals(key.defaultValue()));
      case NUMBER -> {
        Object value = key.defaultValue();
        if (value == null) {
          yield key.path().equals("alarms.events_dropped.clear_at") ? "0" : "77";
        }
        // Of a pair that has an order the one that may not grow shrinks.
        boolean grows = !SHRINKING.contains(key.path());
        long number = (Long) value;
        yield String.valueOf(grows ? number + 1 : number - 1);
      }
      case TEXT -> "\"/another\"";
      case CHOICE -> '"' + key.choices().get(key.choices().size() - 1) + '"';
      case WORDS -> "[\"/bin/true\", \"an argument\"]";
    };
  }

  private static Object valueOf(ConfigurationKey key, Configuration configuration) {
    return switch (key.type()) {
      case BOOLEAN -> configuration.flag(key);
      case NUMBER -> String.valueOf(configuration.findNumber(key));
      case TEXT, CHOICE -> configuration.text(key);
      case WORDS -> configuration.words(key);
    };
  }

  @Test
  void shouldReadTheSpecificationsExample() throws IOException {
    Configuration read = read(SPECIFICATION);

    List<Configuration.Change> changes = Configuration.defaults().changesTo(read);
    assertTrue(
        changes.stream()
            .allMatch(change -> change.key().equals(ConfigurationKeys.CALLBACK_THREADS)));
    assertEquals(4, read.number(ConfigurationKeys.CALLBACK_THREADS));
    assertEquals(1024, read.number(ConfigurationKeys.MEMORY_LIMIT_MB));
    assertEquals("roaring", read.text(ConfigurationKeys.ENGINE_TYPE));
  }

  @ParameterizedTest
  @MethodSource("keys")
  void shouldTakeARightValueFromTheFile(ConfigurationKey key) throws IOException {
    Configuration read = read(document(key, another(key)));

    assertNotEquals(valueOf(key, Configuration.defaults()), valueOf(key, read));
    assertEquals(
        List.of(key),
        Configuration.defaults().changesTo(read).stream().map(Configuration.Change::key).toList());
  }

  @ParameterizedTest
  @MethodSource("keys")
  void shouldRefuseAWrongValueInTheFileWithItsPlace(ConfigurationKey key) {
    String wrongType =
        key.type() == ConfigurationKey.Type.TEXT || key.type() == ConfigurationKey.Type.CHOICE
            ? "17"
            : "\"what\"";

    String refusal = refusal("{\n" + document(key, wrongType).substring(1));

    String kind =
        key.type() == ConfigurationKey.Type.BOOLEAN ? "truth value" : key.type().description();
    assertEquals(
        "configuration value is no "
            + kind
            + ": path="
            + key.path()
            + ", value="
            + wrongType
            + ", line=2, column="
            + document(key, "").replace("}", "").length()
            + ", file="
            + file(),
        refusal);
    assertTrue(refusal(document(key, "{}")).startsWith("configuration value is no " + kind));
    assertTrue(refusal(document(key, "[1]")).startsWith("configuration value is no " + kind));
    if (!key.isOptional()) {
      assertTrue(refusal(document(key, "null")).startsWith("configuration value is no " + kind));
    }
  }

  @ParameterizedTest
  @MethodSource("keys")
  void shouldRefuseWhatIsBeyondTheLimits(ConfigurationKey key) {
    List<String> wrong = new ArrayList<>();
    switch (key.type()) {
      case BOOLEAN -> {}
      case NUMBER -> {
        wrong.add(String.valueOf(key.min() - 1));
        if (key.max() < Long.MAX_VALUE) {
          wrong.add(String.valueOf(key.max() + 1));
        }
      }
      case TEXT -> {
        wrong.add('"' + "x".repeat((int) key.max() + 1) + '"');
        if (key.min() > 0) {
          wrong.add("\"\"");
        }
      }
      case CHOICE -> wrong.add("\"neither\"");
      case WORDS -> wrong.add("[" + String.join(",", Collections.nCopies(65, "\"x\"")) + "]");
    }

    for (String value : wrong) {
      String refusal = refusal(document(key, value));

      assertTrue(
          refusal.startsWith("configuration value is out of range: path=" + key.path()), refusal);
      assertTrue(refusal.contains("allowed=" + key.limits()), refusal);
    }
  }

  @ParameterizedTest
  @MethodSource("keys")
  void shouldLetItsVariableGoBeforeTheFile(ConfigurationKey key) throws IOException {
    String text = another(key).replaceAll("[\\[\\]\",]", "");
    Map<String, String> environment = Map.of(key.environmentName(), text);

    Configuration read = read("{}", environment);

    assertNotEquals(valueOf(key, Configuration.defaults()), valueOf(key, read));
    String wrong = key.type() == ConfigurationKey.Type.TEXT ? "x".repeat(5_000) : "what now";
    if (key.type() != ConfigurationKey.Type.WORDS) {
      assertThrows(
          ConfigurationException.class,
          () -> read("{}", Map.of(key.environmentName(), wrong)),
          key.path());
    }
  }

  @ParameterizedTest
  @MethodSource("keys")
  void shouldPutInForceAtAReloadWhatNeedsNoRestart(ConfigurationKey key) throws IOException {
    Files.writeString(file(), "{}");
    LiveConfiguration live =
        LiveConfiguration.read(new ConfigurationSource(file(), Map.of(), Map.of()));
    Files.writeString(file(), document(key, another(key)));

    List<Configuration.Change> changes = live.reload();

    assertEquals(List.of(key), changes.stream().map(Configuration.Change::key).toList());
    boolean isChanged =
        !valueOf(key, Configuration.defaults()).equals(valueOf(key, live.current()));
    assertEquals(key.isReloadable(), isChanged);
    assertEquals(
        !key.isReloadable(), changes.get(0).message().endsWith(", takes effect at the next start"));
  }

  @Test
  void shouldKnowTheSpecificationsVariableForThreads() throws IOException {
    Configuration read = read(SPECIFICATION, Map.of("IB_CALLBACK_THREADS", "7"));

    assertEquals(7, read.number(ConfigurationKeys.CALLBACK_THREADS));
    ConfigurationException refused =
        assertThrows(
            ConfigurationException.class,
            () -> read(SPECIFICATION, Map.of("IB_CALLBACK_THREADS", "many")));
    assertEquals(
        "configuration value is no whole number: path=event_interceptor.callback_threads,"
            + " value=many, variable=IB_CALLBACK_THREADS",
        refused.getMessage());
  }

  @Test
  void shouldHaveAnotherVariableForEachKey() {
    Set<String> names = new HashSet<>();

    for (ConfigurationKey key : keys()) {
      assertTrue(names.add(key.environmentName()), key.path());
    }
  }

  @Test
  void shouldRefuseWhatNobodyKnows() throws IOException {
    assertEquals(
        "unknown configuration key: path=backup.retries, line=1, column=22, file=" + file(),
        refusal("{\"backup\":{\"retries\":3}}"));
    assertEquals(
        "unknown configuration key: path=else, line=1, column=9, file=" + file(),
        refusal("{\"else\":{\"a\":[1]}}"));
    assertEquals(
        "configuration section is no object: path=backup, line=1, column=11, file=" + file(),
        refusal("{\"backup\":3}"));
    ConfigurationException variable =
        assertThrows(
            ConfigurationException.class, () -> read("{}", Map.of("TIDEMARK_CONF_TYPO", "1")));
    assertEquals(
        "unknown configuration variable: variable=TIDEMARK_CONF_TYPO", variable.getMessage());
    ConfigurationException override =
        assertThrows(
            ConfigurationException.class,
            () -> new ConfigurationSource(null, Map.of(), Map.of("no.key", "1")).read());
    assertEquals(
        "unknown configuration key: path=no.key, place=command line", override.getMessage());
  }

  @Test
  void shouldNameEverythingThatIsWrong() {
    String refusal = refusal("{\"a\":1,\"backup\":{\"compression\":1,\"retry_count\":-1}}");

    assertEquals(3, Pattern.compile("; ").splitAsStream(refusal).count());
  }

  @Test
  void shouldRefuseWhatIsNoConfiguration() {
    for (String json :
        List.of("", "[]", "3", "{", "{\"backup\"", "{\"backup\":{}", "{} {}", "{}x")) {
      refusal(json);
    }
    String twice = refusal("{\"backup\":{\"retry_count\":1,\n\"retry_count\":2}}");
    assertTrue(twice.startsWith("configuration is no JSON: Duplicate field 'retry_count'"), twice);
    assertTrue(twice.contains("line=2"), twice);
    assertTrue(
        refusal(" ".repeat(1 << 20) + "{}")
            .startsWith("configuration file is too long: limitBytes=1048576, file="));
  }

  @Test
  void shouldRefuseEveryCutAndEveryFlippedByteOrReadIt() throws IOException {
    byte[] right = SPECIFICATION.replace("    ", "").getBytes(StandardCharsets.UTF_8);
    ConfigurationSource source = new ConfigurationSource(file(), Map.of(), Map.of());
    for (int i = 0; i < right.length; i++) {
      byte[] wrong = right.clone();
      wrong[i] ^= 0x11;
      for (byte[] bytes : List.of(wrong, Arrays.copyOf(right, i))) {
        Files.write(file(), bytes);
        try {
          source.read();
        } catch (ConfigurationException e) {
          assertFalse(String.valueOf(e.getMessage()).contains("\n"), e.getMessage());
        }
      }
    }
  }

  @Test
  void shouldRefuseValuesThatDoNotFitTogether() {
    assertEquals(
        "configuration values do not fit together: agent.poll_interval_ms=300 is greater than"
            + " agent.idle_poll_interval_ms=200",
        refusal("{\"agent\":{\"poll_interval_ms\":300}}"));
    assertEquals(
        "configuration values do not fit together: alarm clears where it is raised:"
            + " metric=offset_lag, side=ABOVE, raiseAt=5, clearAt=6",
        refusal("{\"alarms\":{\"offset_lag\":{\"raise_at\":5,\"clear_at\":6}}}"));
  }

  @Test
  void shouldTurnADefaultAlarmOff() throws IOException {
    Configuration read = read("{\"alarms\":{\"consumer_lag_ms\":{\"raise_at\":null}}}");

    Stream<Metric> watched = ConfigurationKeys.alarmRules(read).stream().map(AlarmRule::metric);
    assertFalse(watched.anyMatch(metric -> metric == Metric.CONSUMER_LAG_MS));
    assertEquals(5, ConfigurationKeys.alarmRules(Configuration.defaults()).size());
  }

  @Test
  void shouldKeepWhatWasInForceWhenAReloadIsRefused() throws IOException {
    Files.writeString(file(), "{\"backup\":{\"retry_count\":5}}");
    LiveConfiguration live =
        LiveConfiguration.read(new ConfigurationSource(file(), Map.of(), Map.of()));
    Configuration before = live.current();

    Files.writeString(file(), "{\"backup\":{\"retry_count\":6,\"batch_size\":0}}");
    assertThrows(ConfigurationException.class, live::reload);

    assertEquals(before, live.current());
  }

  @Test
  void shouldNoticeAnotherFileOnce() throws IOException {
    Files.writeString(file(), "{}");
    LiveConfiguration live =
        LiveConfiguration.read(new ConfigurationSource(file(), Map.of(), Map.of()));
    assertFalse(live.isFileChanged());

    Files.setLastModifiedTime(file(), FileTime.fromMillis(1));

    assertTrue(live.isFileChanged());
    live.reload();
    assertFalse(live.isFileChanged());
    Files.delete(file());
    assertTrue(live.isFileChanged());
    assertThrows(IOException.class, live::reload);
    assertFalse(live.isFileChanged());
  }
}
