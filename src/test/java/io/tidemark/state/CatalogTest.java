package io.tidemark.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.CorruptFileException;
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
      catalog.assign(id, utf8("d" + Long.toUnsignedString(id)));
    }
    return catalog;
  }

  @Test
  void shouldReadBackWhatWasPublished() throws IOException {
    Catalog catalog = ofEdges();
    catalog.assign(77, new byte[0]);
    byte[] longest = new byte[65_535];
    longest[65_534] = 1;
    catalog.assign(78, longest);

    catalog.publish(file, STORE_ID, 9);

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
    catalog.assign(1, utf8("first"));

    catalog.assign(1, utf8("second"));

    assertArrayEquals(utf8("first"), catalog.name(1));
    assertEquals(1, catalog.size());
  }

  @Test
  void shouldTellCatalogsApart() {
    Catalog other = ofEdges();
    assertTrue(ofEdges().sameAs(other));

    other.assign(99, utf8("more"));

    assertFalse(ofEdges().sameAs(other));
    assertFalse(other.sameAs(ofEdges()));
    Catalog renamed = new Catalog();
    renamed.assign(1, utf8("a"));
    Catalog named = new Catalog();
    named.assign(1, utf8("b"));
    assertFalse(named.sameAs(renamed));
  }

  @Test
  void shouldPublishTheSameBytesWhateverTheOrderOfNames() throws IOException {
    Catalog forwards = new Catalog();
    forwards.assign(1, utf8("a"));
    forwards.assign(-1, utf8("b"));
    Catalog backwards = new Catalog();
    backwards.assign(-1, utf8("b"));
    backwards.assign(1, utf8("a"));

    forwards.publish(file, STORE_ID, 9);
    ByteBuffer first = PublishedFile.open(file, FileType.CATALOG, 1, STORE_ID).payload();
    backwards.publish(file, STORE_ID, 9);
    ByteBuffer second = PublishedFile.open(file, FileType.CATALOG, 1, STORE_ID).payload();

    assertEquals(first, second);
  }

  @Test
  void shouldDetectEveryDamagedByte() throws IOException {
    ofEdges().publish(file, STORE_ID, 9);
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
