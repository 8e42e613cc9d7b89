package io.tidemark.tdengine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The files a real server wrote, kept as test resources. */
public final class Corpus {
  static final String BIG_SEGMENT_VNODE = "s3-wave2-unflushed/vnode23";

  private Corpus() {}

  /** Returns the directory of snapshots. */
  public static Path root() {
    return resource("/tdengine/corpus");
  }

  /** Returns a file among the test resources. */
  public static Path resource(String name) {
    final URL url = Objects.requireNonNull(Corpus.class.getResource(name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("resource cannot be opened: name=" + name, e);
    }
  }

  /** Lists the snapshots s1 to s11. */
  public static List<Path> snapshots() {
    try (Stream<Path> entries = Files.list(root())) {
      return entries.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lists the vnodes of a snapshot. */
  public static List<VnodeDirectory> vnodesOf(Path snapshot) {
    try {
      return VnodeDirectory.find(snapshot);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lists the vnodes of all snapshots. */
  public static Stream<VnodeDirectory> vnodes() {
    return snapshots().stream().flatMap(snapshot -> vnodesOf(snapshot).stream());
  }
}
