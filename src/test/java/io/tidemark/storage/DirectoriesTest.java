package io.tidemark.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.testing.RecordedFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Listing, forcing and deleting directories. */
class DirectoriesTest {
  @TempDir Path directory;

  @Test
  void shouldListByName() throws IOException {
    for (String name : List.of("b", "c", "a")) {
      Files.createFile(directory.resolve(name));
    }

    assertEquals(
        List.of(directory.resolve("a"), directory.resolve("b"), directory.resolve("c")),
        Directories.list(directory));
  }

  @Test
  void shouldListNothingWhereThereIsNoDirectory() throws IOException {
    assertEquals(List.of(), Directories.list(directory.resolve("absent")));
  }

  @Test
  void shouldForceADirectoryAndRefuseOneThatIsAbsent() throws IOException {
    Directories.force(directory);

    assertThrows(NoSuchFileException.class, () -> Directories.force(directory.resolve("absent")));
  }

  @Test
  void shouldForceTheNameOfEveryDirectoryItCreates() throws IOException {
    List<Path> forced = new ArrayList<>();
    Path root =
        new RecordedFileSystem(
                new RecordedFileSystem.Observer() {
                  @Override
                  public void onForce(Path path) {
                    forced.add(path);
                  }

                  @Override
                  public void onDelete(Path path) {
                    throw new AssertionError("deleted: " + path);
                  }

                  @Override
                  public void onChange() {
                    // Creates are seen in the forces.
                  }
                })
            .path(directory.toRealPath());

    Directories.create(root.resolve("a/b"));

    assertTrue(Files.isDirectory(directory.resolve("a/b")));
    assertEquals(List.of(directory.toRealPath(), directory.toRealPath().resolve("a")), forced);
  }

  @Test
  void shouldDeleteATreeAndNothingBesideIt() throws IOException {
    Path tree = directory.resolve("tree");
    Files.createDirectories(tree.resolve("a/b"));
    Files.createFile(tree.resolve("a/b/file"));
    Path beside = Files.createFile(directory.resolve("beside"));
    Files.createSymbolicLink(tree.resolve("a/link"), directory);

    Directories.deleteTree(tree);

    assertFalse(Files.exists(tree));
    assertTrue(Files.exists(beside));
  }

  @Test
  void shouldDoNothingWhenTheTreeIsNotThere() throws IOException {
    Directories.deleteTree(directory.resolve("absent"));

    assertEquals(List.of(), Directories.list(directory));
  }
}
