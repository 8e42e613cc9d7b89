package io.tidemark.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.testing.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A payload written in pieces is published as if it had been written whole. */
class PublishedFileWriterTest {
  private static final long STORE_ID = 4711;
  private static final int VERSION = 2;

  @TempDir Path directory;

  private PublishedFileWriter begin(Path file) throws IOException {
    return new PublishedFileWriter(
        FileStorageIO.INSTANCE, file, FileType.SNAPSHOT, VERSION, STORE_ID);
  }

  @Test
  void shouldPublishPiecesAsOnePayload() {
    Seeds.each(
        30,
        random -> {
          byte[] payload = new byte[random.nextInt(300_000)];
          random.nextBytes(payload);
          Path file = directory.resolve("7.snap");

          try (PublishedFileWriter out = begin(file)) {
            int from = 0;
            while (from < payload.length) {
              int length = Math.min(payload.length - from, 1 + random.nextInt(100_000));
              out.write(payload, from, length);
              from += length;
            }
            out.publish(3, 9);
          }

          PublishedFile published = PublishedFile.open(file, FileType.SNAPSHOT, VERSION, STORE_ID);
          assertEquals(ByteBuffer.wrap(payload), published.payload());
          assertEquals(3, published.header().firstPosition());
          assertEquals(9, published.header().lastPosition());
          assertEquals(List.of(file), Directories.list(directory));
        });
  }

  @Test
  void shouldShowNothingUntilItIsPublished() throws IOException {
    Path file = directory.resolve("7.snap");
    try (PublishedFileWriter out = begin(file)) {
      out.write(new byte[200_000]);

      assertEquals(false, Files.exists(file));
    }

    assertEquals(List.of(), Directories.list(directory));
  }

  @Test
  void shouldCheckTheHeaderOnlyWhenAskedTo() throws IOException {
    Path file = directory.resolve("7.snap");
    try (PublishedFileWriter out = begin(file)) {
      out.write(1);
      out.write(2);
      out.publish(3, 9);
    }
    byte[] intact = Files.readAllBytes(file);
    byte[] damaged = intact.clone();
    damaged[intact.length - 1] ^= 1;
    Files.write(file, damaged);

    PublishedFile opened =
        PublishedFile.openHeader(
            FileStorageIO.INSTANCE, file, FileType.SNAPSHOT, VERSION, STORE_ID);

    byte[] payload = new byte[2];
    opened.payload().get(payload);
    assertArrayEquals(Arrays.copyOfRange(damaged, FileHeader.LENGTH, damaged.length), payload);
    assertThrows(
        CorruptFileException.class,
        () -> PublishedFile.open(file, FileType.SNAPSHOT, VERSION, STORE_ID));
    damaged[8] ^= 1;
    Files.write(file, damaged);
    assertThrows(
        CorruptFileException.class,
        () ->
            PublishedFile.openHeader(
                FileStorageIO.INSTANCE, file, FileType.SNAPSHOT, VERSION, STORE_ID));
  }
}
