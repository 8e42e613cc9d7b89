package io.tidemark.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Against the sort of the class library, which is stable too. */
class IdOrderTest {
  private static final long UNTOUCHED = 4711;

  private static long anyId(Random random, int kind) {
    return switch (kind) {
      case 0 -> random.nextInt(10);
      case 1 -> random.nextInt(1 << 20);
      case 2 -> random.nextLong();
      case 3 -> random.nextLong() & 0xFF00_0000_0000_0003L;
      default -> Unsigned.any(random);
    };
  }

  @Test
  void shouldSortAsUnsignedAndKeepTheOrderOfEqualIds() {
    Seeds.each(
        400,
        random -> {
          int kind = random.nextInt(5);
          long[] ids = random.longs(random.nextInt(300)).map(id -> anyId(random, kind)).toArray();
          List<Integer> expected =
              IntStream.range(0, ids.length)
                  .boxed()
                  .sorted(Comparator.comparing(i -> ids[i], Long::compareUnsigned))
                  .toList();
          long[] sorted = Arrays.copyOf(ids, ids.length + 1);
          sorted[ids.length] = UNTOUCHED;

          int[] order = IdOrder.sort(sorted, ids.length);

          assertEquals(expected, Arrays.stream(order).boxed().toList());
          for (int i = 0; i < order.length; i++) {
            assertEquals(ids[order[i]], sorted[i]);
          }
          assertEquals(UNTOUCHED, sorted[ids.length]);
        });
  }

  @Test
  void shouldSortIdsThatDifferInTheirHighestBitOnly() {
    long[] ids = new long[100];
    Arrays.setAll(ids, i -> i % 2 == 0 ? Long.MIN_VALUE : 0);

    int[] order = IdOrder.sort(ids, ids.length);

    long[] expected = new long[100];
    Arrays.fill(expected, 50, 100, Long.MIN_VALUE);
    assertArrayEquals(expected, ids);
    assertEquals(1, order[0]);
    assertEquals(99, order[49]);
    assertEquals(0, order[50]);
    assertEquals(98, order[99]);
  }
}
