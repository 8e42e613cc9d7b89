package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Somebody asks how far a listener is; between any two things that this reads, the feeder feeds and
 * lanes run, in every order.
 */
class DeliveredThroughTest {
  private static final int LANES = 2;
  private static final int STEPS = 6;

  /** What can happen in between: the feeder does the next thing it does, or a lane runs. */
  private static final int KINDS = 1 + LANES;

  /** Event p is in lane p modulo 2; the feeder puts it there, and then says so. */
  private static final class Run {
    private final CallbackThreads threads;
    private final List<Long> delivered = new ArrayList<>();
    private final List<ListenerLane> lanes = new ArrayList<>();
    private final int[] steps;
    private final int[] stepsAtRead;
    private final BlockEventListener listener;
    private int done;
    private int fed;
    private int reads = -1;

    /**
     * Prepares a run.
     *
     * @param threads none: lanes run when they are told
     * @param stepsAtRead steps that were done when each lane is read
     */
    Run(CallbackThreads threads, int[] steps, int... stepsAtRead) {
      this.threads = threads;
      this.steps = steps;
      this.stepsAtRead = stepsAtRead;
      this.listener = new BlockEventListener("asked", 1, () -> STEPS, () -> {}, this::lanes);
    }

    private List<ListenerLane> lanes(BlockEventListener added) {
      for (int i = 0; i < LANES; i++) {
        lanes.add(
            new ListenerLane(
                added, event -> delivered.add(event.journalPosition()), threads, 8, () -> {}));
      }
      return new AbstractList<>() {
        @Override
        public ListenerLane get(int index) {
          if (reads >= 0) {
            stepUntil(stepsAtRead[reads]);
            reads++;
          }
          return lanes.get(index);
        }

        @Override
        public int size() {
          return LANES;
        }
      };
    }

    void stepUntil(int end) {
      for (; done < end; done++) {
        int kind = steps[done];
        if (kind < LANES) {
          lanes.get(kind).run();
        } else if (fed % 2 == 0) {
          long[] row = new long[StagedEvents.ROW];
          row[StagedEvents.POSITION] = fed / 2 + 1L;
          lanes.get((fed / 2 + 1) % LANES).queue().offer(row, 0);
          fed++;
        } else {
          listener.fedThrough(fed / 2 + 1L);
          fed++;
        }
      }
    }

    /** Asks while the steps are done. */
    long ask() {
      reads = 0;
      long through = listener.deliveredThrough();
      assertEquals(LANES, reads);
      reads = -1;
      return through;
    }

    /** Returns the position through which all was delivered. */
    long deliveredThrough() {
      long through = 0;
      while (delivered.contains(through + 1)) {
        through++;
      }
      return through;
    }
  }

  private final CallbackThreads threads = new CallbackThreads(1, Thread::new);

  @Test
  void shouldSayNoMoreThanIsDeliveredAndNoLessThanWas() {
    threads.stop();
    int[] steps = new int[STEPS];
    int orders = (int) Math.pow(KINDS, STEPS);
    long highest = 0;
    for (int order = 0; order < orders; order++) {
      for (int i = 0, rest = order; i < STEPS; i++, rest /= KINDS) {
        steps[i] = rest % KINDS;
      }
      for (int first = 0; first <= STEPS; first++) {
        for (int second = first; second <= STEPS; second++) {
          for (int begin = 0; begin <= first; begin++) {
            highest = Math.max(highest, verify(steps, begin, first, second));
          }
        }
      }
    }
    assertEquals(2, highest, "events that were fed and delivered in six steps");
  }

  private long verify(int[] steps, int begin, int first, int second) {
    Run run = new Run(threads, steps, first, second);
    run.stepUntil(begin);
    long before = run.listener.deliveredThrough();

    long through = run.ask();

    assertTrue(
        before <= through && through <= run.deliveredThrough(),
        () ->
            "before="
                + before
                + ", through="
                + through
                + ", delivered="
                + run.delivered
                + ", steps="
                + Arrays.toString(steps)
                + ", begin="
                + begin
                + ", reads="
                + first
                + ","
                + second);
    return through;
  }
}
