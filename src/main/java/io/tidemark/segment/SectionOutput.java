package io.tidemark.segment;

import io.tidemark.storage.FileHeader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Writes the sections of a payload one behind the other, little-endian, and notes where each lies.
 *
 * <p>Used by one thread.
 */
final class SectionOutput {
  private static final int BUFFER_LENGTH = 1 << 16;

  /** Longest payload, in bytes: a file is mapped as one piece. */
  static final long MAX_LENGTH = Integer.MAX_VALUE - FileHeader.LENGTH;

  private final OutputStream out;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C crc = new CRC32C();
  private final long[] offsets;
  private final long[] lengths;
  private final int[] crcs;
  private long drained;
  private long sectionStart;

  SectionOutput(OutputStream out, int sections) {
    this.out = out;
    this.offsets = new long[sections];
    this.lengths = new long[sections];
    this.crcs = new int[sections];
  }

  /** Begins the next stretch of bytes. */
  void begin() throws IOException {
    drain();
    sectionStart = drained;
    crc.reset();
  }

  /** Ends the stretch begun before and calls it a section. */
  void end(int section) throws IOException {
    drain();
    offsets[section] = sectionStart;
    lengths[section] = drained - sectionStart;
    crcs[section] = (int) crc.getValue();
  }

  /** Makes a section the same bytes as one that was written before. */
  void alias(int section, int written) {
    offsets[section] = offsets[written];
    lengths[section] = lengths[written];
    crcs[section] = crcs[written];
  }

  /** Writes where each section lies and its CRC. */
  void directory() throws IOException {
    for (int section = 0; section < offsets.length; section++) {
      putLong(offsets[section]);
      putLong(lengths[section]);
      putInt(crcs[section]);
      putInt(0);
    }
  }

  /** Returns the CRC of the stretch so far. */
  int crc() throws IOException {
    drain();
    return (int) crc.getValue();
  }

  /** Returns the length of the stretch so far, in bytes. */
  long length() {
    return drained + buffer.position() - sectionStart;
  }

  /** Passes everything on to the stream. */
  void flush() throws IOException {
    drain();
    out.flush();
  }

  void putByte(int value) throws IOException {
    room(Byte.BYTES);
    buffer.put((byte) value);
  }

  void putShort(int value) throws IOException {
    room(Short.BYTES);
    buffer.putShort((short) value);
  }

  void putInt(int value) throws IOException {
    room(Integer.BYTES);
    buffer.putInt(value);
  }

  void putLong(long value) throws IOException {
    room(Long.BYTES);
    buffer.putLong(value);
  }

  /** Writes bytes of any number. */
  void put(byte[] bytes, int offset, int length) throws IOException {
    drain();
    pass(bytes, offset, length);
  }

  private void room(int length) throws IOException {
    if (buffer.remaining() < length) {
      drain();
    }
  }

  private void drain() throws IOException {
    pass(buffer.array(), 0, buffer.position());
    buffer.clear();
  }

  private void pass(byte[] bytes, int offset, int length) throws IOException {
    drained += length;
    if (drained > MAX_LENGTH) {
      throw new IOException("file would be too long: limit=" + MAX_LENGTH);
    }
    crc.update(bytes, offset, length);
    out.write(bytes, offset, length);
  }
}
