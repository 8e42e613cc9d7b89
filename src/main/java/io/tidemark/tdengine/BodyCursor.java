package io.tidemark.tdengine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A bounds-checked reader of one message body in the encoding of TDengine.
 *
 * <p>Every read names its field; whatever does not fit raises {@link WalDecodeException}. Nothing
 * is allocated but texts and exceptions.
 */
final class BodyCursor {
  /*
   * Encoding: little-endian fixed-size integers; unsigned variable-length ones of 7 bits a byte,
   * low bits first; signed ones zigzag-coded first; binaries with a variable-length prefix; texts
   * as binaries that end with a NUL counted in; enclosed parts with their length before them, so
   * that fields a newer version appends can be passed over.
   */

  private static final int HEAD_LENGTH = 2 * Integer.BYTES;
  private static final int VAR_INT_BYTES_MAX = 5;
  private static final int VAR_LONG_BYTES_MAX = 10;

  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private String message = "";
  private int begin;
  private int position;
  private int limit;

  // What the last textBytes() or binary() found.
  private int foundOffset;
  private int foundLength;

  /** Begins a message: checks its head and stands behind it. */
  void wrap(String messageName, ByteBuffer body, int offset, int lengthBytes)
      throws WalDecodeException {
    if (body.order() != ByteOrder.LITTLE_ENDIAN) {
      throw new IllegalArgumentException("body is not little-endian: order=" + body.order());
    }
    if (offset < 0 || lengthBytes < 0 || lengthBytes > body.limit() - offset) {
      throw new IllegalArgumentException(
          "body outside the buffer: offset="
              + offset
              + ", lengthBytes="
              + lengthBytes
              + ", limit="
              + body.limit());
    }
    buffer = body;
    message = messageName;
    begin = offset;
    position = offset;
    limit = offset + lengthBytes;
    if (lengthBytes < HEAD_LENGTH) {
      throw malformed("body is shorter than the message head", "lengthBytes", lengthBytes);
    }
    final int contentLength = i32("contentLength");
    if (contentLength != lengthBytes) {
      throw malformed("content length differs from body length", "contentLength", contentLength);
    }
    i32("vgId");
  }

  /** Stands at an offset of the same buffer, bounded by an absolute limit. */
  void wrapPart(BodyCursor whole, int offset, int absoluteLimit) {
    buffer = whole.buffer;
    message = whole.message;
    begin = whole.begin;
    position = offset;
    limit = absoluteLimit;
  }

  /** Returns the vgroup id the message head states. */
  int vgroupId() {
    return buffer.getInt(begin + Integer.BYTES);
  }

  ByteBuffer buffer() {
    return buffer;
  }

  int position() {
    return position;
  }

  int limit() {
    return limit;
  }

  int remaining() {
    return limit - position;
  }

  /** Begins an enclosed part and returns the outer limit, to be given to {@link #endPart}. */
  int beginPart(String part) throws WalDecodeException {
    final int length = i32(part);
    if (length < 0 || length > remaining()) {
      throw malformed("part does not fit", part, length);
    }
    final int outerLimit = limit;
    limit = position + length;
    return outerLimit;
  }

  /** Passes over what is left of the enclosed part. */
  void endPart(int outerLimit) {
    position = limit;
    limit = outerLimit;
  }

  /** Checks that nothing follows. */
  void expectEnd() throws WalDecodeException {
    if (position != limit) {
      throw malformed("bytes behind the last field", "lengthBytes", remaining());
    }
  }

  private int take(String field, int lengthBytes) throws WalDecodeException {
    if (lengthBytes < 0 || lengthBytes > limit - position) {
      throw malformed("field does not fit", field, lengthBytes);
    }
    final int at = position;
    position += lengthBytes;
    return at;
  }

  int u8(String field) throws WalDecodeException {
    return buffer.get(take(field, Byte.BYTES)) & 0xFF;
  }

  int u16(String field) throws WalDecodeException {
    return buffer.getShort(take(field, Short.BYTES)) & 0xFFFF;
  }

  int i32(String field) throws WalDecodeException {
    return buffer.getInt(take(field, Integer.BYTES));
  }

  long i64(String field) throws WalDecodeException {
    return buffer.getLong(take(field, Long.BYTES));
  }

  long i64BigEndian(String field) throws WalDecodeException {
    return Long.reverseBytes(i64(field));
  }

  void skip(String field, int lengthBytes) throws WalDecodeException {
    take(field, lengthBytes);
  }

  /** Reads an unsigned variable-length number of at most 32 bits. */
  long varU32(String field) throws WalDecodeException {
    final long value = variable(field, VAR_INT_BYTES_MAX);
    if (value < 0 || value > 0xFFFF_FFFFL) {
      throw malformed("number is wider than 32 bits", field, value);
    }
    return value;
  }

  /** Reads a signed variable-length number of at most 32 bits. */
  int varI32(String field) throws WalDecodeException {
    final long raw = varU32(field);
    return (int) (raw >>> 1) ^ -(int) (raw & 1);
  }

  /** Reads a signed variable-length number of at most 64 bits. */
  long varI64(String field) throws WalDecodeException {
    final long raw = variable(field, VAR_LONG_BYTES_MAX);
    return (raw >>> 1) ^ -(raw & 1);
  }

  /**
   * Reads how many items follow, as an unsigned number.
   *
   * @param itemBytesMin the least an item takes; more items than could fit are refused
   */
  int count(String field, int itemBytesMin) throws WalDecodeException {
    return checkedCount(field, variable(field, VAR_LONG_BYTES_MAX), itemBytesMin);
  }

  /** Reads how many items follow, as a signed number. */
  int signedCount(String field, int itemBytesMin) throws WalDecodeException {
    return checkedCount(field, varI32(field), itemBytesMin);
  }

  private int checkedCount(String field, long count, int itemBytesMin) throws WalDecodeException {
    if (count < 0 || count > remaining() / itemBytesMin) {
      throw malformed("more items than fit", field, count);
    }
    return (int) count;
  }

  private long variable(String field, int bytesMax) throws WalDecodeException {
    long value = 0;
    for (int i = 0; i < bytesMax; i++) {
      final int b = u8(field);
      final int shift = 7 * i;
      if (shift == 63 && b > 1) {
        break;
      }
      value |= (long) (b & 0x7F) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw malformed("number does not end", field, bytesMax);
  }

  /** Passes over a text; {@link #foundOffset} and {@link #foundLength} tell where it lies. */
  void text(String field) throws WalDecodeException {
    final long length = varU32(field);
    if (length < 1 || length > remaining()) {
      throw malformed("text does not fit", field, length);
    }
    foundOffset = take(field, (int) length);
    foundLength = (int) length - 1;
    for (int i = 0; i < foundLength; i++) {
      if (buffer.get(foundOffset + i) == 0) {
        throw malformed("text holds a NUL", field, i);
      }
    }
    if (buffer.get(foundOffset + foundLength) != 0) {
      throw malformed("text does not end with a NUL", field, length);
    }
  }

  /** Reads a text that must not be empty. */
  String name(String field) throws WalDecodeException {
    text(field);
    if (foundLength == 0) {
      throw malformed("name is empty", field, 0);
    }
    return textAt(field, foundOffset, foundLength);
  }

  int foundOffset() {
    return foundOffset;
  }

  int foundLength() {
    return foundLength;
  }

  /** Returns the text of a place found before. */
  String textAt(String field, int offset, int lengthBytes) throws WalDecodeException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(buffer.slice(offset, lengthBytes))
          .toString();
    } catch (CharacterCodingException e) {
      throw malformed("text is not UTF-8", field, lengthBytes);
    }
  }

  WalDecodeException malformed(String what, String fact, long value) {
    return new WalDecodeException(
        "malformed message: "
            + what
            + ": "
            + fact
            + "="
            + value
            + ", bodyOffset="
            + (position - begin)
            + ", message="
            + message);
  }
}
