package io.tidemark.segment;

import java.io.IOException;
import java.util.Arrays;

/**
 * Packs rows of longs, page by page; layout in {@link PackedColumns}.
 *
 * <p>Used once, by one thread; holds one page.
 */
final class PackedColumnsWriter {
  private static final int INITIAL_PAGES = 64;

  private final SectionOutput out;
  private final long[][] page;
  private final int pageRows;
  private final int[] widths;
  private final long[] bases;
  private final long[] divisors;
  private int rows;
  private int[] pageOffsets = new int[INITIAL_PAGES];
  private int pages;

  PackedColumnsWriter(SectionOutput out, int columns, int pageRows) {
    this.out = out;
    this.page = new long[columns][pageRows];
    this.pageRows = pageRows;
    this.widths = new int[columns];
    this.bases = new long[columns];
    this.divisors = new long[columns];
  }

  /** Sets a value of the row that {@link #endRow} will end. */
  void set(int column, long value) {
    page[column][rows] = value;
  }

  /** Leaves a value of the row to the writer: it is whatever packs best. */
  void setAnything(int column) {
    page[column][rows] = rows == 0 ? 0 : page[column][rows - 1];
  }

  /** Ends a row, all of whose values were set. */
  void endRow() throws IOException {
    rows++;
    if (rows == pageRows) {
      writePage();
    }
  }

  /** Writes what is left. */
  void finish() throws IOException {
    if (rows > 0) {
      writePage();
    }
    out.putLong(0);
  }

  /** Writes the offset of each page. */
  void writePageOffsets() throws IOException {
    for (int i = 0; i < pages; i++) {
      out.putInt(pageOffsets[i]);
    }
  }

  private void writePage() throws IOException {
    if (pages == pageOffsets.length) {
      pageOffsets = Arrays.copyOf(pageOffsets, Math.multiplyExact(pages, 2));
    }
    pageOffsets[pages] = Math.toIntExact(out.length());
    pages++;
    for (int column = 0; column < page.length; column++) {
      writeHeader(column);
    }
    for (int column = 0; column < page.length; column++) {
      writeValues(column);
    }
    rows = 0;
  }

  /** Finds the lowest value, what all differences to it have in common, and the bits left. */
  private void writeHeader(int column) throws IOException {
    long[] values = page[column];
    long base = values[0];
    for (int row = 1; row < rows; row++) {
      base = Long.compareUnsigned(values[row], base) < 0 ? values[row] : base;
    }
    long all = 0;
    long divisor = 0;
    for (int row = 0; row < rows; row++) {
      long difference = values[row] - base;
      all |= difference;
      if (divisor != 1 && difference != 0) {
        divisor = commonDivisor(divisor, difference);
      }
    }
    if (all == 0 && base == 0) {
      widths[column] = 0;
      out.putByte(PackedColumns.ALL_ZERO);
      return;
    }
    boolean isDivided = Long.compareUnsigned(divisor, 1) > 0;
    long highest = isDivided ? highestQuotient(values, base, divisor) : all;
    int width = Long.SIZE - Long.numberOfLeadingZeros(highest);
    width = width > PackedColumns.MAX_PACKED_WIDTH ? Long.SIZE : width;
    widths[column] = width;
    bases[column] = base;
    divisors[column] = isDivided ? divisor : 1;
    out.putByte(isDivided ? width | PackedColumns.DIVIDED : width);
    out.putLong(base);
    if (isDivided) {
      out.putLong(divisor);
    }
  }

  private long highestQuotient(long[] values, long base, long divisor) {
    long highest = 0;
    for (int row = 0; row < rows; row++) {
      highest |= Long.divideUnsigned(values[row] - base, divisor);
    }
    return highest;
  }

  private static long commonDivisor(long a, long b) {
    long high = b;
    long low = a;
    while (low != 0) {
      long rest = Long.remainderUnsigned(high, low);
      high = low;
      low = rest;
    }
    return high;
  }

  private void writeValues(int column) throws IOException {
    int width = widths[column];
    if (width == 0) {
      return;
    }
    long[] values = page[column];
    long base = bases[column];
    long divisor = divisors[column];
    long pending = 0;
    int bits = 0;
    for (int row = 0; row < rows; row++) {
      long value = values[row] - base;
      value = divisor == 1 ? value : Long.divideUnsigned(value, divisor);
      if (width == Long.SIZE) {
        out.putLong(value);
        continue;
      }
      pending |= value << bits;
      bits += width;
      if (bits >= Long.SIZE) {
        out.putLong(pending);
        bits -= Long.SIZE;
        pending = bits == 0 ? 0 : value >>> (width - bits);
      }
    }
    for (; bits > 0; bits -= Byte.SIZE) {
      out.putByte((int) pending);
      pending >>>= Byte.SIZE;
    }
  }
}
