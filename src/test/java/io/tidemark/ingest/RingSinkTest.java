package io.tidemark.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.testing.WaitingCall;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens to events and declarations that find the ring full. */
@Timeout(60)
class RingSinkTest {
  private static final int CAPACITY = EventRing.MIN_CAPACITY;
  private static final int ALL = Integer.MAX_VALUE;

  private final EventRing ring = new EventRing(CAPACITY);
  private final LostInterval lost = new LostInterval();
  private final Watermark drained = new Watermark(0);
  private final RecordedCalls calls = new RecordedCalls();

  private RingSink sink(long limitMs) {
    return new RingSink(ring, lost, drained, limitMs);
  }

  private void fill() {
    for (int i = 0; i < CAPACITY; i++) {
      assertTrue(ring.offerFlushAll(0, 0));
    }
  }

  @Test
  void shouldLoseAtOnceWithoutTimeToWait() {
    RingSink sink = sink(0);
    fill();

    sink.onEvent(BlockEventType.UPDATE, 1, 8, 0);
    sink.onEvent(BlockEventType.UPDATE, 2, 5, 0);
    sink.onFlushAll(6, 0);

    assertTrue(lost.isPending());
    assertEquals(new LostInterval.Taken(5, 8, 3), lost.take());
    assertFalse(lost.isPending());
    assertEquals(3, lost.added());
    assertEquals(CAPACITY, ring.size());
  }

  @Test
  void shouldLoseAfterTheLimit() {
    RingSink sink = sink(2);
    fill();

    sink.onEvent(BlockEventType.UPDATE, 1, -1, 0);

    assertEquals(new LostInterval.Taken(-1, -1, 1), lost.take());
    assertTrue(sink.heldBackNs() >= 2_000_000, "held back for " + sink.heldBackNs());
  }

  @Test
  void shouldKeepLosingInOneIntervalUntilItIsTaken() {
    RingSink sink = sink(0);
    fill();
    sink.onEvent(BlockEventType.UPDATE, 1, -2, 0);
    sink.onEvent(BlockEventType.UPDATE, 1, 3, 0);
    assertEquals(new LostInterval.Taken(3, -2, 2), lost.take());

    sink.onEvent(BlockEventType.UPDATE, 1, 9, 0);

    assertEquals(new LostInterval.Taken(9, 9, 1), lost.take());
    assertEquals(3, lost.added());
  }

  @Test
  void shouldHoldBackWithoutLimitAndKeepTheInterrupt() throws Exception {
    RingSink sink = sink(RingSink.WITHOUT_LIMIT);
    fill();
    WaitingCall<Boolean> task =
        WaitingCall.start(
            () -> {
              sink.onEvent(BlockEventType.DELETE, 1, 2, 3);
              return Thread.interrupted();
            });
    task.interrupt();
    assertFalse(task.isDone());

    ring.drain(calls, ALL);

    assertTrue(task.get(), "interrupt is gone");
    calls.take();
    ring.drain(calls, ALL);
    assertEquals(List.of("DELETE 1 at 2 time 3"), calls.take());
    assertFalse(lost.isPending());
  }

  @Test
  void shouldNeverLoseADeclaration() throws Exception {
    RingSink sink = sink(0);
    fill();
    WaitingCall<Boolean> task =
        WaitingCall.start(
            () -> {
              sink.completeThrough(1);
              sink.continueFrom(2);
              sink.gap(3, 4, "lost");
              return true;
            });

    ring.drain(calls, ALL);

    assertTrue(task.get());
    calls.take();
    while (ring.drain(calls, ALL) > 0) {}
    assertEquals(
        List.of("complete through 1", "continue from 2", "gap 3 to 4: lost"), calls.take());
  }

  @Test
  void shouldReturnFromARollbackWhenItIsDone() throws Exception {
    RingSink sink = sink(0);
    WaitingCall<Boolean> task =
        WaitingCall.start(
            () -> {
              sink.rolledBack(5, 6);
              return Thread.interrupted();
            });
    ring.drain(calls, ALL);
    assertEquals(List.of("rolled back to 5 time 6"), calls.take());
    task.interrupt();
    assertFalse(task.isDone());

    drained.advance(ring.head());

    assertTrue(task.get(), "interrupt is gone");
  }

  @Test
  void shouldRefuseWhoIsHeldBackWhenTheRingIsClosed() {
    RingSink sink = sink(RingSink.WITHOUT_LIMIT);
    fill();
    WaitingCall<Boolean> task =
        WaitingCall.start(
            () -> {
              sink.onEvent(BlockEventType.UPDATE, 1, 2, 3);
              return true;
            });

    ring.close(() -> new IllegalStateException("closed by the test"));

    assertEquals(
        "java.lang.IllegalStateException: closed by the test",
        assertThrows(ExecutionException.class, task::get).getMessage());
    assertFalse(lost.isPending(), "its caller knows that it did not get in");
  }

  @Test
  void shouldRefuseGarbage() {
    RingSink sink = sink(0);

    assertEquals(
        "storage engines send no such event: type=CLEAR",
        assertThrows(
                IllegalArgumentException.class, () -> sink.onEvent(BlockEventType.CLEAR, 1, 2, 3))
            .getMessage());
    assertEquals(
        "hole ends before it begins: first=18446744073709551615, last=0",
        assertThrows(IllegalArgumentException.class, () -> sink.gap(-1, 0, "")).getMessage());
    assertTrue(ring.isEmpty());
  }
}
