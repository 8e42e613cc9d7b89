package io.tidemark.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.testing.ChildJvm;
import io.tidemark.testing.EngineScript;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A writer that is killed at any moment loses no change whose call returned. */
class EmbeddedKillTest {
  private static final int KILLS = Rounds.of("tidemark.embedded.kills", 4, 2);
  private static final int REPORTS = 300;
  private static final int BLOCKS = 50;
  private static final int CONTENT_LENGTH = 100;
  private static final int CHANGES_PER_FLUSH = 37;

  @TempDir Path directory;

  /** Writes consecutive numbers, each into one of a few blocks, and reports each. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) throws IOException {
      try (EmbeddedEngine engine =
          EmbeddedEngine.open(Path.of(arguments[0]), EngineScript.smallOptions(1))) {
        for (long number = Long.parseLong(arguments[1]); ; number++) {
          ByteBuffer content = ByteBuffer.allocate(CONTENT_LENGTH).putLong(0, number);
          if (engine.length(number % BLOCKS) < 0) {
            engine.create(number % BLOCKS, content);
          } else {
            engine.update(number % BLOCKS, content);
          }
          System.out.println(number);
          if (number % CHANGES_PER_FLUSH == 0) {
            engine.flush();
          }
        }
      }
    }
  }

  @Test
  void shouldLoseNothingWhenItIsKilled() throws IOException {
    long next = 0;
    for (int kill = 1; kill <= KILLS; kill++) {
      long reported = 0;
      try (ChildJvm writer = ChildJvm.start(Writer.class, directory.toString(), "" + next)) {
        for (int report = 0; report < REPORTS; report++) {
          reported = Long.parseLong(Objects.requireNonNull(writer.readLine(), "writer ended"));
        }
        writer.kill();
        for (String line = writer.readLine(); line != null; line = writer.readLine()) {
          reported = Long.parseLong(line);
        }
      }

      long newest = newest();

      assertTrue(newest == reported || newest == reported + 1, newest + " after " + reported);
      next = newest + 1;
    }
  }

  /** Returns the newest number, after a look at every block. */
  private long newest() throws IOException {
    long[] newest = {-1};
    try (EmbeddedEngine engine = EmbeddedEngine.open(directory, EngineScript.smallOptions(1))) {
      engine.forEachBlock(
          (id, length) ->
              engine.read(id, content -> newest[0] = Math.max(newest[0], bigEndian(content))));
      for (long number = Math.max(newest[0] - BLOCKS + 1, 0); number <= newest[0]; number++) {
        long expected = number;
        assertTrue(
            engine.read(number % BLOCKS, content -> assertEquals(expected, bigEndian(content))));
      }
    }
    return newest[0];
  }

  private static long bigEndian(ByteBuffer content) {
    return content.duplicate().order(ByteOrder.BIG_ENDIAN).getLong(0);
  }
}
