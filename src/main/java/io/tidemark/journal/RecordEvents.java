package io.tidemark.journal;

import io.tidemark.block.BlockEventType;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * The packed block events of one journal record, one after another: writes an event as differences
 * to the one before, or reads it back; layout in {@link RecordDescriptor}.
 *
 * <p>Begins before the record's first event. Used by one thread, in one direction. Buffers are
 * little-endian.
 */
final class RecordEvents {

  /*
   * One head byte tells the lengths of all three differences, so that there is no loop over bytes.
   * Offset and timestamp share a code: they repeat together (one write of the engine touches several
   * blocks), or advance together by little. The lengths of a code are the nibbles of a constant.
   *
   * Nearly all events are near the one before: then head and id are one unaligned store or load of
   * eight bytes, offset and timestamp another. What a store leaves behind the event is overwritten by
   * the next one, what a load brings too many is masked out. Branches that go the same way for most
   * events cost less than looking codes up.
   */

  /** Longest packed event, in bytes. */
  static final int MAX_LENGTH = Byte.BYTES + 3 * Long.BYTES;

  /** Bytes behind an event that writing it may spoil. */
  static final int SPOILED_LENGTH = Long.BYTES;

  private static final int MARK = 0x80;
  private static final int TYPE_SHIFT = 5;
  private static final int TYPE_MASK = 3;
  private static final int ID_SHIFT = 3;
  private static final int ID_MASK = 3;
  private static final int REST_MASK = 7;

  // Bytes of each difference; nibble i is that of code i.
  private static final int ID_LENGTHS = 0x8421;
  private static final int OFFSET_LENGTHS = 0x84221110;
  private static final int TIMESTAMP_LENGTHS = 0x84424320;

  /** Codes of the commonest lengths of offset and timestamp. */
  private static final int ONE_AND_TWO = 1;

  private static final int TWO_AND_TWO = 4;

  /** Bytes that are looked at to read an event whose differences have at most four bytes. */
  private static final int NEAR_LENGTH = Byte.BYTES + Integer.BYTES + Long.BYTES;

  private static final int LENGTHS = Long.BYTES + 1;

  /** The lowest code that has room for an id difference of so many bytes. */
  private static final byte[] ID_CODES = new byte[LENGTHS];

  /** The shortest code that has room for differences of offset and timestamp of so many bytes. */
  private static final byte[] REST_CODES = new byte[LENGTHS * LENGTHS];

  /** The lowest bytes of a long, by their number. */
  private static final long[] MASKS = new long[LENGTHS];

  static {
    for (int length = 0; length < LENGTHS; length++) {
      MASKS[length] = length == Long.BYTES ? -1 : (1L << (length * Byte.SIZE)) - 1;
      while (length(ID_LENGTHS, ID_CODES[length]) < length) {
        ID_CODES[length]++;
      }
      for (int other = 0; other < LENGTHS; other++) {
        REST_CODES[length * LENGTHS + other] = restCode(length, other);
      }
    }
  }

  private long blockId;
  private long walOffset;
  private long timestampNs;
  private int type;

  private static byte restCode(int offsetLength, int timestampLength) {
    int best = REST_MASK;
    for (int code = REST_MASK; code >= 0; code--) {
      int offset = length(OFFSET_LENGTHS, code);
      int timestamp = length(TIMESTAMP_LENGTHS, code);
      if (offset >= offsetLength
          && timestamp >= timestampLength
          && offset + timestamp <= length(OFFSET_LENGTHS, best) + length(TIMESTAMP_LENGTHS, best)) {
        best = code;
      }
    }
    return (byte) best;
  }

  private static int length(int lengths, int code) {
    return (lengths >>> (code * 4)) & 0xF;
  }

  /** Returns whether this type of event is packed. */
  static boolean canPack(BlockEventType type) {
    return type != BlockEventType.CLEAR;
  }

  /** Returns whether an entry that begins with this byte is a packed event. */
  static boolean isPacked(byte head) {
    return head < 0;
  }

  /** Returns the length of the packed event that begins with this byte. */
  static int length(byte head) {
    return Byte.BYTES
        + length(ID_LENGTHS, (head >>> ID_SHIFT) & ID_MASK)
        + length(OFFSET_LENGTHS, head & REST_MASK)
        + length(TIMESTAMP_LENGTHS, head & REST_MASK);
  }

  /** Goes back before the record's first event. */
  void reset() {
    blockId = 0;
    walOffset = 0;
    timestampNs = 0;
  }

  /**
   * Writes an event; what lies behind it, up to {@link #SPOILED_LENGTH}, is spoiled.
   *
   * @param newType one that can be packed
   * @return where it ends
   */
  int write(ByteBuffer out, int at, BlockEventType newType, long id, long offset, long timestamp) {
    assert canPack(newType) : "event is not packed: type=" + newType;
    long idDifference = zigzag(id - blockId);
    long offsetDifference = zigzag(offset - walOffset);
    long timestampDifference = zigzag(timestamp - timestampNs);
    blockId = id;
    walOffset = offset;
    timestampNs = timestamp;
    int head = MARK | (newType.code() << TYPE_SHIFT);
    if (idDifference >>> Integer.SIZE != 0
        || (offsetDifference | timestampDifference) >>> Integer.SIZE != 0) {
      return writeFar(out, at, head, idDifference, offsetDifference, timestampDifference);
    }
    int idCode = idDifference >>> Byte.SIZE == 0 ? 0 : idDifference >>> Short.SIZE == 0 ? 1 : 2;
    int restCode = restCode(offsetDifference, timestampDifference);
    out.putLong(at, head | (idCode << ID_SHIFT) | restCode | (idDifference << Byte.SIZE));
    int rest = at + Byte.BYTES + length(ID_LENGTHS, idCode);
    int offsetLength = length(OFFSET_LENGTHS, restCode);
    out.putLong(rest, offsetDifference | (timestampDifference << (offsetLength * Byte.SIZE)));
    return rest + offsetLength + length(TIMESTAMP_LENGTHS, restCode);
  }

  private static int restCode(long offset, long timestamp) {
    if ((offset | timestamp) >>> Short.SIZE != 0) {
      return REST_CODES[bytes(offset) * LENGTHS + bytes(timestamp)];
    }
    if (offset >>> Byte.SIZE != 0) {
      return TWO_AND_TWO;
    }
    return (offset | timestamp) == 0 ? 0 : ONE_AND_TWO;
  }

  private static int writeFar(
      ByteBuffer out, int at, int head, long id, long offset, long timestamp) {
    int idCode = ID_CODES[bytes(id)];
    int restCode = REST_CODES[bytes(offset) * LENGTHS + bytes(timestamp)];
    int offsetAt = at + Byte.BYTES + length(ID_LENGTHS, idCode);
    int timestampAt = offsetAt + length(OFFSET_LENGTHS, restCode);
    out.put(at, (byte) (head | (idCode << ID_SHIFT) | restCode));
    out.putLong(at + Byte.BYTES, id);
    out.putLong(offsetAt, offset);
    out.putLong(timestampAt, timestamp);
    return timestampAt + length(TIMESTAMP_LENGTHS, restCode);
  }

  /**
   * Reads the packed event that begins at an offset below the buffer's limit.
   *
   * @return where it ends
   * @throws BufferUnderflowException if it ends behind the limit
   */
  int read(ByteBuffer in, int at) {
    if (at + NEAR_LENGTH > in.limit()) {
      return readFar(in, at);
    }
    long first = in.getLong(at);
    int head = (int) first;
    int restCode = head & REST_MASK;
    int idCode = (head >>> ID_SHIFT) & ID_MASK;
    if (idCode == ID_MASK || restCode == REST_MASK) {
      return readFar(in, at);
    }
    int idLength = length(ID_LENGTHS, idCode);
    int offsetLength = length(OFFSET_LENGTHS, restCode);
    int timestampLength = length(TIMESTAMP_LENGTHS, restCode);
    int rest = at + Byte.BYTES + idLength;
    long second = in.getLong(rest);
    type = (head >>> TYPE_SHIFT) & TYPE_MASK;
    blockId += unzigzag((first >>> Byte.SIZE) & MASKS[idLength]);
    walOffset += unzigzag(second & MASKS[offsetLength]);
    timestampNs += unzigzag((second >>> (offsetLength * Byte.SIZE)) & MASKS[timestampLength]);
    return rest + offsetLength + timestampLength;
  }

  private int readFar(ByteBuffer in, int at) {
    int head = in.get(at);
    int restCode = head & REST_MASK;
    int idLength = length(ID_LENGTHS, (head >>> ID_SHIFT) & ID_MASK);
    int offsetLength = length(OFFSET_LENGTHS, restCode);
    int timestampLength = length(TIMESTAMP_LENGTHS, restCode);
    int offsetAt = at + Byte.BYTES + idLength;
    int timestampAt = offsetAt + offsetLength;
    if (timestampAt + timestampLength > in.limit()) {
      throw new BufferUnderflowException();
    }
    type = (head >>> TYPE_SHIFT) & TYPE_MASK;
    blockId += unzigzag(bytes(in, at + Byte.BYTES, idLength));
    walOffset += unzigzag(bytes(in, offsetAt, offsetLength));
    timestampNs += unzigzag(bytes(in, timestampAt, timestampLength));
    return timestampAt + timestampLength;
  }

  private static long bytes(ByteBuffer in, int at, int length) {
    long value = 0;
    for (int i = length - 1; i >= 0; i--) {
      value = (value << Byte.SIZE) | Byte.toUnsignedLong(in.get(at + i));
    }
    return value;
  }

  private static int bytes(long value) {
    return (Long.SIZE + Byte.SIZE - 1 - Long.numberOfLeadingZeros(value)) >>> 3;
  }

  private static long zigzag(long difference) {
    return (difference << 1) ^ (difference >> (Long.SIZE - 1));
  }

  private static long unzigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }

  /** Returns the type of the event read last. */
  BlockEventType type() {
    return BlockEventType.ofCode(type);
  }

  /** Returns the block of the event read last. */
  long blockId() {
    return blockId;
  }

  /** Returns the WAL offset of the event read last. */
  long walOffset() {
    return walOffset;
  }

  /** Returns the timestamp of the event read last, ns. */
  long timestampNs() {
    return timestampNs;
  }
}
