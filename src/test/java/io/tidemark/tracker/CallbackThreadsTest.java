package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens when the operating system has no more threads. */
@Timeout(60)
class CallbackThreadsTest {
  private static final long LONG_MS = 600_000;

  @Test
  void shouldManageWithTheThreadsThereAre() throws Exception {
    AtomicInteger made = new AtomicInteger();
    CallbackThreads threads =
        new CallbackThreads(
            4,
            work -> {
              if (made.incrementAndGet() > 1) {
                throw new OutOfMemoryError("made up");
              }
              return new Thread(work);
            });
    threads.start();
    CountDownLatch delivered = new CountDownLatch(8);
    for (int i = 0; i < 8; i++) {
      lane(threads, delivered).schedule();
    }

    delivered.await();

    assertTrue(made.get() > 1, "no other thread was asked for");
    assertEquals(1, threads.started());
    threads.stop();
    assertTrue(threads.await(LONG_MS));
  }

  /** Returns a lane with one event in it. */
  private static ListenerLane lane(CallbackThreads threads, CountDownLatch delivered) {
    BlockEventListener listener =
        new BlockEventListener(
            "listener",
            1,
            () -> 1,
            () -> {},
            added ->
                List.of(
                    new ListenerLane(added, event -> delivered.countDown(), threads, 2, () -> {})));
    ListenerLane lane = listener.lanes().get(0);
    lane.queue().offer(new long[StagedEvents.ROW], 0);
    return lane;
  }
}
