package io.tidemark.tdengine.tsdb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/** Decompresses one column of whole numbers. Used by one thread. */
final class ColumnDecoder {

  /*
   * Index columns (.head, statistics, deletions) are compressed in 0, 1 or 2 stages: packed words, then
   * LZ4. Key columns of blocks name two methods, one a stage. In each stage the first byte says
   * whether the stage was worth it:
   *   LZ4     1: an LZ4 block follows         0: the bytes follow as they are
   *   words   0: words follow                 1: the numbers follow as they are
   *   deltas  1: deltas follow                0: the numbers follow as they are
   */

  private static final int STAGES_MAX = 2;

  private static final int FIRST_WORDS = 1;
  private static final int FIRST_DELTAS = 2;
  private static final int SECOND_LZ4 = 1;
  private static final int OFF = 255;

  private final LZ4SafeDecompressor lz4 = LZ4Factory.safeInstance().safeDecompressor();

  /**
   * Returns the numbers of an index column.
   *
   * @param in the column's bytes, all of them
   * @param bytesPerValue 8 or 4
   * @param stages how often it is compressed
   */
  long[] index(ByteBuffer in, int count, int bytesPerValue, int stages, FilePlace place)
      throws TsdbFormatException {
    if (stages < 0 || stages > STAGES_MAX) {
      throw place.unsupported("unknown compression of an index", "algorithm=" + stages);
    }
    ByteBuffer bytes = stages == 2 ? inflate(in, count, bytesPerValue, place) : in;
    long[] values = new long[count];
    if (stages == 0 || flag(bytes, place) == 1) {
      plain(bytes, values, bytesPerValue, place);
    } else {
      WordDecoder.words(bytes, values, place);
    }
    return values;
  }

  /**
   * Returns the numbers of a key column, 8 bytes each.
   *
   * @param in the column's bytes, all of them
   * @param algorithm first method, second method and level, as the block names them
   */
  long[] key(ByteBuffer in, int count, int algorithm, FilePlace place) throws TsdbFormatException {
    int first = algorithm >>> 24;
    int second = (algorithm >>> 8) & 0xFFFF;
    boolean isKnown =
        (first == FIRST_WORDS || first == FIRST_DELTAS)
            && (second == SECOND_LZ4 || second == 0 || second == OFF);
    if (!isKnown) {
      throw place.unsupported(
          "unknown compression of a key column",
          String.format(Locale.ROOT, "algorithm=0x%08X", algorithm));
    }
    ByteBuffer bytes = second == SECOND_LZ4 ? inflate(in, count, Long.BYTES, place) : in;
    long[] values = new long[count];
    boolean isEncoded = (flag(bytes, place) == 1) == (first == FIRST_DELTAS);
    if (!isEncoded) {
      plain(bytes, values, Long.BYTES, place);
    } else if (first == FIRST_WORDS) {
      WordDecoder.words(bytes, values, place);
    } else {
      WordDecoder.deltas(bytes, values, place);
    }
    return values;
  }

  /** Undoes the outer stage. */
  private ByteBuffer inflate(ByteBuffer in, int count, int bytesPerValue, FilePlace place)
      throws TsdbFormatException {
    if (flag(in, place) == 0) {
      return in;
    }
    byte[] packed = new byte[in.remaining()];
    in.get(packed);
    // One byte to say that the numbers are plain, at worst.
    byte[] bytes = new byte[count * bytesPerValue + 1];
    try {
      int length = lz4.decompress(packed, 0, packed.length, bytes, 0);
      return ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.LITTLE_ENDIAN);
    } catch (LZ4Exception e) {
      String message =
          String.valueOf(
              place
                  .malformed(
                      "LZ4 block cannot be decompressed",
                      "lengthBytes=" + packed.length + ", limitBytes=" + bytes.length)
                  .getMessage());
      throw new TsdbFormatException(message, e);
    }
  }

  private static int flag(ByteBuffer in, FilePlace place) throws TsdbFormatException {
    int flag = in.hasRemaining() ? in.get() : -1;
    if (flag != 0 && flag != 1) {
      throw place.malformed("impossible first byte of a column", "limit=1, actual=" + flag);
    }
    return flag;
  }

  private static void plain(ByteBuffer in, long[] values, int bytesPerValue, FilePlace place)
      throws TsdbFormatException {
    if (in.remaining() != values.length * bytesPerValue) {
      throw place.malformed(
          "wrong length of a plain column",
          "expectedBytes=" + values.length * bytesPerValue + ", actualBytes=" + in.remaining());
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = bytesPerValue == Long.BYTES ? in.getLong() : in.getInt();
    }
  }
}
