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
  private final ColumnPacker[] packers;

  /** For each column all values of the page or'ed: most columns of most pages are 0. */
  private final long[] bits;

  private int rows;
  private int[] pageOffsets = new int[INITIAL_PAGES];
  private int pages;

  PackedColumnsWriter(SectionOutput out, int columns, int pageRows) {
    this.out = out;
    this.page = new long[columns][pageRows];
    this.pageRows = pageRows;
    this.packers = new ColumnPacker[columns];
    this.bits = new long[columns];
    Arrays.setAll(packers, i -> new ColumnPacker());
  }

  /** Sets a value of the row that {@link #endRow} will end. */
  void set(int column, long value) {
    page[column][rows] = value;
    bits[column] |= value;
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
      if (bits[column] == 0) {
        packers[column].takeZeros();
      } else {
        packers[column].take(page[column], rows);
      }
      packers[column].writeHeader(out);
    }
    for (int column = 0; column < page.length; column++) {
      packers[column].writeValues(out, page[column], rows);
      bits[column] = 0;
    }
    rows = 0;
  }
}
