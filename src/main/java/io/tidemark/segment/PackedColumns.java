package io.tidemark.segment;

import java.nio.ByteBuffer;

/**
 * Reads rows of longs that lie packed in a section; any row directly, neighbours fastest.
 *
 * <p>Not thread-safe: it remembers the page it read last.
 */
final class PackedColumns {

  /*
   *  A section is a row of pages, each of the same number of rows but the last, and 8 zero bytes.
   *  A page is the headers of all columns, then the values of all columns:
   *
   *   header   control u8; base u64 unless all values are 0; divisor u64 if bit 7 is set
   *   values   (value - base) / divisor, each in the bits that control's low 7 bits tell, lowest bit
   *            first, without gaps; ends at a whole byte
   *
   *  control: 0 to 56 or 64 bits; 127 = all values are 0.
   *  Invariant: base is the lowest value as unsigned.
   */

  static final int ALL_ZERO = 127;
  static final int DIVIDED = 0x80;

  /** Values of more bits take 64: those of fewer lie in 8 bytes, wherever they begin. */
  static final int MAX_PACKED_WIDTH = 56;

  private final ByteBuffer data;
  private final ByteBuffer pageOffsets;
  private final int pageRows;
  private final int rows;
  private final int[] widths;
  private final long[] bases;
  private final long[] divisors;
  private final int[] starts;
  private int page = -1;

  /** Takes little-endian buffers that hold exactly one section each. */
  PackedColumns(ByteBuffer data, ByteBuffer pageOffsets, int columns, int pageRows, int rows) {
    this.data = data;
    this.pageOffsets = pageOffsets;
    this.pageRows = pageRows;
    this.rows = rows;
    this.widths = new int[columns];
    this.bases = new long[columns];
    this.divisors = new long[columns];
    this.starts = new int[columns];
  }

  /** Returns the number of rows. */
  int rows() {
    return rows;
  }

  /** Returns one value. */
  long get(int column, int row) {
    if (row / pageRows != page) {
      turnTo(row / pageRows);
    }
    int width = widths[column];
    if (width == 0) {
      return bases[column];
    }
    int index = row - page * pageRows;
    long value;
    if (width == Long.SIZE) {
      value = data.getLong(starts[column] + index * Long.BYTES);
    } else {
      int bit = index * width;
      value = data.getLong(starts[column] + (bit >>> 3)) >>> (bit & 7);
      value &= (1L << width) - 1;
    }
    return bases[column] + value * divisors[column];
  }

  private void turnTo(int newPage) {
    int at = pageOffsets.getInt(newPage * Integer.BYTES);
    for (int column = 0; column < widths.length; column++) {
      int control = Byte.toUnsignedInt(data.get(at));
      at++;
      bases[column] = 0;
      divisors[column] = 1;
      widths[column] = 0;
      if (control != ALL_ZERO) {
        widths[column] = control & ~DIVIDED;
        bases[column] = data.getLong(at);
        at += Long.BYTES;
        if ((control & DIVIDED) != 0) {
          divisors[column] = data.getLong(at);
          at += Long.BYTES;
        }
      }
    }
    int count = Math.min(pageRows, rows - newPage * pageRows);
    for (int column = 0; column < widths.length; column++) {
      starts[column] = at;
      at += (count * widths[column] + Byte.SIZE - 1) / Byte.SIZE;
    }
    page = newPage;
  }
}
