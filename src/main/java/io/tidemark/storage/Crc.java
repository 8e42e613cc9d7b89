package io.tidemark.storage;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC32C (Castagnoli), the checksum of every file and record of ours. */
public final class Crc {
  private Crc() {}

  /** Returns the CRC32C of a stretch of a buffer; the buffer's position does not move. */
  public static int of(ByteBuffer buffer, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.slice(offset, length));
    return (int) crc.getValue();
  }
}
