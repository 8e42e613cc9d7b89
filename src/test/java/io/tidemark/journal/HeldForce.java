package io.tidemark.journal;

import io.tidemark.testing.WatchedForces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Holds the first force there is, until it is let go or told to fail, and writes down all of them.
 */
final class HeldForce implements WatchedForces.Watcher {

  /** After so long nobody will come any more. */
  private static final int PATIENCE_S = 60;

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch let = new CountDownLatch(1);
  private final List<Path> forced = new ArrayList<>();
  private volatile boolean shallFail;

  @Override
  public void beforeForce(Path path) throws IOException {
    boolean isFirst;
    synchronized (forced) {
      isFirst = forced.isEmpty();
      forced.add(path);
    }
    if (isFirst) {
      begun.countDown();
      await(let);
      if (shallFail) {
        throw new IOException("force failed: file=" + path);
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(PATIENCE_S, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody came");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until the force is held. */
  void awaitBegun() {
    await(begun);
  }

  /** Lets the force go on. */
  void letGo() {
    let.countDown();
  }

  /** Lets the force fail. */
  void fail() {
    shallFail = true;
    let.countDown();
  }

  /** Returns what was forced, in order. */
  List<Path> forced() {
    synchronized (forced) {
      return List.copyOf(forced);
    }
  }
}
