package io.tidemark.tdengine.tsdb;

import java.nio.ByteBuffer;

/**
 * Turns the two encodings of whole numbers that the server uses into numbers: packed words of
 * differences, and differences of differences.
 */
final class WordDecoder {

  /*
   * Words (simple-8b): 64 bits each, little-endian; the low 4 bits choose a row of the table, the rest
   * holds that many values of that many bits, lowest first. A value is the zigzagged difference from
   * the one before; the first is from 0. Rows 0 and 1 are runs of equal numbers and hold no bits.
   *
   * Differences of differences: a byte with two lengths, low half first, 0 to 8; then the zigzagged
   * second differences in so many bytes each, little-endian. The first number is whole.
   */

  private static final int SELECTOR_BITS = 4;
  private static final int[] BITS = {0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 60};
  private static final int[] COUNTS = {240, 120, 60, 30, 20, 15, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1};

  private WordDecoder() {}

  /** Fills an array from packed words; {@code in} ends with the last of them. */
  static void words(ByteBuffer in, long[] out, FilePlace place) throws TsdbFormatException {
    long value = 0;
    int filled = 0;
    while (filled < out.length) {
      if (in.remaining() < Long.BYTES) {
        throw cut(filled, out.length, place);
      }
      long word = in.getLong();
      int selector = (int) word & 0xF;
      int bits = BITS[selector];
      int end = Math.min(out.length, filled + COUNTS[selector]);
      word >>>= SELECTOR_BITS;
      while (filled < end) {
        value += unzigzag(word & ((1L << bits) - 1));
        word >>>= bits;
        out[filled++] = value;
      }
    }
    checkEnd(in, place);
  }

  /** Fills an array from differences of differences; {@code in} ends with the last of them. */
  static void deltas(ByteBuffer in, long[] out, FilePlace place) throws TsdbFormatException {
    long value = 0;
    long delta = 0;
    int lengths = 0;
    for (int i = 0; i < out.length; i++) {
      if (i % 2 == 0) {
        lengths = in.hasRemaining() ? Byte.toUnsignedInt(in.get()) : -1;
      }
      int length = i % 2 == 0 ? lengths & 0xF : lengths >> 4;
      if (lengths < 0 || length > Long.BYTES || length > in.remaining()) {
        throw cut(i, out.length, place);
      }
      long second = 0;
      for (int shift = 0; shift < length * Byte.SIZE; shift += Byte.SIZE) {
        second |= (in.get() & 0xFFL) << shift;
      }
      if (i == 0) {
        value = unzigzag(second);
      } else {
        delta += unzigzag(second);
        value += delta;
      }
      out[i] = value;
    }
    checkEnd(in, place);
  }

  private static long unzigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }

  private static TsdbFormatException cut(int filled, int expected, FilePlace place) {
    return place.malformed(
        "encoded column is cut off", "expectedValues=" + expected + ", actualValues=" + filled);
  }

  private static void checkEnd(ByteBuffer in, FilePlace place) throws TsdbFormatException {
    if (in.hasRemaining()) {
      throw place.malformed("encoded column is too long", "surplusBytes=" + in.remaining());
    }
  }
}
