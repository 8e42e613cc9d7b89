package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;

/** The columns of a block's row, and how they are read and written. */
final class RowColumns {

  /*
   *  KINDS            bits 0 and 1: type of the last change; bit 2 + code of a type: there is one
   *  LAST             WAL offset of the last change
   *  SPAN             LAST less WAL offset of the first change
   *  TIMESTAMP        of the last change, ns, its sign bit turned: order as unsigned
   *  BELOW            TIMESTAMP less the lowest timestamp of a change
   *  ABOVE            the highest timestamp of a change less TIMESTAMP
   *  CREATE           WAL offset of the last CREATE less that of the first change
   *  DELETE           LAST less WAL offset of the last DELETE
   *  FLUSH            WAL offset of the last FLUSH less LAST, sign moved into bit 0
   *  CLEAR            WAL offset of the last FLUSH less that of the last CLEAR
   *  LAST_GENERATION  generation of LAST less the payload's generation
   *  others           generations of the first change, and of the last CREATE, DELETE, FLUSH and
   *                   CLEAR, less that of LAST
   *
   *  Differences are modulo 2^64. What there is not takes no room: a block that changed once has
   *  zeros in most columns, and a page of zeros is one byte.
   *  A row without a change has its FLUSH in LAST.
   */

  static final int KINDS = 0;
  static final int LAST = 1;
  static final int SPAN = 2;
  static final int TIMESTAMP = 3;
  static final int BELOW = 4;
  static final int ABOVE = 5;
  static final int CREATE = 6;
  static final int DELETE = 7;
  static final int FLUSH = 8;
  static final int CLEAR = 9;
  static final int LAST_GENERATION = 10;
  static final int FIRST_GENERATION = 11;
  static final int CREATE_GENERATION = 12;
  static final int DELETE_GENERATION = 13;
  static final int FLUSH_GENERATION = 14;
  static final int CLEAR_GENERATION = 15;
  static final int COLUMNS = 16;

  private static final int TYPE_MASK = 3;
  private static final int HAS_CHANGE = 1 << (2 + BlockEventType.UPDATE.code());
  private static final int HAS_CREATE = 1 << (2 + BlockEventType.CREATE.code());
  private static final int HAS_DELETE = 1 << (2 + BlockEventType.DELETE.code());
  private static final int HAS_FLUSH = 1 << (2 + BlockEventType.FLUSH.code());

  private static final int HAS_CLEAR = 1 << (2 + BlockEventType.CLEAR.code());

  private RowColumns() {}

  static boolean hasChange(long kinds) {
    return (kinds & HAS_CHANGE) != 0;
  }

  static boolean hasCreate(long kinds) {
    return (kinds & HAS_CREATE) != 0;
  }

  static boolean hasDelete(long kinds) {
    return (kinds & HAS_DELETE) != 0;
  }

  static BlockEventType lastType(long kinds) {
    return BlockEventType.ofCode((int) kinds & TYPE_MASK);
  }

  /** Sets the columns of one row; the caller ends it. */
  static void write(BlockRow row, int generation, PackedColumnsWriter out) {
    BlockMaxima maxima = row.maxima();
    boolean hasCreate = row.hasChange() && maxima.has(BlockEventType.CREATE);
    boolean hasDelete = row.hasChange() && maxima.has(BlockEventType.DELETE);
    boolean hasFlush = maxima.has(BlockEventType.FLUSH);
    int lastGeneration =
        row.hasChange() ? row.lastGeneration() : maxima.generation(BlockEventType.FLUSH);
    long last = row.hasChange() ? row.lastOffset() : maxima.walOffset(BlockEventType.FLUSH);
    int kinds = row.hasChange() ? HAS_CHANGE | row.lastType().code() : 0;
    kinds |= (hasCreate ? HAS_CREATE : 0) | (hasDelete ? HAS_DELETE : 0);
    boolean hasClear = maxima.has(BlockEventType.CLEAR);
    kinds |= (hasFlush ? HAS_FLUSH : 0) | (hasClear ? HAS_CLEAR : 0);
    out.set(KINDS, kinds);
    out.set(LAST, last);
    out.set(SPAN, row.hasChange() ? last - row.firstOffset() : 0);
    if (row.hasChange()) {
      out.set(TIMESTAMP, row.lastTimestampNs() ^ Long.MIN_VALUE);
    } else {
      out.setAnything(TIMESTAMP);
    }
    out.set(BELOW, row.hasChange() ? row.lastTimestampNs() - row.minTimestampNs() : 0);
    out.set(ABOVE, row.hasChange() ? row.maxTimestampNs() - row.lastTimestampNs() : 0);
    out.set(CREATE, hasCreate ? maxima.walOffset(BlockEventType.CREATE) - row.firstOffset() : 0);
    out.set(DELETE, hasDelete ? last - maxima.walOffset(BlockEventType.DELETE) : 0);
    out.set(FLUSH, hasFlush ? zigzag(maxima.walOffset(BlockEventType.FLUSH) - last) : 0);
    out.set(
        CLEAR,
        hasClear
            ? maxima.walOffset(BlockEventType.FLUSH) - maxima.walOffset(BlockEventType.CLEAR)
            : 0);
    out.set(LAST_GENERATION, unsigned(lastGeneration - generation));
    out.set(
        FIRST_GENERATION, row.hasChange() ? unsigned(row.firstGeneration() - lastGeneration) : 0);
    out.set(
        CREATE_GENERATION,
        hasCreate ? unsigned(maxima.generation(BlockEventType.CREATE) - lastGeneration) : 0);
    out.set(
        DELETE_GENERATION,
        hasDelete ? unsigned(maxima.generation(BlockEventType.DELETE) - lastGeneration) : 0);
    out.set(
        FLUSH_GENERATION,
        hasFlush ? unsigned(maxima.generation(BlockEventType.FLUSH) - lastGeneration) : 0);
    out.set(
        CLEAR_GENERATION,
        hasClear ? unsigned(maxima.generation(BlockEventType.CLEAR) - lastGeneration) : 0);
  }

  /** Reads one row. */
  static void read(PackedColumns in, int index, long blockId, int generation, BlockRow row) {
    row.reset(blockId);
    long kinds = in.get(KINDS, index);
    long last = in.get(LAST, index);
    int lastGeneration = generation + (int) in.get(LAST_GENERATION, index);
    if (hasChange(kinds)) {
      long first = last - in.get(SPAN, index);
      int firstGeneration = lastGeneration + (int) in.get(FIRST_GENERATION, index);
      row.setChanges(firstGeneration, first, lastGeneration, last, lastType(kinds));
      long timestampNs = in.get(TIMESTAMP, index) ^ Long.MIN_VALUE;
      row.setTimestamps(
          timestampNs, timestampNs - in.get(BELOW, index), timestampNs + in.get(ABOVE, index));
      if (hasCreate(kinds)) {
        row.maxima()
            .fold(
                BlockEventType.CREATE,
                lastGeneration + (int) in.get(CREATE_GENERATION, index),
                first + in.get(CREATE, index));
      }
      if (hasDelete(kinds)) {
        row.maxima()
            .fold(
                BlockEventType.DELETE,
                lastGeneration + (int) in.get(DELETE_GENERATION, index),
                last - in.get(DELETE, index));
      }
    }
    if ((kinds & HAS_FLUSH) != 0) {
      long flush = last + unzigzag(in.get(FLUSH, index));
      row.maxima()
          .fold(
              BlockEventType.FLUSH, lastGeneration + (int) in.get(FLUSH_GENERATION, index), flush);
      if ((kinds & HAS_CLEAR) != 0) {
        row.maxima()
            .fold(
                BlockEventType.CLEAR,
                lastGeneration + (int) in.get(CLEAR_GENERATION, index),
                flush - in.get(CLEAR, index));
      }
    }
  }

  private static long unsigned(int value) {
    return Integer.toUnsignedLong(value);
  }

  private static long zigzag(long value) {
    return (value << 1) ^ (value >> (Long.SIZE - 1));
  }

  private static long unzigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }
}
