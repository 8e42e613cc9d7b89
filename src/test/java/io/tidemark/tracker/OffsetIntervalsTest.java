package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.testing.Seeds;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Intervals at both edges of the unsigned numbers, and over the sign, are those of a bit set. */
class OffsetIntervalsTest {
  private static final int WINDOW = 20;
  private static final long[] WINDOWS = {0, Long.MAX_VALUE - WINDOW / 2, -WINDOW};
  private static final int STEPS = 60;

  private static List<String> lines(BitSet offsets, int first, int last, long window) {
    List<String> lines = new ArrayList<>();
    for (int from = offsets.nextSetBit(first); from >= 0 && from <= last; ) {
      int end = Math.min(last + 1, offsets.nextClearBit(from));
      lines.add((window + from) + " to " + (window + end - 1));
      from = offsets.nextSetBit(end);
    }
    return lines;
  }

  @Test
  void shouldHoldWhatABitSetHolds() {
    Seeds.each(
        200,
        random -> {
          long window = WINDOWS[random.nextInt(WINDOWS.length)];
          OffsetIntervals intervals = new OffsetIntervals();
          BitSet expected = new BitSet();
          for (int step = 0; step < STEPS; step++) {
            int first = random.nextInt(WINDOW);
            int last = first + random.nextInt(WINDOW - first);
            if (random.nextInt(3) > 0) {
              intervals.add(window + first, window + last);
              expected.set(first, last + 1);
            } else {
              intervals.remove(window + first, window + last);
              expected.clear(first, last + 1);
            }

            List<String> held = new ArrayList<>();
            intervals.copy().forEach((from, to) -> held.add(from + " to " + to));
            assertEquals(lines(expected, 0, WINDOW - 1, window), held);
            List<String> missing = new ArrayList<>();
            int begin = random.nextInt(WINDOW);
            int end = begin + random.nextInt(WINDOW - begin);
            intervals.forEachMissing(
                window + begin, window + end, (from, to) -> missing.add(from + " to " + to));
            BitSet others = (BitSet) expected.clone();
            others.flip(0, WINDOW);
            assertEquals(lines(others, begin, end, window), missing);
            assertEquals(
                expected.isEmpty() ? null : Long.valueOf(window + expected.length() - 1),
                intervals.highest());
          }
        });
  }
}
