package io.tidemark.segment;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Forms and bytes of a container of ids as the portable Roaring format has them.
 *
 * <p>A container holds 1 to 65,536 numbers of 16 bits: as a sorted ARRAY of at most 4096, as a
 * BITMAP of 1024 longs, or as RUNS (count u16; for each the first number and the length less 1).
 */
final class Containers {
  static final int ARRAY = 0;
  static final int BITMAP = 1;
  static final int RUNS = 2;

  static final int MAX_ARRAY = 4096;

  private static final int BITMAP_LENGTH = ContainerSource.SIZE / Byte.SIZE;
  private static final int RUN_LENGTH = 2 * Short.BYTES;

  private Containers() {}

  /** Returns how many runs of neighbours there are. */
  static int runs(char[] lows, int count) {
    int runs = 1;
    for (int i = 1; i < count; i++) {
      if (lows[i] != lows[i - 1] + 1) {
        runs++;
      }
    }
    return runs;
  }

  /** Returns the form that takes the fewest bytes. */
  static int smallestForm(int count, int runs) {
    int plain = count <= MAX_ARRAY ? ARRAY : BITMAP;
    return length(RUNS, count, runs) < length(plain, count, runs) ? RUNS : plain;
  }

  /** Returns the number of bytes a form takes. */
  static int length(int form, int count, int runs) {
    return switch (form) {
      case ARRAY -> count * Short.BYTES;
      case BITMAP -> BITMAP_LENGTH;
      default -> Short.BYTES + runs * RUN_LENGTH;
    };
  }

  /** Writes a container. */
  static void write(SectionOutput out, int form, char[] lows, int count, int runs)
      throws IOException {
    switch (form) {
      case ARRAY -> {
        for (int i = 0; i < count; i++) {
          out.putShort(lows[i]);
        }
      }
      case BITMAP -> writeBitmap(out, lows, count);
      default -> writeRuns(out, lows, count, runs);
    }
  }

  private static void writeBitmap(SectionOutput out, char[] lows, int count) throws IOException {
    int at = 0;
    for (int word = 0; word < ContainerSource.SIZE / Long.SIZE; word++) {
      long bits = 0;
      while (at < count && lows[at] / Long.SIZE == word) {
        bits |= 1L << lows[at];
        at++;
      }
      out.putLong(bits);
    }
  }

  private static void writeRuns(SectionOutput out, char[] lows, int count, int runs)
      throws IOException {
    out.putShort(runs);
    int start = 0;
    while (start < count) {
      int end = start + 1;
      while (end < count && lows[end] == lows[end - 1] + 1) {
        end++;
      }
      out.putShort(lows[start]);
      out.putShort(end - start - 1);
      start = end;
    }
  }

  /** Reads a container's numbers in order; returns how many there are. */
  static int read(ByteBuffer in, int offset, int form, int count, char[] lows) {
    switch (form) {
      case ARRAY -> {
        for (int i = 0; i < count; i++) {
          lows[i] = in.getChar(offset + i * Short.BYTES);
        }
      }
      case BITMAP -> readBitmap(in, offset, lows);
      default -> readRuns(in, offset, lows);
    }
    return count;
  }

  private static void readBitmap(ByteBuffer in, int offset, char[] lows) {
    int size = 0;
    for (int word = 0; word < ContainerSource.SIZE / Long.SIZE; word++) {
      long bits = in.getLong(offset + word * Long.BYTES);
      while (bits != 0) {
        lows[size] = (char) (word * Long.SIZE + Long.numberOfTrailingZeros(bits));
        size++;
        bits &= bits - 1;
      }
    }
  }

  private static void readRuns(ByteBuffer in, int offset, char[] lows) {
    int runs = in.getChar(offset);
    int size = 0;
    for (int run = 0; run < runs; run++) {
      int first = in.getChar(offset + Short.BYTES + run * RUN_LENGTH);
      int last = first + in.getChar(offset + 2 * Short.BYTES + run * RUN_LENGTH);
      for (int low = first; low <= last; low++) {
        lows[size] = (char) low;
        size++;
      }
    }
  }

  /** Returns how many numbers of a container are below one that is in it; -1 if it is not. */
  static int rank(ByteBuffer in, int offset, int form, int count, char low) {
    return switch (form) {
      case ARRAY -> rankInArray(in, offset, count, low);
      case BITMAP -> rankInBitmap(in, offset, low);
      default -> rankInRuns(in, offset, low);
    };
  }

  private static int rankInArray(ByteBuffer in, int offset, int count, char low) {
    int from = 0;
    int to = count - 1;
    while (from <= to) {
      int middle = (from + to) >>> 1;
      char value = in.getChar(offset + middle * Short.BYTES);
      if (value == low) {
        return middle;
      }
      if (value < low) {
        from = middle + 1;
      } else {
        to = middle - 1;
      }
    }
    return -1;
  }

  private static int rankInBitmap(ByteBuffer in, int offset, char low) {
    int last = low / Long.SIZE;
    long word = in.getLong(offset + last * Long.BYTES);
    if ((word & 1L << low) == 0) {
      return -1;
    }
    int rank = Long.bitCount(word & ((1L << low) - 1));
    for (int i = 0; i < last; i++) {
      rank += Long.bitCount(in.getLong(offset + i * Long.BYTES));
    }
    return rank;
  }

  private static int rankInRuns(ByteBuffer in, int offset, char low) {
    int runs = in.getChar(offset);
    int rank = 0;
    for (int run = 0; run < runs; run++) {
      int first = in.getChar(offset + Short.BYTES + run * RUN_LENGTH);
      int more = in.getChar(offset + 2 * Short.BYTES + run * RUN_LENGTH);
      if (low < first) {
        return -1;
      }
      if (low <= first + more) {
        return rank + low - first;
      }
      rank += more + 1;
    }
    return -1;
  }
}
