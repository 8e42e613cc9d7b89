package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A listener that writes down what it is given, in the order in which it is given. */
class RecordingCallback implements BlockEventCallback {

  /** One event, or what was missed: then the block id is the first position. */
  record Seen(
      long position,
      BlockEventType type,
      long blockId,
      long walOffset,
      long timestampNs,
      int generation) {}

  private final List<Seen> seen = Collections.synchronizedList(new ArrayList<>());
  private final List<String> others = Collections.synchronizedList(new ArrayList<>());

  /** Returns the events so far. */
  List<Seen> seen() {
    synchronized (seen) {
      return List.copyOf(seen);
    }
  }

  /** Returns what else it was told, and how many events it had by then. */
  List<String> others() {
    synchronized (others) {
      return List.copyOf(others);
    }
  }

  @Override
  public void onEvent(BlockEvent event) throws Exception {
    seen.add(
        new Seen(
            event.journalPosition(),
            event.type(),
            event.blockId(),
            event.walOffset(),
            event.timestampNs(),
            event.generation()));
  }

  @Override
  public void onFlushAll(long walOffset, long timestampNs, int generation) {
    others.add(seen.size() + " flushed through " + walOffset);
  }

  @Override
  public void missed(long firstPosition, long lastPosition) {
    others.add(seen.size() + " missed " + firstPosition + "-" + lastPosition);
  }

  /** Writes nothing down until it is let go. */
  static final class Blocked extends RecordingCallback {
    private final CountDownLatch called = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    /** Waits until it is called. */
    void awaitCall() throws InterruptedException {
      called.await();
    }

    void release() {
      release.countDown();
    }

    @Override
    public void onEvent(BlockEvent event) throws Exception {
      called.countDown();
      release.await();
      super.onEvent(event);
    }
  }
}
