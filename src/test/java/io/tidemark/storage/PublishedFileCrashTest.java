package io.tidemark.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.testing.ChildJvm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

/** A writer killed at any moment leaves an old file or a new one, never a part of one. */
class PublishedFileCrashTest {
  private static final long STORE_ID = 77;
  private static final int LENGTH = 300_000;
  private static final String NAME = "checkpoint";

  @TempDir Path directory;

  /** Publishes one file again and again and reports each time. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) throws IOException {
      Path file = Path.of(arguments[0]).resolve(NAME);
      for (long position = 1; ; position++) {
        byte[] payload = new byte[LENGTH];
        Arrays.fill(payload, (byte) position);
        PublishedFile.publish(
            file, FileType.CHECKPOINT, 1, STORE_ID, position, position, ByteBuffer.wrap(payload));
        System.out.println(position);
      }
    }
  }

  @RepeatedTest(5)
  void shouldLeaveAWholeFileWhenTheWriterIsKilled(RepetitionInfo repetition) throws IOException {
    long reported = 0;
    try (ChildJvm writer = ChildJvm.start(Writer.class, directory.toString())) {
      while (reported < 3L * repetition.getCurrentRepetition()) {
        reported = Long.parseLong(Objects.requireNonNull(writer.readLine(), "writer ended"));
      }
      writer.kill();
    }

    PublishedFile left =
        PublishedFile.open(directory.resolve(NAME), FileType.CHECKPOINT, 1, STORE_ID);

    long position = left.header().lastPosition();
    assertTrue(position >= reported, "position " + position + ", reported " + reported);
    ByteBuffer payload = left.payload();
    assertEquals(LENGTH, payload.remaining());
    assertEquals((byte) position, payload.get(0));
    assertEquals((byte) position, payload.get(LENGTH - 1));
  }
}
