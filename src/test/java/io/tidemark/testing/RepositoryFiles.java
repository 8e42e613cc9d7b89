package io.tidemark.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of the repository, whichever of its directories the tests run in. */
public final class RepositoryFiles {
  private RepositoryFiles() {}

  /** Returns where a file or directory of the repository lies. */
  public static Path path(String name) {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("docs"))) {
      root = root.resolve("..").normalize();
    }
    return root.resolve(name);
  }

  /** Returns the text of a file of the repository. */
  public static String read(String name) throws IOException {
    return Files.readString(path(name));
  }
}
