package io.tidemark.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.errors.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The bytes of a header, and each way in which they can be wrong. */
class FileHeaderTest {
  private static final Path FILE = Path.of("/store/segments/1-9.seg");
  private static final long STORE_ID = 0x1122334455667788L;
  private static final FileHeader HEADER =
      new FileHeader(FileType.SEGMENT, 1, STORE_ID, 1, -1, 5, 0xCAFEBABE, 1_700_000_000_000L);
  private static final long FILE_LENGTH = FileHeader.LENGTH + 5;

  /** Made by another program, with a CRC32C of its own. */
  private static final String IMAGE =
      "544944454d41524b" // TIDEMARK
          + "02000100d663d7f2" // type, version, header CRC
          + "8877665544332211" // store id
          + "0100000000000000" // first position
          + "ffffffffffffffff" // last position
          + "0500000000000000" // payload length
          + "bebafeca00000000" // payload CRC
          + "0068e5cf8b010000"; // created

  private static ByteBuffer image() {
    return ByteBuffer.wrap(HexFormat.of().parseHex(IMAGE)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static FileHeader decode(ByteBuffer image) {
    return FileHeader.decode(image, FILE_LENGTH, FileType.SEGMENT, 1, STORE_ID, FILE);
  }

  /** The header as a program would write it that sets other fields. */
  private static ByteBuffer encoded(FileType type, int version) {
    ByteBuffer buffer = ByteBuffer.allocate(FileHeader.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    new FileHeader(type, version, STORE_ID, 1, 9, 5, 0, 0).encode(buffer);
    return buffer;
  }

  @Test
  void shouldWriteTheseBytes() {
    ByteBuffer buffer = ByteBuffer.allocate(FileHeader.LENGTH).order(ByteOrder.LITTLE_ENDIAN);

    HEADER.encode(buffer);

    assertEquals(IMAGE, HexFormat.of().formatHex(buffer.array()));
  }

  @Test
  void shouldReadTheseBytes() {
    assertEquals(HEADER, decode(image()));
  }

  @Test
  void shouldReadTheHeaderOfAnyStoreWhenNoneIsAsked() {
    assertEquals(HEADER, FileHeader.decode(image(), FILE_LENGTH, FileType.SEGMENT, 1, 0, FILE));
  }

  @Test
  void shouldRejectEverySingleBitFlip() {
    for (int bit = 0; bit < FileHeader.LENGTH * Byte.SIZE; bit++) {
      ByteBuffer image = image();
      image.put(bit / Byte.SIZE, (byte) (image.get(bit / Byte.SIZE) ^ 1 << bit % Byte.SIZE));

      assertThrows(CorruptFileException.class, () -> decode(image), "bit " + bit);
    }
  }

  @Test
  void shouldNameTheMagicItFound() {
    ByteBuffer image = image().put(0, "PK".getBytes(StandardCharsets.US_ASCII));

    assertEquals(
        "corrupt file: wrong magic: expected=0x4B52414D45444954, actual=0x4B52414D45444B50, file="
            + FILE,
        assertThrows(CorruptFileException.class, () -> decode(image)).getMessage());
  }

  @Test
  void shouldNameBothHeaderCrcs() {
    ByteBuffer image = image().putInt(12, 0);

    assertEquals(
        "corrupt file: wrong header CRC: expected=0x00000000, actual=0xF2D763D6, file=" + FILE,
        assertThrows(CorruptFileException.class, () -> decode(image)).getMessage());
  }

  @Test
  void shouldRejectAnotherType() {
    ByteBuffer image = encoded(FileType.CATALOG, 1);

    assertEquals(
        "corrupt file: wrong type: expected=SEGMENT, actual=4, file=" + FILE,
        assertThrows(CorruptFileException.class, () -> decode(image)).getMessage());
  }

  @Test
  void shouldRejectANewerVersion() {
    ByteBuffer image = encoded(FileType.SEGMENT, 2);

    assertEquals(
        "file format is newer than this program reads: type=SEGMENT, newest=1, actual=2, file="
            + FILE,
        assertThrows(UnsupportedFormatException.class, () -> decode(image)).getMessage());
  }

  @Test
  void shouldReadVersionsAsUnsigned() {
    ByteBuffer image = encoded(FileType.SEGMENT, 0xFFFF);

    assertEquals(
        "file format is newer than this program reads: type=SEGMENT, newest=1, actual=65535, file="
            + FILE,
        assertThrows(UnsupportedFormatException.class, () -> decode(image)).getMessage());
  }

  @Test
  void shouldRejectAnotherStore() {
    ForeignFileException e =
        assertThrows(
            ForeignFileException.class,
            () -> FileHeader.decode(image(), FILE_LENGTH, FileType.SEGMENT, 1, 0xABC, FILE));

    assertEquals(
        "file belongs to another store: expected=0000000000000abc, actual=1122334455667788, file="
            + FILE,
        e.getMessage());
  }

  @Test
  void shouldRejectAFileShorterThanItsHeader() {
    CorruptFileException e =
        assertThrows(
            CorruptFileException.class,
            () -> FileHeader.decode(image(), 63, FileType.SEGMENT, 1, STORE_ID, FILE));

    assertEquals("corrupt file: shorter than its header: length=63, file=" + FILE, e.getMessage());
  }

  @Test
  void shouldRejectALengthThatIsNotTheFiles() {
    CorruptFileException e =
        assertThrows(
            CorruptFileException.class,
            () -> FileHeader.decode(image(), 70, FileType.SEGMENT, 1, STORE_ID, FILE));

    assertEquals(
        "corrupt file: wrong length: expected=69, actual=70, file=" + FILE, e.getMessage());
  }
}
