package io.tidemark.tdengine.tsdb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A compressed block of index records: its columns lie one after another. */
final class IndexBlock {
  private static final int RECORDS_MAX = 1 << 20;

  private final ColumnDecoder decoder;
  private final FilePlace place;
  private final ByteBuffer bytes;
  private final int[] lengths;
  private final int recordCount;
  private final int stages;

  /**
   * Takes a block and the facts its descriptor says about it.
   *
   * @param bytes from 0 to its limit
   * @param lengths of the columns, in bytes
   * @param stages how often each column is compressed
   * @throws TsdbFormatException if the facts are impossible
   */
  IndexBlock(
      ColumnDecoder decoder,
      FilePlace place,
      ByteBuffer bytes,
      int[] lengths,
      int recordCount,
      int stages)
      throws TsdbFormatException {
    this.decoder = decoder;
    this.place = place;
    this.bytes = bytes;
    this.lengths = lengths.clone();
    this.recordCount = recordCount;
    this.stages = stages;
    long total = 0;
    for (int length : lengths) {
      if (length < 0) {
        throw place.malformed("impossible length of a column", "lengthBytes=" + length);
      }
      total += length;
    }
    if (total > bytes.limit()) {
      throw place.malformed(
          "columns are longer than their block",
          "limitBytes=" + bytes.limit() + ", actualBytes=" + total);
    }
    if (recordCount < 1 || recordCount > RECORDS_MAX) {
      throw place.malformed(
          "impossible number of records", "limit=" + RECORDS_MAX + ", actual=" + recordCount);
    }
  }

  int recordCount() {
    return recordCount;
  }

  FilePlace place() {
    return place;
  }

  /** Returns a column of 64-bit numbers. */
  long[] longs(int column) throws TsdbFormatException {
    return decoder.index(slice(column), recordCount, Long.BYTES, stages, place);
  }

  /** Returns a column of 32-bit numbers. */
  long[] ints(int column) throws TsdbFormatException {
    return decoder.index(slice(column), recordCount, Integer.BYTES, stages, place);
  }

  private ByteBuffer slice(int column) {
    int offset = 0;
    for (int i = 0; i < column; i++) {
      offset += lengths[i];
    }
    return bytes.slice(offset, lengths[column]).order(ByteOrder.LITTLE_ENDIAN);
  }
}
