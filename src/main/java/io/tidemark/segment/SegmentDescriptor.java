package io.tidemark.segment;

import io.tidemark.errors.UnsupportedFormatException;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;

/** Layout of the payload of a change segment and of a base file; little-endian. */
final class SegmentDescriptor {

  /*
   *  +-------------------------------+
   *  | sections ...                  |
   *  +-------------------------------+
   *  | trailer                       |   the last TRAILER_LENGTH bytes:
   *
   *   0               4               8
   *  +---------------+---------------+
   *  | generation    | flags         |   0   bit 0: a flush-all; bit 1: events
   *  +---------------+---------------+
   *  | flush-all WAL offset          |   8   highest one
   *  +---------------+---------------+
   *  | its generation| 0             |  16
   *  +---------------+---------------+
   *  | generations of the next two   |  24   u32 each
   *  +-------------------------------+
   *  | WAL offset of the first change|  32   the first and last by position
   *  +-------------------------------+
   *  | WAL offset of the last change |  40
   *  +-------------------------------+
   *  | min timestamp of changes, ns  |  48
   *  +-------------------------------+
   *  | max timestamp of changes, ns  |  56
   *  +-------------------------------+
   *  | rows                          |  64   n
   *  +-------------------------------+
   *  | changed blocks                |  72
   *  +-------------------------------+
   *  | changes                       |  80   whether they are in EVENTS or not
   *  +-------------------------------+
   *  | next block id                 |  88   higher than every id given until the segment's end
   *  +-------------------------------+
   *  | section directory             |  96   for each: offset u64, length u64, CRC32C u32, 0 u32
   *  +---------------+---------------+
   *  | CRC32C        | 0             | 384   of the trailer's bytes before it
   *  +---------------+---------------+
   *
   *  Sections; ids ascend as unsigned:
   *   TOUCHED CHANGED CREATED DELETED FLUSHED   portable 64-bit Roaring bitmaps of block ids;
   *                  those that are equal to TOUCHED are the same bytes
   *   CONTAINERS     where the rows of each container of TOUCHED begin: see IdDirectory
   *   ROWS           for each id of TOUCHED its columns, packed: see RowColumns, PackedColumns
   *   ROW_PAGES      offset of each page of ROWS, u32
   *   EVENTS         block id, WAL offset, timestamp and type of each change in order of arrival,
   *                  packed in pages: see PackedEvents
   *   EVENT_PAGES    for each page of EVENTS where it lies, how many changes it holds, their bounds
   *   EVENT_GROUPS   the bounds of each group of pages
   *   CONTROL        control entries: see ControlSection
   *
   *  Invariants: TOUCHED = CHANGED or FLUSHED; CREATED and DELETED are subsets of CHANGED. In a
   *  segment all events are of one generation, and rows and EVENTS tell of the same changes. Base
   *  files have no events and no control entries, do not count changes, and TOUCHED is their only
   *  bitmap.
   */

  static final FileType TYPE = FileType.SEGMENT;
  static final int VERSION = 3;

  static final int FLAG_FLUSH_ALL = 1;
  static final int FLAG_EVENTS = 2;

  static final int GENERATION_OFFSET = 0;
  static final int FLAGS_OFFSET = GENERATION_OFFSET + Integer.BYTES;
  static final int FLUSH_ALL_OFFSET = FLAGS_OFFSET + Integer.BYTES;
  static final int FLUSH_ALL_GENERATION_OFFSET = FLUSH_ALL_OFFSET + Long.BYTES;
  static final int MIN_GENERATION_OFFSET = FLUSH_ALL_GENERATION_OFFSET + Long.BYTES;
  static final int MAX_GENERATION_OFFSET = MIN_GENERATION_OFFSET + Integer.BYTES;
  static final int MIN_WAL_OFFSET = MAX_GENERATION_OFFSET + Integer.BYTES;
  static final int MAX_WAL_OFFSET = MIN_WAL_OFFSET + Long.BYTES;
  static final int MIN_TIMESTAMP_OFFSET = MAX_WAL_OFFSET + Long.BYTES;
  static final int MAX_TIMESTAMP_OFFSET = MIN_TIMESTAMP_OFFSET + Long.BYTES;
  static final int ROW_COUNT_OFFSET = MAX_TIMESTAMP_OFFSET + Long.BYTES;
  static final int CHANGED_COUNT_OFFSET = ROW_COUNT_OFFSET + Long.BYTES;
  static final int EVENT_COUNT_OFFSET = CHANGED_COUNT_OFFSET + Long.BYTES;
  static final int NEXT_BLOCK_ID_OFFSET = EVENT_COUNT_OFFSET + Long.BYTES;
  static final int DIRECTORY_OFFSET = NEXT_BLOCK_ID_OFFSET + Long.BYTES;

  static final int TOUCHED = 0;
  static final int CHANGED = 1;
  static final int CREATED = 2;
  static final int DELETED = 3;
  static final int FLUSHED = 4;
  static final int CONTAINERS = 5;
  static final int ROWS = 6;
  static final int ROW_PAGES = 7;
  static final int EVENTS = 8;
  static final int EVENT_PAGES = 9;
  static final int EVENT_GROUPS = 10;
  static final int CONTROL = 11;
  static final int SECTIONS = 12;

  static final int SECTION_LENGTH_OFFSET = Long.BYTES;
  static final int SECTION_CRC_OFFSET = 2 * Long.BYTES;
  static final int DIRECTORY_ENTRY_LENGTH = 3 * Long.BYTES;

  static final int TRAILER_CRC_OFFSET = DIRECTORY_OFFSET + SECTIONS * DIRECTORY_ENTRY_LENGTH;
  static final int TRAILER_LENGTH = TRAILER_CRC_OFFSET + Long.BYTES;

  /** Rows on a page of ROWS. */
  static final int ROWS_PER_PAGE = 256;

  private SegmentDescriptor() {}

  /**
   * Refuses the payload of an older format.
   *
   * @throws UnsupportedFormatException if its version is not this one
   */
  static void checkVersion(PublishedFile file) {
    if (file.header().formatVersion() != VERSION) {
      throw new UnsupportedFormatException(
          "file format is older than this program reads: type="
              + file.header().type()
              + ", oldest="
              + VERSION
              + ", actual="
              + file.header().formatVersion()
              + ", file="
              + file.path());
    }
  }
}
