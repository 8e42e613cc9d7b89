package io.tidemark.segment;

import java.io.IOException;

/**
 * Packs one column of longs; layout in {@link PackedColumns}.
 *
 * <p>Reused for one column after another. Used by one thread.
 */
final class ColumnPacker {
  private int width;
  private long base;
  private long divisor;
  private boolean isZero;

  /** Notes that all values are 0. */
  void takeZeros() {
    isZero = true;
    width = 0;
  }

  /** Finds the lowest value, what all differences to it have in common, and the bits left. */
  void take(long[] values, int count) {
    base = values[0];
    for (int i = 1; i < count; i++) {
      base = Long.compareUnsigned(values[i], base) < 0 ? values[i] : base;
    }
    long all = 0;
    long common = 0;
    for (int i = 0; i < count; i++) {
      long difference = values[i] - base;
      all |= difference;
      if (common != 1 && difference != 0) {
        common = commonDivisor(common, difference);
      }
    }
    if (all == 0 && base == 0) {
      takeZeros();
      return;
    }
    isZero = false;
    divisor = common == 0 ? 1 : common;
    if (isDivided()) {
      all = highestQuotient(values, count);
    }
    width = Long.SIZE - Long.numberOfLeadingZeros(all);
    width = width > PackedColumns.MAX_PACKED_WIDTH ? Long.SIZE : width;
  }

  private boolean isDivided() {
    return divisor != 1;
  }

  private long highestQuotient(long[] values, int count) {
    long highest = 0;
    for (int i = 0; i < count; i++) {
      highest |= Long.divideUnsigned(values[i] - base, divisor);
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

  /** Returns how many bytes the header and values take. */
  int length(int count) {
    int header = Byte.BYTES;
    if (!isZero) {
      header += isDivided() ? 2 * Long.BYTES : Long.BYTES;
    }
    return header + PackedColumn.length(count, width);
  }

  void writeHeader(SectionOutput out) throws IOException {
    if (isZero) {
      out.putByte(PackedColumns.ALL_ZERO);
      return;
    }
    out.putByte(isDivided() ? width | PackedColumns.DIVIDED : width);
    out.putLong(base);
    if (isDivided()) {
      out.putLong(divisor);
    }
  }

  /** Writes the values that were taken. */
  void writeValues(SectionOutput out, long[] values, int count) throws IOException {
    if (width == 0) {
      return;
    }
    long pending = 0;
    int bits = 0;
    for (int i = 0; i < count; i++) {
      long value = values[i] - base;
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
