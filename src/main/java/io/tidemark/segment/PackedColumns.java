package io.tidemark.segment;

import java.nio.ByteBuffer;
import java.util.Arrays;

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

  private final ByteBuffer pageOffsets;
  private final int pageRows;
  private final int rows;
  private final PackedColumn[] columns;
  private int page = -1;

  /** Takes little-endian buffers that hold exactly one section each. */
  PackedColumns(ByteBuffer data, ByteBuffer pageOffsets, int columns, int pageRows, int rows) {
    this.pageOffsets = pageOffsets;
    this.pageRows = pageRows;
    this.rows = rows;
    this.columns = new PackedColumn[columns];
    Arrays.setAll(this.columns, i -> new PackedColumn(data));
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
    return columns[column].get(row - page * pageRows);
  }

  private void turnTo(int newPage) {
    int at = pageOffsets.getInt(newPage * Integer.BYTES);
    for (PackedColumn column : columns) {
      at = column.readHeader(at);
    }
    int count = Math.min(pageRows, rows - newPage * pageRows);
    for (PackedColumn column : columns) {
      at = column.place(at, count);
    }
    page = newPage;
  }
}
