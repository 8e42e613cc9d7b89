package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.testing.FileTrees;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a watch tells that a log was written to. */
class WalWatchTest {
  private static final long PATIENCE_SECONDS = 60;

  @TempDir Path directory;
  private final Semaphore told = new Semaphore(0);

  private GeneratedVnode vnode(int vgroupId) throws Exception {
    return GeneratedVnode.create(directory, vgroupId, "power", 3600);
  }

  private void awaitTold() throws InterruptedException {
    assertTrue(told.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS), "nothing is told");
  }

  @Test
  void shouldTellOnceOfAWrite() throws Exception {
    try (WalWatch watch = WalWatch.open();
        GeneratedVnode vnode = vnode(1)) {
      assertTrue(watch.once(vnode.directory().walDirectory(), told::release));
      assertFalse(
          watch.once(vnode.directory().walDirectory(), told::release), "it is watched already");

      vnode.insert(1, 1);
      awaitTold();
      vnode.insert(2, 1);

      // Only who asks again is told again, and by then all before would have been.
      assertTrue(watch.once(vnode.directory().walDirectory(), told::release));
      vnode.insert(3, 1);
      awaitTold();
      assertEquals(0, told.availablePermits());
    }
  }

  @Test
  void shouldTellOfANewSegment() throws Exception {
    try (WalWatch watch = WalWatch.open();
        GeneratedVnode vnode = vnode(1)) {
      watch.once(vnode.directory().walDirectory(), told::release);

      vnode.wal().roll();

      awaitTold();
    }
  }

  @Test
  void shouldKeepVnodesApart() throws Exception {
    Semaphore other = new Semaphore(0);
    try (WalWatch watch = WalWatch.open();
        GeneratedVnode first = vnode(1);
        GeneratedVnode second = vnode(2)) {
      watch.once(first.directory().walDirectory(), other::release);
      watch.once(second.directory().walDirectory(), told::release);

      second.insert(1, 1);

      awaitTold();
      assertEquals(0, other.availablePermits());
      assertFalse(
          watch.once(first.directory().walDirectory(), other::release), "it is still watched");
    }
  }

  @Test
  void shouldTellNothingOfWhatIsNotThereOrNotWatchedAnyMore() throws Exception {
    WalWatch watch = WalWatch.open();
    try (GeneratedVnode vnode = vnode(1)) {
      assertFalse(
          watch.once(directory.resolve("vnode9").resolve("wal"), told::release), "not there");
      watch.once(vnode.directory().walDirectory(), told::release);

      watch.close();

      assertFalse(watch.once(vnode.directory().walDirectory(), told::release), "closed");
    }
  }

  @Test
  void shouldEndTheWaitForAVnodeThatVanishes() throws Exception {
    try (WalWatch watch = WalWatch.open()) {
      GeneratedVnode vnode = vnode(1);
      watch.once(vnode.directory().walDirectory(), told::release);
      vnode.close();

      FileTrees.delete(vnode.directory().path());

      awaitTold();
    }
  }
}
