package io.tidemark.benchmarks.comparison;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IdListTest {
  private static final long SEED = 3;

  @Test
  void shouldSortAndLeaveEachIdOnce() {
    Random random = new Random(SEED);
    IdList list = new IdList();
    for (int size : new int[] {0, 1, 2, 1_023, 1_024, 1_025, 50_000}) {
      for (long bound : new long[] {1, 300, 1_000_000_000, Long.MAX_VALUE}) {
        long[] ids = random.longs(size, 0, bound).toArray();

        list.clear();
        for (long id : ids) {
          list.add(id);
        }

        assertArrayEquals(Arrays.stream(ids).sorted().distinct().toArray(), list.distinct());
      }
    }
  }
}
