package io.tidemark.segment;

import io.tidemark.block.WalPosition;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.storage.Crc;
import io.tidemark.storage.MappedBitmap;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The payload of a segment or base file, read where it lies.
 *
 * <p>Immutable; any number of threads may read, each with cursors of its own.
 */
final class SegmentPayload {
  private final ByteBuffer payload;
  private final ByteBuffer trailer;
  private final String name;
  // Set twice at worst: two threads may check one section at the same time.
  private final boolean[] isChecked = new boolean[SegmentDescriptor.SECTIONS];

  /**
   * Reads the trailer of a payload.
   *
   * @param isTrusted whether the sections are known to be right; else each is checked at first
   *     touch
   * @param name what to call it in an error
   * @throws CorruptFileException if the trailer is wrong
   */
  SegmentPayload(ByteBuffer payload, boolean isTrusted, String name) {
    this.payload = payload.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    this.name = name;
    int start = payload.capacity() - SegmentDescriptor.TRAILER_LENGTH;
    if (start < 0) {
      throw new CorruptFileException(
          "corrupt file: shorter than its trailer: length="
              + payload.capacity()
              + ", file="
              + name);
    }
    this.trailer = slice(start, SegmentDescriptor.TRAILER_LENGTH);
    checkCrc(
        trailer,
        SegmentDescriptor.TRAILER_CRC_OFFSET,
        trailer.getInt(SegmentDescriptor.TRAILER_CRC_OFFSET),
        "trailer");
    Arrays.fill(isChecked, isTrusted);
  }

  private ByteBuffer slice(int offset, int length) {
    return payload.slice(offset, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void checkCrc(ByteBuffer bytes, int length, int expected, String what) {
    int actual = Crc.of(bytes, 0, length);
    if (actual != expected) {
      throw new CorruptFileException(
          String.format(
              Locale.ROOT,
              "corrupt file: wrong %s CRC: expected=0x%08X, actual=0x%08X, file=%s",
              what,
              expected,
              actual,
              name));
    }
  }

  /**
   * Returns a section; its position is its beginning.
   *
   * @throws CorruptFileException if its bytes are wrong
   */
  ByteBuffer section(int section) {
    int entry =
        SegmentDescriptor.DIRECTORY_OFFSET + section * SegmentDescriptor.DIRECTORY_ENTRY_LENGTH;
    int offset = Math.toIntExact(trailer.getLong(entry));
    int length = Math.toIntExact(trailer.getLong(entry + SegmentDescriptor.SECTION_LENGTH_OFFSET));
    ByteBuffer bytes = slice(offset, length);
    if (!isChecked[section]) {
      int crc = trailer.getInt(entry + SegmentDescriptor.SECTION_CRC_OFFSET);
      checkCrc(bytes, length, crc, "section " + section);
      isChecked[section] = true;
    }
    return bytes;
  }

  /** Returns the whole payload; its position is its beginning. */
  ByteBuffer bytes() {
    return payload.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  int generation() {
    return trailer.getInt(SegmentDescriptor.GENERATION_OFFSET);
  }

  private boolean hasFlag(int flag) {
    return (trailer.getInt(SegmentDescriptor.FLAGS_OFFSET) & flag) != 0;
  }

  boolean hasEvents() {
    return hasFlag(SegmentDescriptor.FLAG_EVENTS);
  }

  /** Returns the highest flush of all blocks; null if there was none. */
  @Nullable WalPosition flushAll() {
    return hasFlag(SegmentDescriptor.FLAG_FLUSH_ALL)
        ? new WalPosition(
            trailer.getInt(SegmentDescriptor.FLUSH_ALL_GENERATION_OFFSET),
            trailer.getLong(SegmentDescriptor.FLUSH_ALL_OFFSET))
        : null;
  }

  /** Returns the position of the first change; meaningless if there is none. */
  WalPosition first() {
    return new WalPosition(
        trailer.getInt(SegmentDescriptor.MIN_GENERATION_OFFSET),
        trailer.getLong(SegmentDescriptor.MIN_WAL_OFFSET));
  }

  /** Returns the position of the last change; meaningless if there is none. */
  WalPosition last() {
    return new WalPosition(
        trailer.getInt(SegmentDescriptor.MAX_GENERATION_OFFSET),
        trailer.getLong(SegmentDescriptor.MAX_WAL_OFFSET));
  }

  /** Returns the lowest timestamp of a change, ns; meaningless if there is none. */
  long minTimestampNs() {
    return trailer.getLong(SegmentDescriptor.MIN_TIMESTAMP_OFFSET);
  }

  /** Returns the highest timestamp of a change, ns; meaningless if there is none. */
  long maxTimestampNs() {
    return trailer.getLong(SegmentDescriptor.MAX_TIMESTAMP_OFFSET);
  }

  int rowCount() {
    return Math.toIntExact(trailer.getLong(SegmentDescriptor.ROW_COUNT_OFFSET));
  }

  int changedCount() {
    return Math.toIntExact(trailer.getLong(SegmentDescriptor.CHANGED_COUNT_OFFSET));
  }

  long eventCount() {
    return trailer.getLong(SegmentDescriptor.EVENT_COUNT_OFFSET);
  }

  long nextBlockId() {
    return trailer.getLong(SegmentDescriptor.NEXT_BLOCK_ID_OFFSET);
  }

  /** Returns the ids of a bitmap section. */
  MappedBitmap bitmap(int section) {
    return MappedBitmap.of(section(section));
  }

  /** Returns the ids of a bitmap section, container by container. */
  ContainerSource containers(int section) {
    return new BitmapContainers(section(section));
  }

  /** Returns where the rows of the ids are. */
  IdDirectory directory() {
    return new IdDirectory(
        section(SegmentDescriptor.CONTAINERS), section(SegmentDescriptor.TOUCHED), rowCount());
  }

  /** Returns a reader of the rows. */
  PackedColumns rows() {
    return new PackedColumns(
        section(SegmentDescriptor.ROWS),
        section(SegmentDescriptor.ROW_PAGES),
        RowColumns.COLUMNS,
        SegmentDescriptor.ROWS_PER_PAGE,
        rowCount());
  }

  /** Returns the changes in order of arrival; none if they are not known. */
  PackedEvents events() {
    return new PackedEvents(
        section(SegmentDescriptor.EVENTS),
        section(SegmentDescriptor.EVENT_PAGES),
        section(SegmentDescriptor.EVENT_GROUPS));
  }
}
