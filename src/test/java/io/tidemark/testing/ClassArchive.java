package io.tidemark.testing;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The classes of this JVM in a form from which child JVMs start with half the work.
 *
 * <p>A first run of a program leaves what it loaded in a class data sharing archive. Archives take
 * classes from jars only, so directories of the class path become jars.
 */
public final class ClassArchive implements AutoCloseable {

  /** A child lives a second: better little to compile and one thread to collect. */
  private static final List<String> SHORT_LIFE =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m");

  private final Path directory;
  private final List<String> options;

  private ClassArchive(Path directory, List<String> options) {
    this.directory = directory;
    this.options = options;
  }

  /**
   * Runs a program once to its end and keeps the classes it loaded.
   *
   * @throws IOException if it does not end well
   */
  public static ClassArchive of(Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("tidemark-classes");
    List<String> options = new ArrayList<>(SHORT_LIFE);
    options.addAll(List.of("-cp", classPath(directory)));
    Path archive = directory.resolve("classes.jsa");
    List<String> first = new ArrayList<>(options);
    first.addAll(List.of("-XX:ArchiveClassesAtExit=" + archive, "-Xlog:cds=off", "-Xlog:cds*=off"));
    try (ChildJvm child = ChildJvm.start(first, program, arguments)) {
      child.writeLine("");
      while (child.readLine() != null) {
        // What it says is of no interest.
      }
      if (child.awaitEnd() != 0) {
        throw new IOException("first run failed: program=" + program + ", " + child.errors());
      }
    }
    options.add("-XX:SharedArchiveFile=" + archive);
    return new ClassArchive(directory, options);
  }

  private static String classPath(Path directory) throws IOException {
    List<String> entries = new ArrayList<>();
    for (String entry :
        System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator), -1)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        Path jar = directory.resolve("classes" + entries.size() + ".jar");
        pack(path, jar);
        entries.add(jar.toString());
      } else {
        entries.add(entry);
      }
    }
    return String.join(File.pathSeparator, entries);
  }

  private static void pack(Path classes, Path jar) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream out = new ZipOutputStream(file)) {
      for (Path path : FileTrees.files(classes)) {
        out.putNextEntry(new ZipEntry(classes.relativize(path).toString()));
        Files.copy(path, out);
      }
    }
  }

  /** Starts a child JVM. */
  public ChildJvm start(Class<?> mainClass, String... arguments) throws IOException {
    return ChildJvm.start(options, mainClass, arguments);
  }

  @Override
  public void close() throws IOException {
    FileTrees.delete(directory);
  }
}
