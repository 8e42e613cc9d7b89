package io.tidemark.tdengine.tsdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.testing.Rounds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Test;

class ColumnDecoderTest {
  private static final long SEED = 6;
  private static final FilePlace PLACE = new FilePlace(Path.of("x.head"), 512);
  private static final int[] BITS = {0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 60};
  private static final int[] COUNTS = {240, 120, 60, 30, 20, 15, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1};
  private static final int DELTAS_AND_LZ4 = 0x02000102;
  private static final int WORDS_ALONE = 0x01000000;

  private final ColumnDecoder decoder = new ColumnDecoder();

  @Test
  void shouldDecodeEveryRowOfTheTableOfWords() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int selector = 0; selector < BITS.length; selector++) {
      long[] values = new long[COUNTS[selector]];
      ByteBuffer words = buffer(Long.BYTES);
      long word = selector;
      long value = 0;
      for (int i = 0; i < values.length; i++) {
        long zigzag = BITS[selector] == 0 ? 0 : random.nextLong() >>> (64 - BITS[selector]);
        word |= zigzag << (4 + i * BITS[selector]);
        value += (zigzag >>> 1) ^ -(zigzag & 1);
        values[i] = value;
      }
      words.putLong(word).flip();

      long[] decoded = new long[values.length];
      WordDecoder.words(words, decoded, PLACE);

      assertArrayEquals(values, decoded);
    }
  }

  @Test
  void shouldDecodeWhatDifferencesOfDifferencesSay() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int round = 0; round < 200; round++) {
      long[] values = new long[1 + random.nextInt(50)];
      long value = random.nextLong() >> random.nextInt(64);
      for (int i = 0; i < values.length; i++) {
        values[i] = value;
        value += random.nextLong() >> random.nextInt(64);
      }

      assertArrayEquals(values, decoder.key(deltas(values), values.length, 0x02000000, PLACE));
      ByteBuffer packed = lz4(deltas(values));
      assertArrayEquals(values, decoder.key(packed, values.length, DELTAS_AND_LZ4, PLACE));
    }
  }

  @Test
  void shouldTakeColumnsThatWereNotWorthIt() throws Exception {
    long[] values = {1, -1, Long.MAX_VALUE, Long.MIN_VALUE};
    ByteBuffer plain = buffer(32);
    for (long value : values) {
      plain.putLong(value);
    }
    plain.flip();

    assertArrayEquals(values, decoder.index(plain.duplicate().order(order()), 4, 8, 0, PLACE));
    assertArrayEquals(values, decoder.index(flagged(plain, 1), 4, 8, 1, PLACE));
    assertArrayEquals(values, decoder.index(flagged(flagged(plain, 1), 0), 4, 8, 2, PLACE));
    assertArrayEquals(values, decoder.key(flagged(plain, 1), 4, WORDS_ALONE, PLACE));
    assertArrayEquals(values, decoder.key(flagged(plain, 0), 4, 0x02000000, PLACE));
  }

  @Test
  void shouldNameWhatIsWrongWithAColumn() {
    assertEquals(
        "malformed data file: encoded column is cut off: expectedValues=300, actualValues=240,"
            + " offset=512, file=x.head",
        failure(() -> decoder.index(flagged(buffer(8).putLong(0).flip(), 0), 300, 8, 1, PLACE)));
    assertEquals(
        "malformed data file: encoded column is too long: surplusBytes=1, offset=512, file=x.head",
        failure(
            () ->
                decoder.index(
                    flagged(buffer(9).putLong(0).put((byte) 0).flip(), 0), 1, 8, 1, PLACE)));
    assertEquals(
        "malformed data file: encoded column is cut off: expectedValues=3, actualValues=0,"
            + " offset=512, file=x.head",
        failure(
            () -> decoder.key(flagged(buffer(1).put((byte) 9).flip(), 1), 3, 0x02000000, PLACE)));
    assertEquals(
        "malformed data file: impossible first byte of a column: limit=1, actual=7, offset=512,"
            + " file=x.head",
        failure(() -> decoder.index(buffer(1).put((byte) 7).flip(), 1, 8, 1, PLACE)));
    assertEquals(
        "malformed data file: wrong length of a plain column: expectedBytes=8, actualBytes=1,"
            + " offset=512, file=x.head",
        failure(() -> decoder.index(buffer(1).put((byte) 7).flip(), 1, 8, 0, PLACE)));
    assertEquals(
        "malformed data file: LZ4 block cannot be decompressed: lengthBytes=2, limitBytes=9,"
            + " offset=512, file=x.head",
        failure(() -> decoder.index(buffer(3).put(new byte[] {1, -1, -1}).flip(), 1, 8, 2, PLACE)));
    assertEquals(
        "unsupported data file: unknown compression of an index: algorithm=3, offset=512,"
            + " file=x.head",
        failure(() -> decoder.index(buffer(0), 1, 8, 3, PLACE)));
    assertEquals(
        "unsupported data file: unknown compression of a key column: algorithm=0x02000302,"
            + " offset=512, file=x.head",
        failure(() -> decoder.key(buffer(0), 1, 0x02000302, PLACE)));
  }

  @Test
  void shouldNeverFailOtherwiseWhateverTheBytesAre() {
    SplittableRandom random = new SplittableRandom(SEED);
    int[] algorithms = {DELTAS_AND_LZ4, WORDS_ALONE, 0x02000000, 0x01000100};
    for (int round = 0; round < Rounds.of("tidemark.tsdb.columns", 40_000, 8_000); round++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      if (bytes.length > 1) {
        bytes[0] &= 1;
        bytes[1] &= 1;
      }
      int count = 1 + random.nextInt(300);
      try {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(order());
        if (random.nextBoolean()) {
          assertEquals(count, decoder.index(in, count, 4, random.nextInt(3), PLACE).length);
        } else {
          assertEquals(count, decoder.key(in, count, algorithms[random.nextInt(4)], PLACE).length);
        }
      } catch (TsdbFormatException e) {
        // That is how it may end.
      } catch (RuntimeException | Error e) {
        throw new AssertionError("bytes=" + Arrays.toString(bytes) + ", count=" + count, e);
      }
    }
  }

  private interface Decoding {
    Object decode() throws TsdbFormatException;
  }

  private static String failure(Decoding decoding) {
    return String.valueOf(assertThrows(TsdbFormatException.class, decoding::decode).getMessage());
  }

  private static ByteOrder order() {
    return ByteOrder.LITTLE_ENDIAN;
  }

  private static ByteBuffer buffer(int length) {
    return ByteBuffer.allocate(length).order(order());
  }

  private static ByteBuffer flagged(ByteBuffer bytes, int flag) {
    return buffer(bytes.remaining() + 1).put((byte) flag).put(bytes.duplicate()).flip();
  }

  private static ByteBuffer lz4(ByteBuffer bytes) {
    byte[] plain = new byte[bytes.remaining()];
    bytes.get(plain);
    byte[] packed = LZ4Factory.safeInstance().fastCompressor().compress(plain);
    return flagged(ByteBuffer.wrap(packed), 1);
  }

  private static ByteBuffer deltas(long[] values) {
    ByteBuffer out = buffer(1 + values.length * 9);
    out.put((byte) 1);
    long before = 0;
    long delta = 0;
    int lengthsAt = 0;
    for (int i = 0; i < values.length; i++) {
      long second = i == 0 ? values[0] : values[i] - before - delta;
      delta = i == 0 ? 0 : values[i] - before;
      before = values[i];
      long zigzag = (second << 1) ^ (second >> 63);
      int length = (64 - Long.numberOfLeadingZeros(zigzag) + 7) / 8;
      if (i % 2 == 0) {
        lengthsAt = out.position();
        out.put((byte) length);
      } else {
        out.put(lengthsAt, (byte) (out.get(lengthsAt) | length << 4));
      }
      for (int b = 0; b < length; b++) {
        out.put((byte) (zigzag >>> (8 * b)));
      }
    }
    return out.flip();
  }
}
