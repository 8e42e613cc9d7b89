package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.testing.Races;
import io.tidemark.testing.Rounds;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gives events to a lane, who takes them and who asks how far it is, all at the same time. */
@Timeout(120)
@SuppressWarnings("ThreadPriorityCheck") // yielding shakes the order of the threads up
class CallbackRacesTest {
  private static final int ROUNDS = Rounds.of("tidemark.races.rounds", 40_000, 2_000);
  private static final int CAPACITY = 2;
  private static final int EVENTS = 5;

  /** None: the racers run the lanes. */
  private static final CallbackThreads THREADS = new CallbackThreads(1, Thread::new);

  static {
    THREADS.stop();
  }

  /** A lane of two events through which five go; its thread is whoever schedules it. */
  private static final class Race {
    final LaneQueue queue = new LaneQueue(CAPACITY);
    int taken;
    long firstSeen;
    long secondSeen;
    String wrong = "";

    void give() {
      long[] row = new long[StagedEvents.ROW];
      for (int position = 1; position <= EVENTS; position++) {
        row[StagedEvents.POSITION] = position;
        row[StagedEvents.BLOCK_ID] = -position;
        while (!queue.offer(row, 0)) {
          Thread.yield();
        }
      }
    }

    void take() {
      while (taken < EVENTS) {
        if (queue.hasNext()) {
          taken++;
          if (queue.number(StagedEvents.POSITION) != taken
              || queue.number(StagedEvents.BLOCK_ID) != -taken) {
            wrong = "taken=" + queue.number(StagedEvents.POSITION) + ", expected=" + taken;
          }
          queue.remove();
        } else {
          Thread.yield();
        }
      }
    }

    void look() {
      firstSeen = queue.oldest();
      secondSeen = queue.oldest();
    }
  }

  @Test
  void shouldHandRowsOverWholeAndInOrder() throws Exception {
    Races.run(
        ROUNDS,
        Race::new,
        race -> {
          assertEquals("", race.wrong);
          assertTrue(race.queue.isEmpty());
          assertEquals(LaneQueue.NOTHING, race.queue.oldest());
        },
        Race::give,
        Race::take);
  }

  @Test
  void shouldNeverGoBackForWhoeverAsksHowFarItIs() throws Exception {
    Races.run(
        ROUNDS,
        Race::new,
        race -> {
          long first = race.firstSeen;
          long second = race.secondSeen;
          boolean isKnown = first >= 1 && (first <= EVENTS || first == LaneQueue.NOTHING);
          // An empty queue may be filled again, with higher positions only.
          boolean isForward = second >= first || first == LaneQueue.NOTHING;
          assertTrue(isKnown && isForward, "first=" + first + ", second=" + second);
        },
        Race::give,
        Race::take,
        Race::look);
  }

  /** A listener fed by one thread, called by two others, and asked how far it is by a fourth. */
  private static final class Delivery {
    final AtomicInteger called = new AtomicInteger();
    final BlockEventListener listener =
        new BlockEventListener(
            "raced",
            1,
            () -> EVENTS,
            () -> {},
            added ->
                List.of(
                    new ListenerLane(
                        added, event -> called.incrementAndGet(), THREADS, 8, () -> {}),
                    new ListenerLane(
                        added, event -> called.incrementAndGet(), THREADS, 8, () -> {})));
    String wrong = "";

    /** What the feeder does with each event, one by one. */
    void feed() {
      long[] row = new long[StagedEvents.ROW];
      for (int position = 1; position <= EVENTS; position++) {
        row[StagedEvents.POSITION] = position;
        listener.lanes().get(position % 2).queue().offer(row, 0);
        listener.fedThrough(position);
      }
    }

    /** What a thread of the pool does. */
    void deliver(int lane) {
      while (called.get() < EVENTS) {
        listener.lanes().get(lane).run();
        Thread.yield();
      }
    }

    /** Asks until all is delivered. */
    void ask() {
      long before = 0;
      while (called.get() < EVENTS) {
        long through = listener.deliveredThrough();
        int calledThen = called.get();
        if (through < before || through > calledThen) {
          wrong = "before=" + before + ", through=" + through + ", called=" + calledThen;
        }
        before = through;
        Thread.yield();
      }
    }
  }

  @Test
  void shouldSayThroughWhereEverythingIsDelivered() throws Exception {
    Races.run(
        ROUNDS,
        Delivery::new,
        delivery -> {
          assertEquals("", delivery.wrong);
          assertEquals(EVENTS, delivery.listener.deliveredThrough());
          assertEquals(EVENTS, delivery.called.get());
        },
        Delivery::feed,
        delivery -> delivery.deliver(0),
        delivery -> delivery.deliver(1),
        Delivery::ask);
  }

  /** No event may stay in a lane that nobody runs. */
  @Test
  void shouldRunALaneAsLongAsThereIsSomethingInIt() throws Exception {
    CallbackThreads threads = new CallbackThreads(1, CallbackRacesTest::daemon);
    threads.start();
    AtomicInteger called = new AtomicInteger();
    BlockEventListener listener =
        new BlockEventListener(
            "scheduled",
            1,
            () -> ROUNDS,
            () -> {},
            added ->
                List.of(
                    new ListenerLane(
                        added, event -> called.incrementAndGet(), threads, CAPACITY, () -> {})));
    ListenerLane lane = listener.lanes().get(0);
    long[] row = new long[StagedEvents.ROW];

    for (int i = 1; i <= ROUNDS; i++) {
      row[StagedEvents.POSITION] = i;
      assertTrue(lane.queue().offer(row, 0));
      lane.schedule();
      while (called.get() < i) {
        Thread.yield();
      }
      while (!lane.queue().isEmpty()) {
        Thread.yield();
      }
    }

    assertEquals(ROUNDS, called.get());
    threads.stop();
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    return thread;
  }
}
