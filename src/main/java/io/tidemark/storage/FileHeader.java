package io.tidemark.storage;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.errors.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The first 64 bytes of every immutable file of a store; little-endian.
 *
 * @param type what the file is
 * @param formatVersion version of that type's payload format
 * @param storeId identity of the store the file belongs to; random, never 0
 * @param firstPosition first journal position the payload covers
 * @param lastPosition last journal position the payload covers
 * @param payloadLength bytes behind the header
 * @param payloadCrc CRC32C of those bytes
 * @param createdMs when it was written, milliseconds since the epoch
 */
public record FileHeader(
    FileType type,
    int formatVersion,
    long storeId,
    long firstPosition,
    long lastPosition,
    long payloadLength,
    int payloadCrc,
    long createdMs) {

  /*
   *   0               4               8
   *  +---------------+---------------+
   *  | magic "TIDEMARK"              |   0
   *  +-------+-------+---------------+
   *  | type  |version| header CRC32C |   8   CRC of all 64 bytes with this field 0
   *  +-------+-------+---------------+
   *  | store id                      |  16
   *  +-------------------------------+
   *  | first journal position        |  24
   *  +-------------------------------+
   *  | last journal position         |  32
   *  +-------------------------------+
   *  | payload length                |  40
   *  +---------------+---------------+
   *  | payload CRC32C| 0             |  48
   *  +---------------+---------------+
   *  | created, ms since the epoch   |  56
   *  +-------------------------------+
   *
   * Invariant: header.length + payload length = length of the file.
   */

  /** "TIDEMARK" read as a little-endian long. */
  static final long MAGIC = 0x4B52414D45444954L;

  private static final int MAGIC_OFFSET = 0;
  private static final int TYPE_OFFSET = MAGIC_OFFSET + Long.BYTES;
  private static final int VERSION_OFFSET = TYPE_OFFSET + Short.BYTES;
  private static final int HEADER_CRC_OFFSET = VERSION_OFFSET + Short.BYTES;
  private static final int STORE_ID_OFFSET = HEADER_CRC_OFFSET + Integer.BYTES;
  private static final int FIRST_POSITION_OFFSET = STORE_ID_OFFSET + Long.BYTES;
  private static final int LAST_POSITION_OFFSET = FIRST_POSITION_OFFSET + Long.BYTES;
  private static final int PAYLOAD_LENGTH_OFFSET = LAST_POSITION_OFFSET + Long.BYTES;
  private static final int PAYLOAD_CRC_OFFSET = PAYLOAD_LENGTH_OFFSET + Long.BYTES;
  private static final int CREATED_OFFSET = PAYLOAD_CRC_OFFSET + Long.BYTES;

  /** Bytes of a header. */
  public static final int LENGTH = CREATED_OFFSET + Long.BYTES;

  /** Writes the header at the start of a little-endian buffer of at least {@link #LENGTH}. */
  void encode(ByteBuffer buffer) {
    buffer.putLong(MAGIC_OFFSET, MAGIC);
    buffer.putShort(TYPE_OFFSET, (short) type.code());
    buffer.putShort(VERSION_OFFSET, (short) formatVersion);
    buffer.putInt(HEADER_CRC_OFFSET, 0);
    buffer.putLong(STORE_ID_OFFSET, storeId);
    buffer.putLong(FIRST_POSITION_OFFSET, firstPosition);
    buffer.putLong(LAST_POSITION_OFFSET, lastPosition);
    buffer.putLong(PAYLOAD_LENGTH_OFFSET, payloadLength);
    buffer.putInt(PAYLOAD_CRC_OFFSET, payloadCrc);
    buffer.putInt(PAYLOAD_CRC_OFFSET + Integer.BYTES, 0);
    buffer.putLong(CREATED_OFFSET, createdMs);
    buffer.putInt(HEADER_CRC_OFFSET, Crc.of(buffer, 0, LENGTH));
  }

  /**
   * Reads and checks the header of a file.
   *
   * @param buffer the file's first {@link #LENGTH} bytes or more, little-endian
   * @param fileLength length of the whole file
   * @param expected the type it must have
   * @param newestVersion the newest format version the caller reads
   * @param storeId the store it must belong to, 0 for any
   * @throws CorruptFileException if any byte of it is wrong
   * @throws UnsupportedFormatException if its format is newer
   * @throws ForeignFileException if it belongs to another store
   */
  static FileHeader decode(
      ByteBuffer buffer,
      long fileLength,
      FileType expected,
      int newestVersion,
      long storeId,
      Path file) {
    if (fileLength < LENGTH) {
      throw new CorruptFileException(
          "corrupt file: shorter than its header: length=" + fileLength + ", file=" + file);
    }
    long magic = buffer.getLong(MAGIC_OFFSET);
    if (magic != MAGIC) {
      throw new CorruptFileException(
          String.format(
              Locale.ROOT,
              "corrupt file: wrong magic: expected=0x%016X, actual=0x%016X, file=%s",
              MAGIC,
              magic,
              file));
    }
    byte[] copy = new byte[LENGTH];
    buffer.get(0, copy);
    ByteBuffer header = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    int storedCrc = header.getInt(HEADER_CRC_OFFSET);
    header.putInt(HEADER_CRC_OFFSET, 0);
    int actualCrc = Crc.of(header, 0, LENGTH);
    if (storedCrc != actualCrc) {
      throw new CorruptFileException(
          String.format(
              Locale.ROOT,
              "corrupt file: wrong header CRC: expected=0x%08X, actual=0x%08X, file=%s",
              storedCrc,
              actualCrc,
              file));
    }
    int type = Short.toUnsignedInt(header.getShort(TYPE_OFFSET));
    if (type != expected.code()) {
      throw new CorruptFileException(
          "corrupt file: wrong type: expected=" + expected + ", actual=" + type + ", file=" + file);
    }
    int version = Short.toUnsignedInt(header.getShort(VERSION_OFFSET));
    if (version > newestVersion || version == 0) {
      throw new UnsupportedFormatException(
          "file format is newer than this program reads: type="
              + expected
              + ", newest="
              + newestVersion
              + ", actual="
              + version
              + ", file="
              + file);
    }
    FileHeader result =
        new FileHeader(
            expected,
            version,
            header.getLong(STORE_ID_OFFSET),
            header.getLong(FIRST_POSITION_OFFSET),
            header.getLong(LAST_POSITION_OFFSET),
            header.getLong(PAYLOAD_LENGTH_OFFSET),
            header.getInt(PAYLOAD_CRC_OFFSET),
            header.getLong(CREATED_OFFSET));
    if (storeId != 0 && result.storeId != storeId) {
      throw new ForeignFileException(
          String.format(
              Locale.ROOT,
              "file belongs to another store: expected=%016x, actual=%016x, file=%s",
              storeId,
              result.storeId,
              file));
    }
    if (result.payloadLength < 0 || LENGTH + result.payloadLength != fileLength) {
      throw new CorruptFileException(
          "corrupt file: wrong length: expected="
              + (LENGTH + result.payloadLength)
              + ", actual="
              + fileLength
              + ", file="
              + file);
    }
    return result;
  }
}
