package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Against a sorted set of the class library. */
class WordGathererTest {
  private static final int MORE_THAN_IS_SORTED_AT_ONCE = 700_000;

  private static long anyId(Random random, int kind) {
    return switch (kind) {
      case 0 -> random.nextInt(200);
      case 1 -> random.nextInt(1 << 20);
      case 2 -> random.nextLong();
      default -> Unsigned.any(random);
    };
  }

  @Test
  void shouldHoldEachIdOnceInUnsignedOrder() {
    Seeds.each(
        200,
        random -> {
          int kind = random.nextInt(4);
          WordGatherer gatherer = new WordGatherer();
          WordGatherer other = new WordGatherer();
          TreeSet<Long> expected = new TreeSet<>(Long::compareUnsigned);
          long[] ids = new long[64];
          for (int times = random.nextInt(40); times > 0; times--) {
            int count = random.nextInt(ids.length);
            long start = anyId(random, kind);
            boolean isRun = random.nextBoolean();
            for (int i = 0; i < count; i++) {
              ids[i] = isRun ? start + i : anyId(random, kind);
              expected.add(ids[i]);
            }
            (random.nextBoolean() ? gatherer : other).addAll(ids, count);
            long single = anyId(random, kind);
            gatherer.add(single);
            expected.add(single);
          }
          gatherer.addAll(other);

          assertEquals(List.copyOf(expected), IdAnswers.list(gatherer.toIds()));
        });
  }

  @Test
  void shouldTakeMoreIdsThanItSortsAtOnce() {
    Random random = new Random(1);
    WordGatherer gatherer = new WordGatherer();
    TreeSet<Long> expected = new TreeSet<>(Long::compareUnsigned);
    for (int i = 0; i < MORE_THAN_IS_SORTED_AT_ONCE; i++) {
      long id = i % 3 == 0 ? random.nextLong() : random.nextInt(1 << 22);
      gatherer.add(id);
      expected.add(id);
    }

    WordIds ids = gatherer.toIds();

    List<Long> actual = new ArrayList<>();
    ids.forEach(actual::add);
    assertEquals(new ArrayList<>(expected), actual);
    assertEquals(expected.size(), ids.size());
  }

  @Test
  void shouldBeEmptyUntilAnIdIsAdded() {
    WordGatherer gatherer = new WordGatherer();

    assertEquals(0, gatherer.toIds().size());
    assertFalse(gatherer.toIds().contains(0));

    gatherer.add(0);

    assertTrue(gatherer.toIds().contains(0));
    assertFalse(gatherer.toIds().contains(1));
  }
}
