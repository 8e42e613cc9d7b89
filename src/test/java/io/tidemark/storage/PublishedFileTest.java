package io.tidemark.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.errors.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that appear whole or not at all, and whose every byte is checked. */
class PublishedFileTest {
  private static final long STORE_ID = 0xFEDC_BA98_7654_3210L;
  private static final byte[] PAYLOAD = "what was published".getBytes(StandardCharsets.UTF_8);
  private static final int VERSION = 3;

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = directory.resolve("7.snap");
  }

  private void publish(byte[] payload) throws IOException {
    PublishedFile.publish(
        file, FileType.SNAPSHOT, VERSION, STORE_ID, 7, 9, ByteBuffer.wrap(payload));
  }

  private PublishedFile open() throws IOException {
    return PublishedFile.open(file, FileType.SNAPSHOT, VERSION, STORE_ID);
  }

  private static byte[] bytesOf(PublishedFile published) {
    ByteBuffer payload = published.payload();
    byte[] result = new byte[payload.remaining()];
    payload.get(result);
    return result;
  }

  @Test
  void shouldGiveBackWhatWasPublished() throws IOException {
    publish(PAYLOAD);

    PublishedFile published = open();

    assertArrayEquals(PAYLOAD, bytesOf(published));
    assertArrayEquals(PAYLOAD, bytesOf(published), "a second reader starts at the beginning");
    assertTrue(published.payload().isReadOnly());
    assertEquals(file, published.path());
    assertEquals(FileType.SNAPSHOT, published.header().type());
    assertEquals(VERSION, published.header().formatVersion());
    assertEquals(STORE_ID, published.header().storeId());
    assertEquals(7, published.header().firstPosition());
    assertEquals(9, published.header().lastPosition());
    assertEquals(FileHeader.LENGTH + PAYLOAD.length, Files.size(file));
    assertEquals(List.of(file), Directories.list(directory), "no temporary file stays");
  }

  @Test
  void shouldPublishTheBufferFromPositionToLimit() throws IOException {
    ByteBuffer payload = ByteBuffer.wrap(PAYLOAD).position(5).limit(8);

    PublishedFile.publish(file, FileType.SNAPSHOT, VERSION, STORE_ID, 7, 9, payload);

    assertArrayEquals(Arrays.copyOfRange(PAYLOAD, 5, 8), bytesOf(open()));
  }

  @Test
  void shouldPublishAnEmptyPayload() throws IOException {
    publish(new byte[0]);

    assertEquals(0, open().payload().remaining());
  }

  @Test
  void shouldDetectEverySingleBitFlip() throws IOException {
    publish(PAYLOAD);
    byte[] intact = Files.readAllBytes(file);

    for (int bit = 0; bit < intact.length * Byte.SIZE; bit++) {
      byte[] damaged = intact.clone();
      damaged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      Files.write(file, damaged);
      assertThrows(CorruptFileException.class, this::open, "bit " + bit);
    }
  }

  @Test
  void shouldDetectEveryTruncation() throws IOException {
    publish(PAYLOAD);
    byte[] intact = Files.readAllBytes(file);

    for (int length = 0; length < intact.length; length++) {
      Files.write(file, Arrays.copyOf(intact, length));
      CorruptFileException e =
          assertThrows(CorruptFileException.class, this::open, "length " + length);
      assertEquals(
          length < FileHeader.LENGTH
              ? "corrupt file: shorter than its header: length=" + length + ", file=" + file
              : "corrupt file: wrong length: expected=82, actual=" + length + ", file=" + file,
          e.getMessage());
    }
  }

  @Test
  void shouldDetectBytesBehindTheEnd() throws IOException {
    publish(PAYLOAD);
    byte[] intact = Files.readAllBytes(file);

    Files.write(file, Arrays.copyOf(intact, intact.length + 1));

    assertEquals(
        "corrupt file: wrong length: expected=82, actual=83, file=" + file,
        assertThrows(CorruptFileException.class, this::open).getMessage());
  }

  @Test
  void shouldNameBothPayloadCrcs() throws IOException {
    publish("123456789".getBytes(StandardCharsets.US_ASCII));
    byte[] damaged = Files.readAllBytes(file);
    damaged[damaged.length - 1] = '0';
    Files.write(file, damaged);

    // 0xE3069283 is the published check value of CRC32C.
    assertEquals(
        "corrupt file: wrong payload CRC: expected=0xE3069283, actual=0x9BB4494F, file=" + file,
        assertThrows(CorruptFileException.class, this::open).getMessage());
  }

  @Test
  void shouldRefuseAFileOfAnotherStoreTypeOrNewerVersion() throws IOException {
    publish(PAYLOAD);

    assertThrows(
        ForeignFileException.class,
        () -> PublishedFile.open(file, FileType.SNAPSHOT, VERSION, STORE_ID + 1));
    assertThrows(
        CorruptFileException.class,
        () -> PublishedFile.open(file, FileType.SEGMENT, VERSION, STORE_ID));
    assertThrows(
        UnsupportedFormatException.class,
        () -> PublishedFile.open(file, FileType.SNAPSHOT, VERSION - 1, STORE_ID));
    assertArrayEquals(
        PAYLOAD, bytesOf(PublishedFile.open(file, FileType.SNAPSHOT, VERSION + 1, 0)));
  }

  @Test
  void shouldSayThatThereIsNoSuchFile() {
    assertEquals(file.toString(), assertThrows(NoSuchFileException.class, this::open).getMessage());
  }

  @Test
  void shouldKeepTheOldFileWhenTheNewOneWasNeverRenamed() throws IOException {
    publish(PAYLOAD);
    Path temporary = directory.resolve("7.snap" + PublishedFile.TEMPORARY_SUFFIX);
    Files.write(temporary, new byte[] {1, 2, 3});

    assertArrayEquals(PAYLOAD, bytesOf(open()));
  }

  @Test
  void shouldOverwriteTheLongerTemporaryFileOfACrash() throws IOException {
    Path temporary = directory.resolve("7.snap" + PublishedFile.TEMPORARY_SUFFIX);
    Files.write(temporary, new byte[1000]);

    publish(PAYLOAD);

    assertArrayEquals(PAYLOAD, bytesOf(open()));
    assertEquals(List.of(file), Directories.list(directory));
  }

  @Test
  void shouldKeepWhatAReaderMappedWhenTheFileIsReplaced() throws IOException {
    publish(PAYLOAD);
    PublishedFile before = open();

    publish(new byte[] {1});

    assertArrayEquals(PAYLOAD, bytesOf(before));
    assertArrayEquals(new byte[] {1}, bytesOf(open()));
  }
}
