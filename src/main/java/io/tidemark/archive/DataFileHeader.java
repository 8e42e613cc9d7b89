package io.tidemark.archive;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.UnsupportedFormatException;
import io.tidemark.storage.Crc;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * The first 72 bytes of a data file of an archive; little-endian, never encrypted.
 *
 * <p>Immutable, but for its arrays, which nobody changes.
 */
final class DataFileHeader {

  /*
   *   0               4               8
   *  +---------------+---------------+
   *  | magic "TIDEDATA"              |   0
   *  +-------+---+---+---------------+
   *  |version| c | e | header CRC32C |   8   c compression, e encryption; CRC of all 72 bytes with
   *  +-------+---+---+---------------+       this field 0
   *  | run                           |  16
   *  |                               |
   *  +---------------+---------------+
   *  | batch         | 0             |  32
   *  +---------------+---------------+
   *  | salt                          |  40
   *  |            32 bytes           |
   *  +-------------------------------+
   *  body: encrypt(compress(records)), see BlockRecord and EncryptingOutputStream
   */

  static final int VERSION = 1;

  /** "TIDEDATA" read as a little-endian long. */
  private static final long MAGIC = 0x4154414445444954L;

  static final int RUN_LENGTH = 16;
  static final int SALT_LENGTH = 32;

  private static final int MAGIC_OFFSET = 0;
  private static final int VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
  private static final int COMPRESSION_OFFSET = VERSION_OFFSET + Short.BYTES;
  private static final int ENCRYPTION_OFFSET = COMPRESSION_OFFSET + 1;
  private static final int CRC_OFFSET = ENCRYPTION_OFFSET + 1;
  private static final int RUN_OFFSET = CRC_OFFSET + Integer.BYTES;
  private static final int BATCH_OFFSET = RUN_OFFSET + RUN_LENGTH;
  private static final int SALT_OFFSET = BATCH_OFFSET + 2 * Integer.BYTES;

  static final int LENGTH = SALT_OFFSET + SALT_LENGTH;

  private final int compression;
  private final boolean isEncrypted;
  private final byte[] run;
  private final int batch;
  private final byte[] salt;

  /**
   * Takes over the arrays.
   *
   * @param compression code of the compression
   * @param isEncrypted whether the body is encrypted
   * @param run see {@link #runOf}
   * @param batch number of the batch, from 1
   * @param salt 32 random bytes; zeros if the body is not encrypted
   */
  DataFileHeader(int compression, boolean isEncrypted, byte[] run, int batch, byte[] salt) {
    this.compression = compression;
    this.isEncrypted = isEncrypted;
    this.run = run;
    this.batch = batch;
    this.salt = salt;
  }

  /** Returns what a header holds of a run's name: the first 16 bytes of its SHA-256. */
  static byte[] runOf(String runId) {
    byte[] digest = Sha256.digest().digest(runId.getBytes(StandardCharsets.UTF_8));
    return Arrays.copyOf(digest, RUN_LENGTH);
  }

  byte[] encode() {
    ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(MAGIC_OFFSET, MAGIC);
    buffer.putShort(VERSION_OFFSET, (short) VERSION);
    buffer.put(COMPRESSION_OFFSET, (byte) compression);
    buffer.put(ENCRYPTION_OFFSET, (byte) (isEncrypted ? 1 : 0));
    buffer.put(RUN_OFFSET, run);
    buffer.putInt(BATCH_OFFSET, batch);
    buffer.put(SALT_OFFSET, salt);
    buffer.putInt(CRC_OFFSET, Crc.of(buffer, 0, LENGTH));
    return buffer.array();
  }

  /**
   * Reads and checks a header.
   *
   * @param bytes {@link #LENGTH} of them
   * @throws CorruptFileException if any byte of it is wrong
   * @throws UnsupportedFormatException if its format is newer
   */
  static DataFileHeader decode(byte[] bytes, String where) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.LITTLE_ENDIAN);
    long magic = buffer.getLong(MAGIC_OFFSET);
    if (magic != MAGIC) {
      throw new CorruptFileException(
          String.format(
              Locale.ROOT,
              "corrupt file: wrong magic: expected=0x%016X, actual=0x%016X, file=%s",
              MAGIC,
              magic,
              where));
    }
    int storedCrc = buffer.getInt(CRC_OFFSET);
    buffer.putInt(CRC_OFFSET, 0);
    int actualCrc = Crc.of(buffer, 0, LENGTH);
    if (storedCrc != actualCrc) {
      throw new CorruptFileException(
          String.format(
              Locale.ROOT,
              "corrupt file: wrong header CRC: expected=0x%08X, actual=0x%08X, file=%s",
              storedCrc,
              actualCrc,
              where));
    }
    int version = Short.toUnsignedInt(buffer.getShort(VERSION_OFFSET));
    if (version != VERSION) {
      throw UnsupportedFormatException.newer(VERSION, version, where);
    }
    byte[] run = new byte[RUN_LENGTH];
    buffer.get(RUN_OFFSET, run);
    byte[] salt = new byte[SALT_LENGTH];
    buffer.get(SALT_OFFSET, salt);
    return new DataFileHeader(
        Byte.toUnsignedInt(buffer.get(COMPRESSION_OFFSET)),
        buffer.get(ENCRYPTION_OFFSET) != 0,
        run,
        buffer.getInt(BATCH_OFFSET),
        salt);
  }

  int compression() {
    return compression;
  }

  boolean isEncrypted() {
    return isEncrypted;
  }

  /** Returns whether it is of a run. */
  boolean isOf(String runId) {
    return Arrays.equals(run, runOf(runId));
  }

  int batch() {
    return batch;
  }

  byte[] salt() {
    return salt;
  }
}
