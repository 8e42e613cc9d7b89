package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.journal.SomeEntriesHandler;
import java.util.Arrays;

/**
 * What listeners are given of one journal record, taken apart: rows of five numbers.
 *
 * <p>Reused; grows to the longest record. Not thread-safe.
 */
final class StagedEvents implements SomeEntriesHandler {

  /*
   * A row: journal position; kind, and above its lowest byte the generation; block id; WAL offset;
   * timestamp. The kind of an event of a block is the code of its type. Of what was missed the
   * position and the block id are the first position, and the WAL offset is the last.
   */

  static final int ROW = 5;
  static final int POSITION = 0;
  static final int KIND = 1;
  static final int BLOCK_ID = 2;
  static final int WAL_OFFSET = 3;
  static final int TIMESTAMP = 4;

  /** Kinds from here on are no events of a block. */
  static final int FLUSH_ALL = 64;

  static final int MISSED = 65;

  private static final int KIND_MASK = 0xFF;
  private static final int GENERATION_SHIFT = Byte.SIZE;
  private static final int FIRST_ROWS = 64;

  private long[] rows = new long[FIRST_ROWS * ROW];
  private int length;

  /** Removes all rows. */
  void clear() {
    length = 0;
  }

  /** Returns the numbers of all rows, one row after another; valid until one is added. */
  long[] rows() {
    return rows;
  }

  /** Returns where the numbers of the last row end. */
  int length() {
    return length;
  }

  /** Returns the kind in a row's second number. */
  static int kind(long number) {
    return (int) number & KIND_MASK;
  }

  /** Returns the generation in a row's second number. */
  static int generation(long number) {
    return (int) (number >>> GENERATION_SHIFT);
  }

  /** Adds a closed interval of positions that are not there. */
  void missed(long first, long last) {
    add(first, MISSED, 0, first, last, 0);
  }

  private void add(
      long position, int kind, int generation, long blockId, long walOffset, long timestampNs) {
    if (length == rows.length) {
      rows = Arrays.copyOf(rows, 2 * rows.length);
    }
    rows[length + POSITION] = position;
    rows[length + KIND] = (Integer.toUnsignedLong(generation) << GENERATION_SHIFT) | kind;
    rows[length + BLOCK_ID] = blockId;
    rows[length + WAL_OFFSET] = walOffset;
    rows[length + TIMESTAMP] = timestampNs;
    length += ROW;
  }

  @Override
  public void onEvent(
      long position,
      int generation,
      BlockEventType type,
      long blockId,
      long walOffset,
      long timestampNs) {
    add(position, type.code(), generation, blockId, walOffset, timestampNs);
  }

  @Override
  public void onFlushAll(long position, int generation, long walOffset, long timestampNs) {
    add(position, FLUSH_ALL, generation, 0, walOffset, timestampNs);
  }
}
