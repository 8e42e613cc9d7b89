package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FileSetsTest {
  private static final int MINUTES_PER_DAY = 1440;
  private static final long DAY_MS = 86_400_000L;

  private final FileSets days = new FileSets(TimestampPrecision.MILLISECOND, MINUTES_PER_DAY);

  @Test
  void shouldDivideTimeAtTheEpoch() {
    assertEquals(0, days.fileSetOf(0));
    assertEquals(0, days.fileSetOf(DAY_MS - 1));
    assertEquals(1, days.fileSetOf(DAY_MS));
    assertEquals(-1, days.fileSetOf(-1));
    assertEquals(-1, days.fileSetOf(-DAY_MS));
    assertEquals(-2, days.fileSetOf(-DAY_MS - 1));
  }

  @Test
  void shouldAgreeWithTheServersFormula() {
    final SplittableRandom random = new SplittableRandom(5);
    for (final TimestampPrecision precision : TimestampPrecision.values()) {
      for (final int minutes : new int[] {60, MINUTES_PER_DAY, 10 * MINUTES_PER_DAY, 5_256_000}) {
        final FileSets sets = new FileSets(precision, minutes);
        for (int i = 0; i < 10_000; i++) {
          final long ts = random.nextLong() >> random.nextInt(40);
          final long tick = precision.ticksPerMinute();
          final long expected = ts < 0 ? (ts + 1) / tick / minutes - 1 : ts / tick / minutes;

          assertEquals(expected, sets.fileSetOf(ts), "timestamp=" + ts);
        }
      }
    }
  }

  @Test
  void shouldBoundEveryFileSetExactlyOrSaturate() {
    final FileSets sets = new FileSets(TimestampPrecision.NANOSECOND, 10 * MINUTES_PER_DAY);
    final SplittableRandom random = new SplittableRandom(6);
    for (int i = 0; i < 20_000; i++) {
      final long set = random.nextLong() >> random.nextInt(64);

      assertEquals(exact(sets, set, 0), sets.firstTimestamp(set), "fileSet=" + set);
      assertEquals(exact(sets, set, 1), sets.lastTimestamp(set), "fileSet=" + set);
    }
    for (final long set : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, 0, -1}) {
      assertEquals(exact(sets, set, 0), sets.firstTimestamp(set), "fileSet=" + set);
      assertEquals(exact(sets, set, 1), sets.lastTimestamp(set), "fileSet=" + set);
    }
  }

  @Test
  void shouldHoldEveryTimestampWithinItsFileSet() {
    for (final long ts : new long[] {Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, 0, Long.MAX_VALUE}) {
      for (final TimestampPrecision precision : TimestampPrecision.values()) {
        final FileSets sets = new FileSets(precision, MINUTES_PER_DAY);
        final long set = sets.fileSetOf(ts);

        assertTrue(sets.firstTimestamp(set) <= ts && ts <= sets.lastTimestamp(set));
      }
    }
  }

  @Test
  void shouldAgreeWithTheFileSetsTheServerLists() throws Exception {
    int checked = 0;
    for (final Path snapshot : Corpus.snapshots()) {
      final VnodeConfig config = Corpus.vnodesOf(snapshot).get(0).config();
      final FlatJson json = FlatJson.read(snapshot.resolve("manifest.json"));
      for (int i = 0; ; i++) {
        final String path = "truth." + config.database() + ".filesets[" + i + "].";
        if (!json.has(path + "fileset_id")) {
          break;
        }
        final long set = json.number(path + "fileset_id");
        assertEquals(json.number(path + "start_time"), config.fileSets().firstTimestamp(set));
        assertEquals(json.number(path + "end_time"), config.fileSets().lastTimestamp(set));
        checked++;
      }
    }
    assertTrue(checked > 20, "checked=" + checked);
  }

  @Test
  void shouldRefuseImpossibleLengths() {
    final IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new FileSets(TimestampPrecision.NANOSECOND, Integer.MAX_VALUE));
    assertEquals(
        "impossible length of a file set: precision=NANOSECOND, minutesPerFileSet=2147483647",
        e.getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> new FileSets(TimestampPrecision.MILLISECOND, 0));
  }

  /** The first timestamp, or with {@code next} = 1 the last, of a file set, in exact arithmetic. */
  private static long exact(FileSets sets, long set, int next) {
    final BigInteger value =
        BigInteger.valueOf(set)
            .add(BigInteger.valueOf(next))
            .multiply(BigInteger.valueOf(sets.ticksPerFileSet()))
            .subtract(BigInteger.valueOf(next));
    return value
        .max(BigInteger.valueOf(Long.MIN_VALUE))
        .min(BigInteger.valueOf(Long.MAX_VALUE))
        .longValueExact();
  }
}
