package io.tidemark.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.testing.RepositoryFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The page about the configuration says what the table in the code says. */
class ConfigurationPageTest {
  /** One table row for each key; the thresholds of all metrics but those with a default are two. */
  private static List<String> rows() {
    List<String> rows = new ArrayList<>();
    for (ConfigurationKey key : ConfigurationKeys.list()) {
      if (key.path().startsWith("alarms.") && key.defaultValue() == null) {
        continue;
      }
      String value =
          key.equals(ConfigurationKeys.CALLBACK_THREADS)
              ? "2 × cores, ≤ 64"
              : String.valueOf(key.defaultValue());
      rows.add(
          "| `"
              + key.path()
              + "` | "
              + key.type().description()
              + (key.unit().isEmpty() ? "" : ", " + key.unit())
              + " | "
              + (value.isEmpty() || value.equals("[]") ? "none" : value)
              + " | "
              + key.limits()
              + " | "
              + (key.isReloadable() ? "at a reload" : "at the next start")
              + " | "
              + key.help()
              + (key.alias().isEmpty() ? "" : " Also `" + key.alias() + "`.")
              + " |");
    }
    return rows;
  }

  @Test
  void shouldHaveTheRowOfEveryKeyInTheOrderOfTheTable() throws IOException {
    List<String> rows =
        RepositoryFiles.read("docs/CONFIGURATION.md")
            .lines()
            .filter(line -> line.startsWith("| `"))
            .toList();

    assertEquals(String.join("\n", rows()), String.join("\n", rows));
  }
}
