package io.tidemark.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** What a store and its process take: files, bytes, heap, resident memory. */
public final class Footprint {
  private static final Path STATUS = Path.of("/proc/self/status");

  private Footprint() {}

  /** Returns the lengths of all files below a path; files that vanish meanwhile do not count. */
  public static long bytes(Path root) throws IOException {
    long total = 0;
    for (Path file : files(root)) {
      try {
        total += Files.size(file);
      } catch (NoSuchFileException e) {
        // The store replaced it.
      }
    }
    return total;
  }

  /** Returns the regular files below a path; none if it does not exist. */
  public static List<Path> files(Path root) throws IOException {
    if (!Files.exists(root)) {
      return List.of();
    }
    while (true) {
      try (var walk = Files.walk(root)) {
        return walk.filter(Files::isRegularFile).toList();
      } catch (UncheckedIOException e) {
        if (!(e.getCause() instanceof NoSuchFileException)) {
          throw e;
        }
      }
    }
  }

  /** Returns the bytes that the disk gave to all files below a path: holes do not count. */
  public static long allocated(Path root) throws IOException {
    Process process =
        new ProcessBuilder("du", "-sk", root.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String line = lines.readLine();
      if (line == null) {
        throw new IOException("du says nothing: path=" + root);
      }
      return Long.parseLong(line.split("\\s", 2)[0]) << 10;
    }
  }

  /** Deletes a directory and everything below it. */
  public static void delete(Path directory) throws IOException {
    try (var paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** Returns the heap in use after a collection, bytes. */
  public static long liveHeap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Returns the process's resident memory, mapped files included, bytes; 0 where it is unknown. */
  public static long resident() throws IOException {
    return status("VmRSS:");
  }

  /** Returns the resident memory that is not a file's, bytes; 0 where it is unknown. */
  public static long residentWithoutFiles() throws IOException {
    return status("RssAnon:");
  }

  private static long status(String name) throws IOException {
    if (!Files.exists(STATUS)) {
      return 0;
    }
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    return 0;
  }
}
