package io.tidemark.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import io.tidemark.testing.Unsigned;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of blocks, in memory and in a file. */
class CatalogTest {
  private static final long STORE_ID = 4711;

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = directory.resolve("9.cat");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Catalog ofEdges() {
    Catalog catalog = new Catalog();
    for (long id : Unsigned.EDGES) {
      catalog.assign(1, id, utf8("d" + Long.toUnsignedString(id)));
    }
    return catalog;
  }

  private void publish(Catalog catalog) throws IOException {
    Catalog.publish(FileStorageIO.INSTANCE, file, STORE_ID, 9, catalog.image(9));
  }

  @Test
  void shouldReadBackWhatWasPublished() throws IOException {
    Catalog catalog = ofEdges();
    catalog.assign(1, 77, new byte[0]);
    byte[] longest = new byte[65_535];
    longest[65_534] = 1;
    catalog.assign(1, 78, longest);

    publish(catalog);

    Catalog read = Catalog.open(file, STORE_ID);
    assertTrue(catalog.sameAs(read));
    assertEquals(Unsigned.EDGES.size() + 2, read.size());
    assertArrayEquals(utf8("d18446744073709551615"), read.name(-1));
    assertArrayEquals(longest, read.name(78));
    assertNull(read.name(79));
  }

  @Test
  void shouldListIdsInUnsignedOrder() {
    assertArrayEquals(
        Unsigned.EDGES.stream().mapToLong(Long::longValue).toArray(), ofEdges().ids());
  }

  @Test
  void shouldKeepTheFirstNameOfAnId() {
    Catalog catalog = new Catalog();
    catalog.assign(1, 1, utf8("first"));

    catalog.assign(1, 1, utf8("second"));

    assertArrayEquals(utf8("first"), catalog.name(1));
    assertEquals(1, catalog.size());
  }

  @Test
  void shouldLeaveOutNamesBehindThePositionOfAnImage() throws IOException {
    Catalog catalog = new Catalog();
    catalog.assign(3, 1, utf8("a"));
    catalog.assign(9, 2, utf8("b"));
    catalog.assign(10, 3, utf8("c"));
    catalog.assign(11, 1, utf8("not its first name"));
    catalog.settle(5);

    publish(catalog);

    Catalog read = Catalog.open(file, STORE_ID);
    assertArrayEquals(new long[] {1, 2}, read.ids());
    assertArrayEquals(new long[] {1, 2, 3}, catalog.ids());
  }

  @Test
  void shouldTellCatalogsApart() {
    Catalog other = ofEdges();
    assertTrue(ofEdges().sameAs(other));

    other.assign(1, 99, utf8("more"));

    assertFalse(ofEdges().sameAs(other));
    assertFalse(other.sameAs(ofEdges()));
    Catalog renamed = new Catalog();
    renamed.assign(1, 1, utf8("a"));
    Catalog named = new Catalog();
    named.assign(1, 1, utf8("b"));
    assertFalse(named.sameAs(renamed));
  }

  @Test
  void shouldPublishTheSameBytesWhateverTheOrderOfNames() throws IOException {
    Catalog forwards = new Catalog();
    forwards.assign(1, 1, utf8("a"));
    forwards.assign(1, -1, utf8("b"));
    Catalog backwards = new Catalog();
    backwards.assign(1, -1, utf8("b"));
    backwards.assign(1, 1, utf8("a"));

    publish(forwards);
    ByteBuffer first = PublishedFile.open(file, FileType.CATALOG, 1, STORE_ID).payload();
    publish(backwards);
    ByteBuffer second = PublishedFile.open(file, FileType.CATALOG, 1, STORE_ID).payload();

    assertEquals(first, second);
  }

  @Test
  void shouldDetectEveryDamagedByte() throws IOException {
    publish(ofEdges());
    byte[] intact = Files.readAllBytes(file);

    for (int at = 0; at < intact.length; at++) {
      byte[] damaged = intact.clone();
      damaged[at] ^= (byte) (1 << at % Byte.SIZE);
      Files.write(file, damaged);
      assertThrows(CorruptFileException.class, () -> Catalog.open(file, STORE_ID), "byte " + at);
    }
  }

  @Test
  void shouldSayThatNamesAreCut() throws IOException {
    ByteBuffer payload = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    payload.putLong(0, 1);
    PublishedFile.publish(file, FileType.CATALOG, 1, STORE_ID, 0, 9, payload);

    CorruptFileException e =
        assertThrows(CorruptFileException.class, () -> Catalog.open(file, STORE_ID));

    assertEquals("corrupt file: names are cut: file=" + file, e.getMessage());
  }
}
