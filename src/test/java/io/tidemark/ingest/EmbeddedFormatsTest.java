package io.tidemark.ingest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.tidemark.testing.RecordingSink;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An embedded engine that an earlier build wrote says what went into it.
 *
 * <p>Its files are never written again: a change that cannot read them is a new format version.
 */
class EmbeddedFormatsTest {
  private static final long SECOND_NS = 1_000_000_000;
  private static final EmbeddedOptions OPTIONS =
      new EmbeddedOptions(10, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 9, () -> SECOND_NS);

  @TempDir Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** What the engine was told, from its first moment to its close. */
  static void write(Path engineDirectory) throws IOException {
    try (EmbeddedEngine engine = EmbeddedEngine.open(engineDirectory, OPTIONS)) {
      engine.create(1, bytes("one"));
      engine.create(-1, bytes("last"));
      engine.create(2, bytes("two"));
      engine.flush();
      engine.delete(2);
      engine.update(1, bytes("one again"));
      engine.flush();
      engine.create(3, bytes("gone back"));
      engine.rollbackTo(16);
      engine.create(4, new byte[0]);
    }
  }

  private void copy(String name) throws IOException, URISyntaxException {
    URL url = EmbeddedFormatsTest.class.getResource("/formats/" + name);
    assertNotNull(url, name);
    Path source = Path.of(url.toURI());
    try (Stream<Path> tree = Files.walk(source)) {
      for (Path path : tree.toList()) {
        Path target = directory.resolve(source.relativize(path).toString());
        if (!target.equals(directory)) {
          Files.copy(path, target);
        }
      }
    }
  }

  @Test
  void shouldReadVersion1() throws IOException, URISyntaxException {
    copy("embedded-1");

    try (EmbeddedEngine engine = EmbeddedEngine.open(directory, OPTIONS)) {
      assertArrayEquals(bytes("one again"), engine.read(1));
      assertArrayEquals(bytes("last"), engine.read(-1));
      assertArrayEquals(new byte[0], engine.read(4));
      assertNull(engine.read(2));
      assertNull(engine.read(3));
      assertEquals("embedded-a6b9eadead8f6891", engine.shard());
      List<Long> ids = new ArrayList<>();
      engine.forEachBlock((id, length) -> ids.add(id));
      assertEquals(List.of(1L, 4L, -1L), ids);
      EmbeddedStatistics statistics = engine.statistics();
      assertEquals(18, statistics.walOffset());
      assertEquals(10, statistics.firstWalOffset());
      assertEquals(2, statistics.generation());

      RecordingSink sink = new RecordingSink();
      engine.start(null, sink);
      assertEquals(
          List.of(
              "CREATE 1 @10",
              "CREATE 18446744073709551615 @11",
              "CREATE 2 @12",
              "FLUSH all @13",
              "DELETE 2 @14",
              "UPDATE 1 @15",
              "FLUSH all @16",
              "CREATE 4 @18"),
          sink.events());
      engine.rollbackTo(12);
      assertArrayEquals(bytes("two"), engine.read(2));
    }
  }
}
