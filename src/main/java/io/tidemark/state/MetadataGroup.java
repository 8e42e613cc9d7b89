package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.WalPosition;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The rows of 64 neighbouring blocks, unpacked, and their packed form: the value of one entry of
 * the metadata map.
 *
 * <p>Mutable and reused: {@link #clear} or {@link #decode}, then {@link #fold} and {@link #read},
 * then {@link #encode}. Not thread-safe.
 */
final class MetadataGroup {

  /*
   * Packed, little-endian; a part in brackets is there only if its condition holds:
   *
   *   types u8                     bit t: some block had an event of type t
   *   for each type t of these, CREATE, UPDATE, FLUSH, DELETE, CLEAR:
   *     blocks u64                 bit i: block i of the group had one
   *     generation u32, walOffset u64            the lowest of any block
   *     widths u8                  bytes of a generation (low 4 bits) and of an offset (high 4)
   *     generations                of each such block in order, less the lowest
   *     WAL offsets                the same
   *   [ timestamp i64 ns           the lowest; if any block had a change
   *     width u8
   *     timestamps ]               of the last change of each block that had one, less the lowest
   *   CRC32C u32                   of the group id, u64, and all bytes before
   *
   * Neighbours change at about the same time, so what they differ by takes 3 to 6 bytes. An UPDATE
   * that a later CREATE or DELETE hides is left out: then the last change, its type and its time
   * need no place of their own.
   *
   * In the buffer the group id stands before the packed form, so that one CRC covers both.
   */

  /** Blocks of a group are those that share the id without these low bits. */
  static final int ID_BITS = 6;

  /** Blocks in a group. */
  static final int ROWS = 1 << ID_BITS;

  private static final int TYPES = 5;
  private static final int TYPE_HEADER_LENGTH =
      Long.BYTES + Integer.BYTES + Long.BYTES + Byte.BYTES;
  private static final int WIDTH_BITS = 4;

  /** Bytes of the longest packed form. */
  static final int MAX_LENGTH =
      Byte.BYTES
          + TYPES * (TYPE_HEADER_LENGTH + ROWS * (Integer.BYTES + Long.BYTES))
          + Long.BYTES
          + Byte.BYTES
          + ROWS * Long.BYTES
          + Integer.BYTES;

  /** Where the packed form begins in a buffer. */
  static final int VALUE_OFFSET = Long.BYTES;

  private static final int CREATE = BlockEventType.CREATE.code();
  private static final int UPDATE = BlockEventType.UPDATE.code();
  private static final int DELETE = BlockEventType.DELETE.code();
  private static final int NONE = -1;

  private static final BlockEventType[] EVENT_TYPES = BlockEventType.values();

  private final long[] masks = new long[TYPES];
  private final int[][] generations = new int[TYPES][ROWS];
  private final long[][] offsets = new long[TYPES][ROWS];
  private final long[] timestamps = new long[ROWS];
  private final CRC32C crc = new CRC32C();

  /** Returns a buffer for packed groups; numbers are read and written 8 bytes at a time. */
  static ByteBuffer newBuffer() {
    return ByteBuffer.allocateDirect(VALUE_OFFSET + MAX_LENGTH + Long.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Makes it a group whose blocks had no event. */
  void clear() {
    Arrays.fill(masks, 0);
  }

  /** Takes in what one segment says of one block. */
  void fold(int row, BlockMaxima maxima, long timestampNs) {
    boolean isLater = isLastChangeAtLeast(maxima, BlockEventType.DELETE, row);
    isLater |= isLastChangeAtLeast(maxima, BlockEventType.UPDATE, row);
    isLater |= isLastChangeAtLeast(maxima, BlockEventType.CREATE, row);
    if (isLater) {
      timestamps[row] = timestampNs;
    }
    for (BlockEventType type : EVENT_TYPES) {
      if (maxima.has(type)) {
        foldType(type.code(), row, maxima.generation(type), maxima.walOffset(type));
      }
    }
  }

  private void foldType(int code, int row, int generation, long offset) {
    if (!has(code, row)
        || WalPosition.compare(generation, offset, generations[code][row], offsets[code][row])
            > 0) {
      masks[code] |= 1L << row;
      generations[code][row] = generation;
      offsets[code][row] = offset;
    }
  }

  private boolean has(int code, int row) {
    return (masks[code] >>> row & 1) != 0;
  }

  /** Whether there is a change of a type, and it comes after the row's last or beside it. */
  private boolean isLastChangeAtLeast(BlockMaxima maxima, BlockEventType type, int row) {
    if (!maxima.has(type)) {
      return false;
    }
    int last = lastChange(row);
    if (last == NONE) {
      return true;
    }
    int order =
        WalPosition.compare(
            maxima.generation(type),
            maxima.walOffset(type),
            generations[last][row],
            offsets[last][row]);
    return order > 0 || (order == 0 && type.rank() >= BlockEventType.ofCode(last).rank());
  }

  /** Returns the code of a block's last change. At one position DELETE, UPDATE, CREATE follow. */
  private int lastChange(int row) {
    int last = has(DELETE, row) ? DELETE : NONE;
    if (has(UPDATE, row) && isAtLeast(UPDATE, last, row)) {
      last = UPDATE;
    }
    if (has(CREATE, row) && isAtLeast(CREATE, last, row)) {
      last = CREATE;
    }
    return last;
  }

  private boolean isAtLeast(int code, int other, int row) {
    return other == NONE
        || WalPosition.compare(
                generations[code][row],
                offsets[code][row],
                generations[other][row],
                offsets[other][row])
            >= 0;
  }

  /**
   * Reads a row.
   *
   * @return whether the block had an event; if not, the row is empty
   */
  boolean read(int row, MetadataRow to) {
    to.reset();
    boolean isPresent = false;
    for (BlockEventType type : EVENT_TYPES) {
      int code = type.code();
      if (has(code, row)) {
        to.maxima().fold(type, generations[code][row], offsets[code][row]);
        isPresent = true;
      }
    }
    if ((changedMask() >>> row & 1) != 0) {
      to.setTimestampNs(timestamps[row]);
    }
    return isPresent;
  }

  private long changedMask() {
    return masks[CREATE] | masks[UPDATE] | masks[DELETE];
  }

  /**
   * Packs the group behind {@link #VALUE_OFFSET}; what stands before it is overwritten.
   *
   * @return bytes of the packed form
   */
  int encode(long groupId, ByteBuffer out) {
    dropHiddenUpdates();
    out.putLong(0, groupId);
    int types = 0;
    int at = VALUE_OFFSET + Byte.BYTES;
    for (int code = 0; code < TYPES; code++) {
      if (masks[code] != 0) {
        types |= 1 << code;
        at = encodeType(code, out, at);
      }
    }
    out.put(VALUE_OFFSET, (byte) types);
    long changed = changedMask();
    if (changed != 0) {
      long lowest = Long.MAX_VALUE;
      long highest = Long.MIN_VALUE;
      for (long left = changed; left != 0; left &= left - 1) {
        long timestamp = timestamps[Long.numberOfTrailingZeros(left)];
        lowest = Math.min(lowest, timestamp);
        highest = Math.max(highest, timestamp);
      }
      int width = width(highest - lowest);
      out.putLong(at, lowest);
      out.put(at + Long.BYTES, (byte) width);
      at = putColumn(out, at + Long.BYTES + Byte.BYTES, changed, timestamps, lowest, width);
    }
    out.putInt(at, crc(out, at));
    return at + Integer.BYTES - VALUE_OFFSET;
  }

  private void dropHiddenUpdates() {
    for (long left = masks[UPDATE] & (masks[CREATE] | masks[DELETE]); left != 0; left &= left - 1) {
      int row = Long.numberOfTrailingZeros(left);
      if (lastChange(row) != UPDATE) {
        masks[UPDATE] &= ~(1L << row);
      }
    }
  }

  private int encodeType(int code, ByteBuffer out, int start) {
    long mask = masks[code];
    int[] ofGeneration = generations[code];
    long[] ofOffset = offsets[code];
    int first = Long.numberOfTrailingZeros(mask);
    int lowestGeneration = ofGeneration[first];
    int highestGeneration = lowestGeneration;
    long lowest = ofOffset[first];
    long highest = lowest;
    for (long left = mask; left != 0; left &= left - 1) {
      int row = Long.numberOfTrailingZeros(left);
      int generation = ofGeneration[row];
      if (Integer.compareUnsigned(generation, lowestGeneration) < 0) {
        lowestGeneration = generation;
      } else if (Integer.compareUnsigned(generation, highestGeneration) > 0) {
        highestGeneration = generation;
      }
      long offset = ofOffset[row];
      if (Long.compareUnsigned(offset, lowest) < 0) {
        lowest = offset;
      } else if (Long.compareUnsigned(offset, highest) > 0) {
        highest = offset;
      }
    }
    int generationWidth = width(Integer.toUnsignedLong(highestGeneration - lowestGeneration));
    int offsetWidth = width(highest - lowest);
    out.putLong(start, mask);
    out.putInt(start + Long.BYTES, lowestGeneration);
    out.putLong(start + Long.BYTES + Integer.BYTES, lowest);
    out.put(
        start + TYPE_HEADER_LENGTH - Byte.BYTES,
        (byte) (generationWidth | offsetWidth << WIDTH_BITS));
    int at = start + TYPE_HEADER_LENGTH;
    if (generationWidth > 0) {
      for (long left = mask; left != 0; left &= left - 1) {
        int generation = ofGeneration[Long.numberOfTrailingZeros(left)];
        out.putLong(at, Integer.toUnsignedLong(generation - lowestGeneration));
        at += generationWidth;
      }
    }
    return putColumn(out, at, mask, ofOffset, lowest, offsetWidth);
  }

  /** Returns how many bytes hold every number from 0 to this one, unsigned. */
  private static int width(long range) {
    return (Long.SIZE - Long.numberOfLeadingZeros(range) + Byte.SIZE - 1) / Byte.SIZE;
  }

  private static int putColumn(
      ByteBuffer out, int start, long mask, long[] values, long lowest, int width) {
    int at = start;
    if (width > 0) {
      for (long left = mask; left != 0; left &= left - 1) {
        out.putLong(at, values[Long.numberOfTrailingZeros(left)] - lowest);
        at += width;
      }
    }
    return at;
  }

  private static int getColumn(
      ByteBuffer in, int start, long mask, long[] values, long lowest, int width) {
    int at = start;
    long low = lowBytes(width);
    for (long left = mask; left != 0; left &= left - 1) {
      values[Long.numberOfTrailingZeros(left)] = lowest + (in.getLong(at) & low);
      at += width;
    }
    return at;
  }

  private static long lowBytes(int width) {
    return width == 0 ? 0 : -1L >>> (Long.SIZE - width * Byte.SIZE);
  }

  private int crc(ByteBuffer buffer, int end) {
    crc.reset();
    buffer.clear().limit(end);
    crc.update(buffer);
    buffer.clear();
    return (int) crc.getValue();
  }

  /**
   * Unpacks a group.
   *
   * @param in packed form from {@link #VALUE_OFFSET}; what stands before it is overwritten
   * @param length bytes of the packed form
   * @return whether the bytes are what was written for this group; if not, the rows are undefined
   */
  boolean decode(long groupId, ByteBuffer in, int length) {
    int end = VALUE_OFFSET + length - Integer.BYTES;
    if (length < Byte.BYTES + Integer.BYTES || length > MAX_LENGTH) {
      return false;
    }
    in.putLong(0, groupId);
    if (in.getInt(end) != crc(in, end)) {
      return false;
    }
    int types = in.get(VALUE_OFFSET);
    int at = VALUE_OFFSET + Byte.BYTES;
    for (int code = 0; code < TYPES; code++) {
      masks[code] = 0;
      if ((types >>> code & 1) != 0) {
        at = decodeType(code, in, at);
      }
    }
    long changed = changedMask();
    if (changed != 0) {
      int width = in.get(at + Long.BYTES);
      at = getColumn(in, at + Long.BYTES + 1, changed, timestamps, in.getLong(at), width);
    }
    return at == end;
  }

  private int decodeType(int code, ByteBuffer in, int start) {
    long mask = in.getLong(start);
    masks[code] = mask;
    int lowestGeneration = in.getInt(start + Long.BYTES);
    long lowest = in.getLong(start + Long.BYTES + Integer.BYTES);
    int widths = in.get(start + TYPE_HEADER_LENGTH - Byte.BYTES);
    int generationWidth = widths & ((1 << WIDTH_BITS) - 1);
    int offsetWidth = widths >>> WIDTH_BITS & ((1 << WIDTH_BITS) - 1);
    int at = start + TYPE_HEADER_LENGTH;
    long low = lowBytes(generationWidth);
    for (long left = mask; left != 0; left &= left - 1) {
      generations[code][Long.numberOfTrailingZeros(left)] =
          lowestGeneration + (int) (in.getLong(at) & low);
      at += generationWidth;
    }
    return getColumn(in, at, mask, offsets[code], lowest, offsetWidth);
  }
}
