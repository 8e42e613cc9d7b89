package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.errors.CorruptFileException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The changes of a segment in order of arrival, read where they lie packed.
 *
 * <p>Immutable; any number of threads may read, each with its own cursor.
 */
final class PackedEvents {

  /*
   *  EVENTS is pages one behind the other, and 8 zero bytes. A page stands for itself:
   *
   *   where WAL offsets, timestamps and types begin   u16 each, from the page's beginning
   *   block ids     PLAIN or RUNS
   *   WAL offsets   PLAIN or DIFFERENCES
   *   timestamps    PLAIN or DIFFERENCES; sign bit turned
   *   types         a packed column of codes, without a form
   *
   *  A packed column is header and values as in PackedColumns. Forms:
   *
   *   0 PLAIN         form u8; packed column
   *   1 DIFFERENCES   form u8; the first number u64; packed column of what each other one is more
   *                   than the one before, sign moved into bit 0
   *   2 RUNS          form u8; number of runs u16; packed columns of the first id of each run, and
   *                   of how many more follow, each one higher than the one before
   *
   *  EVENT_PAGES has for each page
   *   offset in EVENTS u32, number of changes u32                    0
   *   lowest and highest WAL offset, lowest and highest timestamp    8   8 bytes each
   *  EVENT_GROUPS has for each 64 pages, fewer at the end, the same four bounds.
   *
   *  Invariants: a page holds 1 to 1024 changes; bounds are those of the changes.
   */

  static final int PLAIN = 0;
  static final int DIFFERENCES = 1;
  static final int RUNS = 2;

  private static final int IDS = 0;
  private static final int OFFSETS = 1;
  private static final int TIMESTAMPS = 2;
  private static final int TYPES = 3;
  private static final int COLUMNS = 4;

  static final int PAGE_HEADER_LENGTH = (COLUMNS - 1) * Short.BYTES;

  /** Pages of a group. */
  static final int GROUP_PAGES = 64;

  static final int COUNT_OFFSET = Integer.BYTES;
  static final int ZONE_OFFSET = 2 * Integer.BYTES;
  static final int ZONE_LENGTH = 4 * Long.BYTES;
  static final int PAGE_ENTRY_LENGTH = ZONE_OFFSET + ZONE_LENGTH;

  private final ByteBuffer data;
  private final ByteBuffer pages;
  private final ByteBuffer groups;
  private final int pageCount;

  /** Takes little-endian buffers that hold exactly one section each. */
  PackedEvents(ByteBuffer data, ByteBuffer pages, ByteBuffer groups) {
    this.data = data;
    this.pages = pages;
    this.groups = groups;
    this.pageCount = pages.capacity() / PAGE_ENTRY_LENGTH;
    int groupCount = (pageCount + GROUP_PAGES - 1) / GROUP_PAGES;
    if (pages.capacity() % PAGE_ENTRY_LENGTH != 0
        || groups.capacity() != groupCount * ZONE_LENGTH
        || data.capacity() < Long.BYTES) {
      throw new CorruptFileException(
          "corrupt segment: sections of events do not fit: events="
              + data.capacity()
              + ", pages="
              + pages.capacity()
              + ", groups="
              + groups.capacity());
    }
  }

  /** Returns the number of pages. */
  int pageCount() {
    return pageCount;
  }

  /** Returns the bounds of a group of pages. */
  EventZone groupZone(int group) {
    EventZone zone = new EventZone();
    int at = group * ZONE_LENGTH;
    zone.add(groups.getLong(at), groups.getLong(at + 2 * Long.BYTES));
    zone.add(groups.getLong(at + Long.BYTES), groups.getLong(at + 3 * Long.BYTES));
    return zone;
  }

  /** Returns a cursor over the pages that a filter wants. */
  Cursor cursor(ZoneFilter filter) {
    return new Cursor(filter);
  }

  private int pageOffset(int page) {
    return page == pageCount
        ? data.capacity() - Long.BYTES
        : pages.getInt(page * PAGE_ENTRY_LENGTH);
  }

  private static boolean meets(ZoneFilter filter, ByteBuffer zones, int at) {
    return filter.meets(
        zones.getLong(at),
        zones.getLong(at + Long.BYTES),
        zones.getLong(at + 2 * Long.BYTES),
        zones.getLong(at + 3 * Long.BYTES));
  }

  /** Unpacks the columns of a page when they are asked for. */
  final class Cursor implements EventCursor {
    private final ZoneFilter filter;
    private final PackedColumn column = new PackedColumn(data);
    // As long as the longest page so far: a question opens many a small segment, most in vain.
    private long[] scratch = {};
    private long[] blockIds = {};
    private long[] walOffsets = {};
    private long[] timestampsNs = {};
    private byte[] types = {};
    private int page = -1;
    private int count;
    private int start;
    private byte[] packed = new byte[0];

    /** A bit for each column that was unpacked. */
    private int unpacked;

    private Cursor(ZoneFilter filter) {
      this.filter = filter;
    }

    @Override
    public boolean next() {
      page++;
      while (page < pageCount) {
        int group = page / GROUP_PAGES;
        if (page % GROUP_PAGES == 0 && !meets(filter, groups, group * ZONE_LENGTH)) {
          page += GROUP_PAGES;
        } else if (meets(filter, pages, page * PAGE_ENTRY_LENGTH + ZONE_OFFSET)) {
          open();
          return true;
        } else {
          page++;
        }
      }
      page = pageCount;
      return false;
    }

    private void open() {
      count = pages.getInt(page * PAGE_ENTRY_LENGTH + COUNT_OFFSET);
      start = pageOffset(page);
      int end = pageOffset(page + 1);
      boolean isInside =
          start >= 0 && end <= pageOffset(pageCount) && end - start > PAGE_HEADER_LENGTH;
      if (count < 1 || count > PAGE_EVENTS || !isInside) {
        throw corrupt("count=" + count + ", offset=" + start + ", end=" + end);
      }
      reserve();
      int at = start + PAGE_HEADER_LENGTH;
      for (int i = 0; i < COLUMNS; i++) {
        if (columnEnd(i) <= at) {
          throw corrupt("columns overlap: column=" + i);
        }
        at = columnEnd(i);
      }
      unpacked = 0;
    }

    private void reserve() {
      if (types.length < count) {
        scratch = new long[count];
        blockIds = new long[count];
        walOffsets = new long[count];
        timestampsNs = new long[count];
        types = new byte[count];
      }
    }

    private CorruptFileException corrupt(String what) {
      return new CorruptFileException(
          "corrupt segment: page of events: " + what + ", page=" + page);
    }

    private long zone(int bound) {
      return pages.getLong(page * PAGE_ENTRY_LENGTH + ZONE_OFFSET + bound * Long.BYTES);
    }

    @Override
    public int count() {
      return count;
    }

    @Override
    public long minOffset() {
      return zone(0);
    }

    @Override
    public long maxOffset() {
      return zone(1);
    }

    @Override
    public long minTimestampNs() {
      return zone(2);
    }

    @Override
    public long maxTimestampNs() {
      return zone(3);
    }

    /** Returns where one of the columns ends and the next one begins. */
    private int columnEnd(int index) {
      return index == COLUMNS - 1
          ? pageOffset(page + 1)
          : start + Short.toUnsignedInt(data.getShort(start + index * Short.BYTES));
    }

    /** Unpacks a column of the page, unless it was asked for before. */
    private void unpack(int column) {
      if ((unpacked & 1 << column) != 0) {
        return;
      }
      int begin = column == IDS ? start + PAGE_HEADER_LENGTH : columnEnd(column - 1);
      try {
        int end =
            switch (column) {
              case IDS -> readIds(begin);
              case OFFSETS -> readSequence(begin, walOffsets);
              case TIMESTAMPS -> readTimestamps(begin);
              default -> readTypes(begin);
            };
        if (end != columnEnd(column)) {
          throw corrupt("column=" + column + ", end=" + end + ", expected=" + columnEnd(column));
        }
      } catch (IndexOutOfBoundsException e) {
        throw corrupt("column=" + column + ", " + e.getMessage());
      }
      unpacked |= 1 << column;
    }

    @Override
    public long[] blockIds() {
      unpack(IDS);
      return blockIds;
    }

    private int readIds(int offset) {
      return data.get(offset) == RUNS
          ? readRuns(offset + Byte.BYTES)
          : readSequence(offset, blockIds);
    }

    private int readRuns(int offset) {
      int runs = Short.toUnsignedInt(data.getShort(offset));
      if (runs > count) {
        throw corrupt("runs=" + runs + ", count=" + count);
      }
      int at = column.place(column.readHeader(offset + Short.BYTES), runs);
      column.read(runs, scratch);
      at = column.place(column.readHeader(at), runs);
      int size = 0;
      for (int run = 0; run < runs; run++) {
        long more = column.get(run);
        if (more < 0 || more >= count - size) {
          throw corrupt("run is too long: length=" + more + ", count=" + count);
        }
        long id = scratch[run];
        for (int end = size + (int) more; size <= end; size++) {
          blockIds[size] = id;
          id++;
        }
      }
      if (size != count) {
        throw corrupt("runs are too short: length=" + size + ", count=" + count);
      }
      return at;
    }

    private int readSequence(int offset, long[] into) {
      return switch (data.get(offset)) {
        case PLAIN -> readPlain(offset + Byte.BYTES, into);
        case DIFFERENCES -> readDifferences(offset + Byte.BYTES, into);
        default -> throw corrupt("form=" + data.get(offset));
      };
    }

    private int readPlain(int offset, long[] into) {
      int end = column.place(column.readHeader(offset), count);
      column.read(count, into);
      return end;
    }

    private int readDifferences(int offset, long[] into) {
      long value = data.getLong(offset);
      int end = column.place(column.readHeader(offset + Long.BYTES), count - 1);
      column.read(count - 1, scratch);
      into[0] = value;
      for (int i = 1; i < count; i++) {
        long difference = scratch[i - 1];
        value += (difference >>> 1) ^ -(difference & 1);
        into[i] = value;
      }
      return end;
    }

    @Override
    public long[] walOffsets() {
      unpack(OFFSETS);
      return walOffsets;
    }

    @Override
    public long[] timestampsNs() {
      unpack(TIMESTAMPS);
      return timestampsNs;
    }

    private int readTimestamps(int offset) {
      int end = readSequence(offset, timestampsNs);
      for (int i = 0; i < count; i++) {
        timestampsNs[i] ^= Long.MIN_VALUE;
      }
      return end;
    }

    @Override
    public byte[] types() {
      unpack(TYPES);
      return types;
    }

    private int readTypes(int offset) {
      int end = readPlain(offset, scratch);
      for (int i = 0; i < count; i++) {
        if (!isChange(scratch[i])) {
          throw corrupt("type=" + scratch[i]);
        }
        types[i] = (byte) scratch[i];
      }
      return end;
    }

    private static boolean isChange(long code) {
      return code >= 0
          && code <= BlockEventType.DELETE.code()
          && code != BlockEventType.FLUSH.code();
    }

    /** Copies the page as it lies. */
    void copyTo(SectionOutput out) throws IOException {
      int length = pageOffset(page + 1) - start;
      if (packed.length < length) {
        packed = new byte[length];
      }
      data.get(start, packed, 0, length);
      out.put(packed, 0, length);
    }
  }
}
