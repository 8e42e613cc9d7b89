package io.tidemark.segment;

import io.tidemark.storage.FileType;

/** Layout of a change segment's payload, behind the common file header; little-endian. */
final class SegmentDescriptor {

  /*
   *   0               4               8
   *  +---------------+---------------+
   *  | generation    | flags         |   0   bit 0: a flush-all lies in the segment
   *  +---------------+---------------+
   *  | flush-all WAL offset          |   8   highest one
   *  +-------------------------------+
   *  | min WAL offset of changes     |  16
   *  +-------------------------------+
   *  | max WAL offset of changes     |  24
   *  +-------------------------------+
   *  | min timestamp of changes, ns  |  32
   *  +-------------------------------+
   *  | max timestamp of changes, ns  |  40
   *  +-------------------------------+
   *  | changed blocks                |  48
   *  +-------------------------------+
   *  | change events                 |  56
   *  +-------------------------------+
   *  | next block id                 |  64   higher than every id given until the segment's end
   *  +-------------------------------+
   *  | section directory             |  72   for each section: offset u64, length u64
   *  +-------------------------------+
   *  | sections ...                  |
   *
   *  Sections, in this order; n = changed blocks, m = change events:
   *   CHANGED CREATED DELETED FLUSHED CLEARED   portable 64-bit Roaring bitmaps of block ids
   *   COLUMNS        n first WAL offsets, n last WAL offsets, n timestamps of the last change,
   *                  n min timestamps, n max timestamps; in the order of CHANGED
   *   CREATED_LAST DELETED_LAST FLUSHED_LAST CLEARED_LAST   last WAL offset of that event, in bitmap order
   *   EVENT_STARTS   n+1 u32: where a block's events begin in EVENTS
   *   EVENTS         m WAL offsets u64, m timestamps i64, m types u8; grouped by block in the
   *                  order of CHANGED, inside a block by WAL offset, then by rank of the type
   *   CONTROL        for each control entry: journal position u64, entry
   *
   *  Invariants: CREATED and DELETED are subsets of CHANGED, CLEARED is one of FLUSHED; all events are of one generation.
   */

  static final FileType TYPE = FileType.SEGMENT;
  static final int VERSION = 1;

  static final int FLAG_FLUSH_ALL = 1;

  static final int GENERATION_OFFSET = 0;
  static final int FLAGS_OFFSET = GENERATION_OFFSET + Integer.BYTES;
  static final int FLUSH_ALL_OFFSET = FLAGS_OFFSET + Integer.BYTES;
  static final int MIN_WAL_OFFSET = FLUSH_ALL_OFFSET + Long.BYTES;
  static final int MAX_WAL_OFFSET = MIN_WAL_OFFSET + Long.BYTES;
  static final int MIN_TIMESTAMP_OFFSET = MAX_WAL_OFFSET + Long.BYTES;
  static final int MAX_TIMESTAMP_OFFSET = MIN_TIMESTAMP_OFFSET + Long.BYTES;
  static final int CHANGED_COUNT_OFFSET = MAX_TIMESTAMP_OFFSET + Long.BYTES;
  static final int EVENT_COUNT_OFFSET = CHANGED_COUNT_OFFSET + Long.BYTES;
  static final int NEXT_BLOCK_ID_OFFSET = EVENT_COUNT_OFFSET + Long.BYTES;
  static final int DIRECTORY_OFFSET = NEXT_BLOCK_ID_OFFSET + Long.BYTES;

  static final int CHANGED = 0;
  static final int CREATED = 1;
  static final int DELETED = 2;
  static final int FLUSHED = 3;
  static final int CLEARED = 4;
  static final int COLUMNS = 5;
  static final int CREATED_LAST = 6;
  static final int DELETED_LAST = 7;
  static final int FLUSHED_LAST = 8;
  static final int CLEARED_LAST = 9;
  static final int EVENT_STARTS = 10;
  static final int EVENTS = 11;
  static final int CONTROL = 12;
  static final int SECTIONS = 13;

  static final int DIRECTORY_ENTRY_LENGTH = 2 * Long.BYTES;
  static final int SECTIONS_OFFSET = DIRECTORY_OFFSET + SECTIONS * DIRECTORY_ENTRY_LENGTH;

  private SegmentDescriptor() {}
}
