package io.tidemark.metrics;

import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;

/**
 * Layout of a file of counters, {@code counters.dat}.
 *
 * <pre>
 *    0  magic           8    "TDMKCNTR"
 *    8  format version  4
 *   12  counters        4    number of them: that of the writer's metrics
 *   16  process id      8
 *   24  epoch           8    number of the opening of the store
 *   32  started         8    when the process began to follow, ms since the epoch
 *   40  labels length   4
 *   44  header CRC      4    CRC-32C of bytes 0 to 43 and of the labels
 *   48  labels        208    name=value, one a line, UTF-8
 *  256  heartbeat       8    when the writer was last alive, ms since the epoch; moves
 *  264  state           4    1 open, 2 closed; moves
 *  512  Agrona counters: metadata, 512 bytes each, then values, 128 bytes each; the counter of
 *       metric number n is the n-th, its type is n, its label the metric's name
 * </pre>
 *
 * <p>The header is little-endian. The counters are as Agrona's {@code CountersReader} reads them:
 * in the byte order of the machine.
 */
final class CountersDescriptor {
  static final long MAGIC = 0x52544E434B4D4454L;
  static final int VERSION = 1;

  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
  static final int COUNT_OFFSET = VERSION_OFFSET + Integer.BYTES;
  static final int PID_OFFSET = COUNT_OFFSET + Integer.BYTES;
  static final int EPOCH_OFFSET = PID_OFFSET + Long.BYTES;
  static final int STARTED_OFFSET = EPOCH_OFFSET + Long.BYTES;
  static final int LABELS_LENGTH_OFFSET = STARTED_OFFSET + Long.BYTES;
  static final int CRC_OFFSET = LABELS_LENGTH_OFFSET + Integer.BYTES;
  static final int LABELS_OFFSET = CRC_OFFSET + Integer.BYTES;
  static final int HEARTBEAT_OFFSET = 256;
  static final int STATE_OFFSET = HEARTBEAT_OFFSET + Long.BYTES;
  static final int COUNTERS_OFFSET = 512;

  static final int LABELS_LENGTH_MAX = HEARTBEAT_OFFSET - LABELS_OFFSET;

  /** Other numbers are no state. */
  static final int STATE_OPEN = 1;

  static final int STATE_CLOSED = 2;

  /** More counters than any version will have; a count above it is damage. */
  static final int COUNT_MAX = 1024;

  static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  private CountersDescriptor() {}

  static int metadataLength(int counters) {
    return counters * CountersReader.METADATA_LENGTH;
  }

  static int fileLength(int counters) {
    return COUNTERS_OFFSET + metadataLength(counters) + counters * CountersReader.COUNTER_LENGTH;
  }

  static UnsafeBuffer metadata(UnsafeBuffer file, int counters) {
    return new UnsafeBuffer(file, COUNTERS_OFFSET, metadataLength(counters));
  }

  static UnsafeBuffer values(UnsafeBuffer file, int counters) {
    int offset = COUNTERS_OFFSET + metadataLength(counters);
    return new UnsafeBuffer(file, offset, counters * CountersReader.COUNTER_LENGTH);
  }

  static int crc(UnsafeBuffer file, int labelsLength) {
    CRC32C crc = new CRC32C();
    byte[] bytes = new byte[CRC_OFFSET + labelsLength];
    file.getBytes(0, bytes, 0, CRC_OFFSET);
    file.getBytes(LABELS_OFFSET, bytes, CRC_OFFSET, labelsLength);
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
