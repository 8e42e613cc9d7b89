package io.tidemark.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.PowerCut;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Memory keeps the contract, and forgets and fails as it is told. */
class MemoryStorageIOTest extends StorageIOContract {
  private static final Path ROOT = Path.of("/store");
  private static final Path FILE = ROOT.resolve("file");
  private static final int PAGE = PowerCut.PAGE;

  private final MemoryStorageIO memory = new MemoryStorageIO();

  @BeforeEach
  void createRoot() throws IOException {
    memory.createDurably(ROOT);
  }

  @Override
  StorageIO io() {
    return memory;
  }

  @Override
  Path root() {
    return ROOT;
  }

  private static ByteBuffer filled(int length, int value) {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      bytes.put((byte) value);
    }
    return bytes.flip();
  }

  /** Returns the value of each page of the file after a cut. */
  private static List<Integer> pages(MemoryStorageIO image) throws IOException {
    ByteBuffer bytes = image.map(FILE);
    List<Integer> pages = new ArrayList<>();
    for (int at = 0; at < bytes.capacity(); at += PAGE) {
      pages.add((int) bytes.get(at));
    }
    return pages;
  }

  @Test
  void shouldForgetANameThatWasNotForced() throws IOException {
    try (StorageFile file = memory.create(FILE)) {
      file.write(filled(1, 1), 0);
      file.force();
    }
    assertFalse(memory.after(PowerCut.keepingForced()).exists(FILE));
    assertTrue(memory.after(PowerCut.keepingAll()).exists(FILE));

    memory.forceDirectory(ROOT);

    assertEquals(List.of(1), pages(memory.after(PowerCut.keepingForced())));
  }

  @Test
  void shouldForgetContentThatWasNotForced() throws IOException {
    StorageFile file = memory.create(FILE);
    memory.forceDirectory(ROOT);
    file.write(filled(2 * PAGE, 1), 0);
    file.force();
    file.write(filled(2 * PAGE, 2), PAGE);

    assertEquals(List.of(1, 1), pages(memory.after(PowerCut.keepingForced())));
    assertEquals(List.of(1, 2, 2), pages(memory.after(PowerCut.keepingAll())));
    TreeSet<String> images = new TreeSet<>();
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      images.add(pages(memory.after(new PowerCut(random, 0.5, PAGE))).toString());
    }
    assertEquals(
        new TreeSet<>(
            List.of("[1, 1]", "[1, 2]", "[1, 1, 0]", "[1, 1, 2]", "[1, 2, 0]", "[1, 2, 2]")),
        images);
  }

  @Test
  void shouldBringBackADeletedFileWhoseDirectoryWasNotForced() throws IOException {
    StorageFile file = memory.create(FILE);
    file.write(filled(1, 7), 0);
    file.force();
    memory.forceDirectory(ROOT);
    memory.delete(FILE);

    assertEquals(List.of(7), pages(memory.after(PowerCut.keepingForced())));
    memory.forceDirectory(ROOT);
    assertFalse(memory.after(PowerCut.keepingForced()).exists(FILE));
  }

  @Test
  void shouldNotTearARename() throws IOException {
    memory.create(FILE).close();
    memory.forceDirectory(ROOT);
    Path to = ROOT.resolve("to");
    memory.rename(FILE, to);

    Random random = new Random(1);
    for (int i = 0; i < 100; i++) {
      MemoryStorageIO image = memory.after(new PowerCut(random, 0.5, PAGE));
      assertTrue(image.exists(FILE) != image.exists(to));
    }
  }

  @Test
  void shouldNeverWritePagesWhoseForceFailed() throws IOException {
    StorageFile file = memory.create(FILE);
    memory.forceDirectory(ROOT);
    file.write(filled(PAGE, 1), 0);
    memory.fault(
        (call, number, path) -> {
          if (call == MemoryStorageIO.Call.FORCE) {
            throw new IOException("made up");
          }
        });
    assertThrows(IOException.class, file::force);
    memory.fault((call, number, path) -> {});

    file.write(filled(PAGE, 2), PAGE);
    file.force();

    assertEquals(List.of(0, 2), pages(memory.after(PowerCut.keepingForced())));
  }

  @Test
  void shouldRunFull() throws IOException {
    memory.capacity(10);
    StorageFile file = memory.create(FILE);
    file.write(filled(6, 1), 0);

    IOException e = assertThrows(IOException.class, () -> file.write(filled(6, 2), 6));

    assertEquals("No space left on device", e.getMessage());
    assertEquals(10, memory.length(FILE));
    assertEquals(0, memory.usableSpace(ROOT));
    file.write(filled(6, 3), 0);
    memory.delete(FILE);
    assertEquals(10, memory.usableSpace(ROOT));
  }

  @Test
  void shouldChangeNothingWithoutPower() throws IOException {
    StorageFile file = memory.create(FILE);
    memory.powerOff();

    assertThrows(MemoryStorageIO.PowerLostException.class, () -> file.write(filled(1, 1), 0));
    assertThrows(MemoryStorageIO.PowerLostException.class, () -> memory.delete(FILE));
    assertEquals(List.of(), pages(memory.after(PowerCut.keepingAll())));
  }
}
