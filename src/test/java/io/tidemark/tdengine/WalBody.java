package io.tidemark.tdengine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A growing message body in the encoding of TDengine; the inverse of {@link BodyCursor}. */
public final class WalBody {
  private ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  /** Begins a message with its head; its length is filled in by {@link #finish}. */
  WalBody begin(int vgroupId) {
    bytes.clear();
    return i32(0).i32(vgroupId);
  }

  /** Fills in the length and returns the message, valid until the next one begins. */
  ByteBuffer finish() {
    bytes.putInt(0, bytes.position());
    return bytes.flip();
  }

  private ByteBuffer room(int length) {
    if (bytes.remaining() < length) {
      final ByteBuffer larger =
          ByteBuffer.allocate(Math.max(2 * bytes.capacity(), bytes.position() + length))
              .order(ByteOrder.LITTLE_ENDIAN);
      bytes = larger.put(bytes.flip());
    }
    return bytes;
  }

  WalBody i8(int value) {
    room(Byte.BYTES).put((byte) value);
    return this;
  }

  WalBody i16(int value) {
    room(Short.BYTES).putShort((short) value);
    return this;
  }

  WalBody i32(int value) {
    room(Integer.BYTES).putInt(value);
    return this;
  }

  WalBody i64(long value) {
    room(Long.BYTES).putLong(value);
    return this;
  }

  WalBody unsigned(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      i8((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    return i8((int) rest);
  }

  WalBody signed(long value) {
    return unsigned((value << 1) ^ (value >> 63));
  }

  WalBody text(String value) {
    final byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    return unsigned(encoded.length + 1).raw(encoded).i8(0);
  }

  WalBody binary(byte[] value) {
    return unsigned(value.length).raw(value);
  }

  WalBody raw(byte[] value) {
    room(value.length).put(value);
    return this;
  }

  WalBody zeros(int count) {
    room(count);
    for (int i = 0; i < count; i++) {
      bytes.put((byte) 0);
    }
    return this;
  }

  /** Begins an enclosed part and returns its mark for {@link #endPart}. */
  int beginPart() {
    i32(0);
    return bytes.position();
  }

  WalBody endPart(int mark) {
    bytes.putInt(mark - Integer.BYTES, bytes.position() - mark);
    return this;
  }
}
