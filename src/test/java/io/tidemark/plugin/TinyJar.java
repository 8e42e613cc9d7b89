package io.tidemark.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Compiles a tiny plugin and packs it into a jar. */
public final class TinyJar {
  private static final String SERVICE = "META-INF/services/io.tidemark.plugin.BackupPluginProvider";

  private final Path classes;

  private TinyJar(Path classes) {
    this.classes = classes;
  }

  /** Compiles the plugin with a version and the version of the interface that it names. */
  public static TinyJar compiled(Path directory, String version, int apiVersion)
      throws IOException {
    String text;
    try (InputStream in = TinyJar.class.getResourceAsStream("/plugin/TinyPlugin.java.txt")) {
      text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
    Path source = Files.createDirectories(directory.resolve(version)).resolve("TinyPlugin.java");
    Files.writeString(
        source, text.replace("@VERSION@", version).replace("@API@", String.valueOf(apiVersion)));
    Path classes = Files.createDirectories(source.resolveSibling("classes"));
    JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
    String path = System.getProperty("java.class.path");
    int failed =
        compiler.run(
            null,
            null,
            null,
            "-proc:none",
            "-d",
            classes.toString(),
            "-cp",
            Objects.requireNonNull(path),
            source.toString());
    assertEquals(0, failed);
    return new TinyJar(classes);
  }

  /** Packs the classes, in whose service file some providers are named. */
  public void pack(Path jar, String... providers) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> tree = Files.walk(classes)) {
      List<Path> files = tree.filter(Files::isRegularFile).sorted().toList();
      for (Path file : files) {
        out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, out);
        out.closeEntry();
      }
      if (providers.length > 0) {
        out.putNextEntry(new JarEntry(SERVICE));
        out.write(String.join("\n", providers).getBytes(StandardCharsets.UTF_8));
        out.closeEntry();
      }
    }
  }
}
