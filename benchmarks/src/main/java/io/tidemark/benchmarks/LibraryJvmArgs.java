package io.tidemark.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The options that a JVM needs to run the library, as they were when the benchmarks were built. */
public final class LibraryJvmArgs {
  private LibraryJvmArgs() {}

  /** Returns the options, one a string. */
  public static List<String> read() throws IOException {
    try (InputStream in = LibraryJvmArgs.class.getResourceAsStream("jvm-args.txt")) {
      if (in == null) {
        throw new IllegalStateException("resource is missing: name=jvm-args.txt");
      }
      return List.of(new String(in.readAllBytes(), StandardCharsets.UTF_8).strip().split("\\s+"));
    }
  }
}
