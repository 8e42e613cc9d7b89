package io.tidemark.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import io.tidemark.testing.WaitingCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What gets into a ring comes out, once, in order, whoever offers and whenever it is closed. */
@Timeout(120)
class EventRingTest {
  private static final int CAPACITY = EventRing.MIN_CAPACITY;
  private static final int ALL = Integer.MAX_VALUE;
  private static final int PRODUCERS = 4;

  private final EventRing ring = new EventRing(CAPACITY);
  private final RecordedCalls calls = new RecordedCalls();

  private static IllegalStateException closed() {
    return new IllegalStateException("closed by the test");
  }

  private boolean offer(long number) {
    return ring.offerEvent(BlockEventType.UPDATE, number, number, number);
  }

  private static String update(long number) {
    return "UPDATE " + number + " at " + number + " time " + number;
  }

  @Test
  void shouldHandOverEventsAsTheyWereOffered() {
    List<String> expected = new ArrayList<>();
    for (BlockEventType type : BlockEventType.values()) {
      for (long number : Unsigned.EDGES) {
        if (type != BlockEventType.CLEAR) {
          assertTrue(ring.offerEvent(type, number, ~number, number));
          expected.add(
              type
                  + " "
                  + Long.toUnsignedString(number)
                  + " at "
                  + Long.toUnsignedString(~number)
                  + " time "
                  + number);
        }
      }
    }
    assertTrue(ring.offerFlushAll(-1, Long.MIN_VALUE));
    assertTrue(ring.offerCompleteThrough(-1));
    expected.add("flush all at 18446744073709551615 time -9223372036854775808");
    expected.add("complete through 18446744073709551615");

    int count = ring.drain(calls, ALL);

    assertEquals(expected, calls.take());
    assertEquals(expected.size(), count);
    assertTrue(ring.isEmpty());
  }

  @Test
  void shouldHandOverNoMoreThanTheLimit() {
    for (int i = 0; i < 5; i++) {
      assertTrue(offer(i));
    }

    assertEquals(3, ring.drain(calls, 3));

    assertEquals(List.of(update(0), update(1), update(2)), calls.take());
    assertEquals(2, ring.size());
    assertEquals(2, ring.drain(calls, 3));
    assertEquals(0, ring.drain(calls, 3));
  }

  @Test
  void shouldHandOverDeclarationsAlone() {
    offer(1);
    assertTrue(ring.offerContinueFrom(7));
    assertTrue(ring.offerGap(8, -1, "grün"));
    offer(2);
    assertTrue(ring.offerRolledBack(9, -3));

    List<List<String>> drains = new ArrayList<>();
    while (ring.drain(calls, ALL) > 0) {
      drains.add(calls.take());
    }

    assertEquals(
        List.of(
            List.of(update(1)),
            List.of("continue from 7"),
            List.of("gap 8 to 18446744073709551615: grün"),
            List.of(update(2)),
            List.of("rolled back to 9 time -3")),
        drains);
  }

  @Test
  void shouldCutAReasonThatTheRingCannotHold() {
    String reason = "\u20ac".repeat(100_000);

    assertTrue(ring.offerGap(1, 2, reason));

    ring.drain(calls, ALL);
    String gap = calls.take().get(0);
    assertTrue(gap.matches("gap 1 to 2: \u20ac{50,}"), gap);
  }

  @Test
  void shouldTakeNothingWhenItIsFullAndGoOnWhenItIsNot() {
    for (int i = 0; i < CAPACITY; i++) {
      assertTrue(offer(i));
    }
    assertFalse(offer(CAPACITY));
    assertFalse(ring.offerFlushAll(0, 0));
    assertFalse(ring.offerCompleteThrough(0));
    assertFalse(ring.offerContinueFrom(0));
    assertFalse(ring.offerGap(0, 0, ""));
    assertFalse(ring.offerRolledBack(0, 0));

    assertEquals(1, ring.drain(calls, 1));

    assertTrue(offer(CAPACITY));
    assertFalse(offer(CAPACITY + 1));
    int count = 0;
    while (!ring.isEmpty()) {
      count += ring.drain(calls, ALL);
    }
    assertEquals(CAPACITY, count);
    List<String> left = calls.take();
    assertEquals(update(CAPACITY), left.get(left.size() - 1));
  }

  @Test
  void shouldRefuseWhatIsNoEvent() {
    IllegalArgumentException clear =
        assertThrows(
            IllegalArgumentException.class, () -> ring.offerEvent(BlockEventType.CLEAR, 1, 2, 3));

    assertEquals("storage engines send no such event: type=CLEAR", clear.getMessage());
    assertTrue(ring.isEmpty());
  }

  @Test
  void shouldRefuseACapacityOutOfRange() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new EventRing(CAPACITY - 1));

    assertEquals("ring capacity out of range: min=64, max=33554432, capacity=63", e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new EventRing(EventRing.MAX_CAPACITY + 1));
    assertEquals(128, new EventRing(CAPACITY + 1).capacity());
  }

  @Test
  void shouldLetNothingInWhenItIsClosed() {
    offer(1);

    ring.close(EventRingTest::closed);

    assertEquals(
        "closed by the test",
        assertThrows(IllegalStateException.class, () -> offer(2)).getMessage());
    assertFalse(ring.isDrained());
    ring.drain(calls, ALL);
    assertEquals(List.of(update(1)), calls.take());
    assertTrue(ring.isDrained());
  }

  @Test
  void shouldWakeWhoSleeps() throws Exception {
    for (Runnable alarm :
        List.<Runnable>of(() -> offer(1), ring::wake, () -> ring.close(EventRingTest::closed))) {
      WaitingCall<Boolean> sleeper = sleeping();

      alarm.run();

      assertFalse(sleeper.get());
      ring.drain(calls, ALL);
    }
  }

  @Test
  void shouldKeepAnInterruptForWhoSleeps() throws Exception {
    WaitingCall<Boolean> sleeper = sleeping();
    sleeper.interrupt();

    offer(1);

    assertTrue(sleeper.get());
  }

  /** Waits in a thread of its own for a message; its result is whether it was interrupted. */
  private WaitingCall<Boolean> sleeping() {
    return WaitingCall.start(
        () -> {
          ring.awaitMessage();
          return Thread.interrupted();
        });
  }

  /** Checks that the numbers of each producer come in order, and counts them. */
  private static final class OrderCheck implements BlockEventSink {
    private final long[] next = new long[PRODUCERS];

    @Override
    public void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {
      int producer = (int) blockId;
      assertEquals(next[producer], walOffset, "producer " + producer);
      assertEquals(~walOffset, timestampNs);
      next[producer]++;
    }

    @Override
    public void onFlushAll(long walOffset, long timestampNs) {
      throw new AssertionError("not offered");
    }

    @Override
    public void completeThrough(long walOffset) {
      throw new AssertionError("not offered");
    }

    @Override
    public void continueFrom(long walOffset) {
      throw new AssertionError("not offered");
    }

    @Override
    public void gap(long first, long last, String reason) {
      throw new AssertionError("not offered");
    }

    @Override
    public void rolledBack(long firstOwn, long timestampNs) {
      throw new AssertionError("not offered");
    }
  }

  /**
   * Offers from several threads, and closes the ring at any moment: what was accepted comes out.
   */
  @Test
  void shouldHandOverEverythingThatGotInBeforeItWasClosed() {
    Seeds.each(Rounds.of("tidemark.ring.rounds", 500, 150), EventRingTest::closeWhileOffered);
  }

  private static void closeWhileOffered(Random random) throws Exception {
    EventRing ring = new EventRing(CAPACITY);
    long[] accepted = new long[PRODUCERS];
    AtomicReferenceArray<Throwable> failures = new AtomicReferenceArray<>(PRODUCERS);
    List<Thread> producers = new ArrayList<>();
    for (int i = 0; i < PRODUCERS; i++) {
      int producer = i;
      Thread thread =
          new Thread(
              () -> {
                try {
                  while (true) {
                    long number = accepted[producer];
                    if (ring.offerEvent(BlockEventType.CREATE, producer, number, ~number)) {
                      accepted[producer]++;
                    } else {
                      Thread.onSpinWait();
                    }
                  }
                } catch (IllegalStateException e) {
                  // Closed: that is the end.
                } catch (RuntimeException | Error e) {
                  failures.set(producer, e);
                }
              });
      producers.add(thread);
      thread.start();
    }
    OrderCheck check = new OrderCheck();
    AtomicLong drained = new AtomicLong();
    Thread closer =
        new Thread(
            () -> {
              long wanted = random.nextInt(5 * CAPACITY);
              while (drained.get() < wanted) {
                Thread.onSpinWait();
              }
              ring.close(EventRingTest::closed);
            });
    closer.start();

    while (!ring.isDrained()) {
      if (ring.isEmpty()) {
        ring.awaitMessage();
      }
      drained.addAndGet(ring.drain(check, 1 + random.nextInt(CAPACITY)));
    }

    closer.join();
    for (int i = 0; i < PRODUCERS; i++) {
      producers.get(i).join();
      assertEquals(null, failures.get(i));
      assertEquals(accepted[i], check.next[i], "producer " + i);
    }
  }
}
