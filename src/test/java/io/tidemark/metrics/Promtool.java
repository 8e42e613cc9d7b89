package io.tidemark.metrics;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The checking tool of Prometheus, where it is installed. */
final class Promtool {
  private Promtool() {}

  /** Returns where it is; null, after saying so, if it is nowhere on the PATH. */
  static @Nullable Path find() {
    Path found =
        Pattern.compile(File.pathSeparator)
            .splitAsStream(System.getenv("PATH"))
            .map(place -> Path.of(place, "promtool"))
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);
    if (found == null) {
      System.out.println("skipped: no promtool on PATH (Debian package prometheus)");
    }
    return found;
  }
}
