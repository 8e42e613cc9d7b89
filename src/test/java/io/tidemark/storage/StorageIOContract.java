package io.tidemark.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.StoreLockedException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every place that keeps the files of a store has to do. */
abstract class StorageIOContract {

  /** Returns the place under test. */
  abstract StorageIO io();

  /** Returns an existing directory in it. */
  abstract Path root();

  private Path path(String name) {
    return root().resolve(name);
  }

  private void write(String name, String text) throws IOException {
    try (StorageFile file = io().create(path(name))) {
      file.write(bytes(text), 0);
      file.force();
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private String read(String name) throws IOException {
    return StandardCharsets.UTF_8.decode(io().map(path(name))).toString();
  }

  @Test
  void shouldReadWhatWasWritten() throws IOException {
    ByteBuffer source = bytes("what was written");
    try (StorageFile file = io().create(path("file"))) {
      file.write(source, 0);
      file.force();

      assertFalse(source.hasRemaining());
      assertEquals(16, file.length());
      assertEquals(16, io().length(path("file")));
    }

    assertEquals("what was written", read("file"));
    try (StorageFile file = io().openForReading(path("file"))) {
      ByteBuffer part = ByteBuffer.allocate(3);
      assertEquals(3, file.read(part, 5));
      assertEquals("was", StandardCharsets.UTF_8.decode(part.flip()).toString());
      assertEquals(-1, file.read(ByteBuffer.allocate(1), 16));
    }
  }

  @Test
  void shouldMapReadOnlyAndLittleEndian() throws IOException {
    write("file", "12345678");

    ByteBuffer mapped = io().map(path("file"));

    assertTrue(mapped.isReadOnly());
    assertEquals(ByteOrder.LITTLE_ENDIAN, mapped.order());
    assertEquals(0, mapped.position());
    assertEquals(8, mapped.capacity());
    assertEquals(0x3837363534333231L, mapped.getLong(0));
  }

  @Test
  void shouldKeepAMappingOfADeletedFile() throws IOException {
    write("file", "kept");
    ByteBuffer mapped = io().map(path("file"));

    io().delete(path("file"));

    assertEquals("kept", StandardCharsets.UTF_8.decode(mapped).toString());
  }

  @Test
  void shouldKeepAMappingOfAReplacedFile() throws IOException {
    write("file", "old");
    write("new", "new");
    ByteBuffer mapped = io().map(path("file"));

    io().rename(path("new"), path("file"));

    assertEquals("old", StandardCharsets.UTF_8.decode(mapped).toString());
    assertEquals("new", read("file"));
  }

  @Test
  void shouldMapAnEmptyFile() throws IOException {
    write("file", "");

    assertEquals(0, io().map(path("file")).capacity());
  }

  @Test
  void shouldFillAHoleWithZeros() throws IOException {
    try (StorageFile file = io().create(path("file"))) {
      file.write(bytes("end"), 5000);
    }

    ByteBuffer mapped = io().map(path("file"));
    assertEquals(5003, mapped.capacity());
    for (int at = 0; at < 5000; at++) {
      assertEquals(0, mapped.get(at));
    }
  }

  @Test
  void shouldOverwriteInPlace() throws IOException {
    write("file", "what was written");

    try (StorageFile file = io().openForWriting(path("file"))) {
      file.write(bytes("is "), 5);
    }

    assertEquals("what is  written", read("file"));
  }

  @Test
  void shouldEmptyAFileThatIsCreatedAgain() throws IOException {
    write("file", "long content");
    write("file", "short");

    assertEquals("short", read("file"));
    assertEquals(List.of(path("file")), io().list(root()));
  }

  @Test
  void shouldListByName() throws IOException {
    write("b", "");
    write("a", "");
    io().createDirectory(path("c/d"));

    assertEquals(List.of(path("a"), path("b"), path("c")), io().list(root()));
    assertEquals(List.of(path("c/d")), io().list(path("c")));
    assertEquals(List.of(), io().list(path("absent")));
  }

  @Test
  void shouldTellFilesFromDirectories() throws IOException {
    write("file", "");
    io().createDirectory(path("directory"));

    assertTrue(io().exists(path("file")));
    assertTrue(io().exists(path("directory")));
    assertFalse(io().exists(path("absent")));
    assertFalse(io().isDirectory(path("file")));
    assertTrue(io().isDirectory(path("directory")));
    assertFalse(io().isDirectory(path("absent")));
  }

  @Test
  void shouldCreateADirectoryThatIsThere() throws IOException {
    io().createDirectory(path("directory"));
    io().createDirectory(path("directory"));
    io().createDurably(path("directory/one/two"));
    io().forceDirectory(path("directory/one/two"));

    assertTrue(io().isDirectory(path("directory/one/two")));
  }

  @Test
  void shouldRenameAFile() throws IOException {
    write("from", "content");

    io().rename(path("from"), path("to"));

    assertEquals(List.of(path("to")), io().list(root()));
    assertEquals("content", read("to"));
  }

  @Test
  void shouldRenameADirectoryWithWhatIsInIt() throws IOException {
    io().createDirectory(path("from"));
    write("from/file", "content");

    io().rename(path("from"), path("to"));

    assertEquals("content", read("to/file"));
    assertFalse(io().exists(path("from")));
  }

  @Test
  void shouldRefuseToDeleteADirectoryThatIsNotEmpty() throws IOException {
    io().createDirectory(path("directory"));
    write("directory/file", "");

    assertThrows(IOException.class, () -> io().delete(path("directory")));

    assertTrue(io().exists(path("directory/file")));
  }

  @Test
  void shouldDeleteATree() throws IOException {
    io().createDirectory(path("directory/below"));
    write("directory/below/file", "");
    write("directory/file", "");

    io().deleteTree(path("directory"));
    io().deleteTree(path("absent"));

    assertEquals(List.of(), io().list(root()));
  }

  @Test
  void shouldNameAFileThatIsNotThere() {
    Path absent = path("absent");

    assertThrows(NoSuchFileException.class, () -> io().openForReading(absent));
    assertThrows(NoSuchFileException.class, () -> io().openForWriting(absent));
    assertThrows(NoSuchFileException.class, () -> io().map(absent));
    assertThrows(NoSuchFileException.class, () -> io().length(absent));
    assertThrows(NoSuchFileException.class, () -> io().delete(absent));
    assertThrows(NoSuchFileException.class, () -> io().rename(absent, path("to")));
    assertThrows(NoSuchFileException.class, () -> io().forceDirectory(absent));
    assertThrows(NoSuchFileException.class, () -> io().create(absent.resolve("file")));
  }

  @Test
  void shouldGiveALockToOneAtATime() throws IOException {
    try (Closeable held = io().lock(path("LOCK"))) {
      assertNotNull(held);
      assertThrows(StoreLockedException.class, () -> io().lock(path("LOCK")));
    }
    io().lock(path("LOCK")).close();
  }

  @Test
  void shouldMeasureTheSpaceThatIsLeft() throws IOException {
    assertTrue(io().usableSpace(root()) > 0);
  }
}
