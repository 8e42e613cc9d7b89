package io.tidemark.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * A directory with a program that stands in for taosdump, which the library's tests use too.
 *
 * @param directory beside which lies what it holds and what it was called with
 */
record TaosdumpPlace(Path directory) {
  private static final Path PROGRAMS =
      Path.of("../src/test/resources/tdengine/taosdump/standin").toAbsolutePath().normalize();

  /** Makes the server hold a row under every name. */
  static TaosdumpPlace create(Path directory) throws IOException {
    Files.createDirectories(directory);
    for (String name : List.of("taosdump", "taos")) {
      Path program = directory.resolve(name);
      Files.copy(PROGRAMS.resolve(name), program);
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }
    Files.writeString(directory.resolve("tables"), "1 *\n");
    return new TaosdumpPlace(directory);
  }

  Path program() {
    return directory.resolve("taosdump");
  }

  void write(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }

  List<String> lines(String name) throws IOException {
    Path file = directory.resolve(name);
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  /** Runs a script with the programs and returns its exit code. */
  int run(Path script, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", script.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("printed").toFile());
    builder.environment().put("TAOSDUMP", program().toString());
    builder.environment().put("TAOS", directory.resolve("taos").toString());
    builder.environment().put("TIDEMARK_RETRY_COUNT", "0");
    return builder.start().waitFor();
  }
}
