package io.tidemark.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.errors.StoreLockedException;
import io.tidemark.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One writer at a time, in this process and in any other. */
class StoreLockTest {
  private static final long PID = ProcessHandle.current().pid();

  @TempDir Path directory;
  private Path file;

  /** Tries to take the lock, says how it went, and keeps it until it is killed. */
  static final class Contender {
    private Contender() {}

    public static void main(String[] arguments) throws IOException {
      try {
        StoreLock.acquire(Path.of(arguments[0]));
        System.out.println("acquired");
      } catch (StoreLockedException e) {
        System.out.println(e.getMessage());
      }
      System.in.read();
    }
  }

  @BeforeEach
  void nameFile() {
    file = directory.resolve("LOCK");
  }

  private String lockedBy(long pid) {
    return "store is locked: holder=pid=" + pid + ", directory=" + directory;
  }

  @Test
  void shouldRefuseASecondWriterInTheSameProcess() throws IOException {
    try (StoreLock held = StoreLock.acquire(file)) {
      StoreLockedException e =
          assertThrows(StoreLockedException.class, () -> StoreLock.acquire(file));

      assertEquals(lockedBy(PID), e.getMessage(), held::toString);
    }
  }

  @Test
  void shouldRefuseASecondWriterUnderAnotherNameOfTheDirectory() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory);

    try (StoreLock held = StoreLock.acquire(file)) {
      assertThrows(
          StoreLockedException.class,
          () -> StoreLock.acquire(link.resolve("LOCK")),
          held::toString);
    }
  }

  @Test
  void shouldBeFreeAgainAfterClose() throws IOException {
    for (int i = 0; i < 3; i++) {
      StoreLock.acquire(file).close();
    }

    assertEquals("pid=" + PID + "\n", Files.readString(file));
  }

  @Test
  void shouldKeepTheLockOfItsSuccessorWhenItIsClosedTwice() throws IOException {
    StoreLock closed = StoreLock.acquire(file);
    closed.close();

    try (StoreLock successor = StoreLock.acquire(file)) {
      closed.close();

      assertThrows(StoreLockedException.class, () -> StoreLock.acquire(file), successor::toString);
    }
  }

  @Test
  void shouldReplaceALongerTextOfAnEarlierHolder() throws IOException {
    Files.writeString(file, "pid=99999999999999999999\n");

    try (StoreLock held = StoreLock.acquire(file)) {
      StoreLockedException e =
          assertThrows(StoreLockedException.class, () -> StoreLock.acquire(file), held::toString);

      assertEquals(lockedBy(PID), e.getMessage());
    }
  }

  @Test
  void shouldRefuseAnotherProcess() throws IOException {
    try (StoreLock held = StoreLock.acquire(file);
        ChildJvm other = ChildJvm.start(Contender.class, file.toString())) {
      assertEquals(lockedBy(PID), other.readLine(), held::toString);
    }
  }

  @Test
  void shouldStillRefuseAnotherProcessAfterARefusalInThisOne() throws IOException {
    try (StoreLock held = StoreLock.acquire(file)) {
      assertThrows(StoreLockedException.class, () -> StoreLock.acquire(file), held::toString);

      try (ChildJvm other = ChildJvm.start(Contender.class, file.toString())) {
        assertEquals(lockedBy(PID), other.readLine());
      }
    }
  }

  @Test
  void shouldBeFreeAfterTheHolderWasKilled() throws IOException {
    try (ChildJvm other = ChildJvm.start(Contender.class, file.toString())) {
      assertEquals("acquired", other.readLine());
      StoreLockedException e =
          assertThrows(StoreLockedException.class, () -> StoreLock.acquire(file));
      assertEquals(lockedBy(other.pid()), e.getMessage());
      other.kill();
    }

    StoreLock.acquire(file).close();
  }
}
