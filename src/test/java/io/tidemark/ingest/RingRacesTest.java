package io.tidemark.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.block.BlockEventType;
import io.tidemark.testing.Races;
import io.tidemark.testing.RecordingSink;
import io.tidemark.testing.Rounds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gives events to a ring, who takes them and who closes it, all at the same time. */
@Timeout(120)
@SuppressWarnings("ThreadPriorityCheck") // yielding shakes the order of the threads up
class RingRacesTest {
  private static final int ROUNDS = Rounds.of("tidemark.races.rounds", 40_000, 2_000);
  private static final int EVENTS = 3;

  /** Two producers give three events each, while it may be closed. */
  private static final class Race {
    final EventRing ring = new EventRing(EventRing.MIN_CAPACITY);
    final int[] accepted = new int[2];
    final long[] nextOf = {0, 0};
    int drained;
    final InOrder taker = new InOrder();
    String wrong = "";

    void offer(int producer) {
      try {
        for (int i = 0; i < EVENTS; i++) {
          if (ring.offerEvent(BlockEventType.UPDATE, producer, i, 0)) {
            accepted[producer]++;
          }
        }
      } catch (IllegalStateException e) {
        // It was closed.
      }
    }

    void close() {
      ring.close(() -> new IllegalStateException("closed"));
    }

    void drainUntilClosed() {
      while (!ring.isDrained()) {
        drain();
        Thread.yield();
      }
    }

    void drain() {
      drained += ring.drain(taker, 2);
    }

    /** Expects the events of each producer in order. */
    private final class InOrder extends ForwardingSink {
      InOrder() {
        super(new RecordingSink());
      }

      @Override
      public void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {
        if (nextOf[(int) blockId] != walOffset) {
          wrong =
              "producer="
                  + blockId
                  + ", expected="
                  + nextOf[(int) blockId]
                  + ", actual="
                  + walOffset;
        }
        nextOf[(int) blockId]++;
      }
    }
  }

  @Test
  void shouldHandOverWhatItAcceptedAndNothingElseWhenItIsClosed() throws Exception {
    Races.run(
        ROUNDS,
        Race::new,
        race -> {
          assertEquals("", race.wrong);
          assertEquals(race.accepted[0] + race.accepted[1], race.drained);
        },
        race -> race.offer(0),
        race -> race.offer(1),
        Race::close,
        Race::drainUntilClosed);
  }

  /** A taker that sleeps without end if nobody wakes it. */
  @Test
  void shouldWakeATakerThatGoesToSleep() throws Exception {
    Races.run(
        ROUNDS / 10,
        Race::new,
        race -> assertEquals(2 * EVENTS, race.drained),
        race -> race.offer(0),
        race -> race.offer(1),
        race -> {
          while (race.drained < 2 * EVENTS) {
            race.ring.awaitMessage();
            race.drain();
          }
        });
  }
}
