package io.tidemark.tdengine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A view of one intact record of a WAL segment: its header's fields and where its body lies.
 *
 * <p>Both checksums have been verified. The bytes belong to the reader that handed the view out and
 * are valid until that reader's next step. Not thread-safe.
 */
public final class WalRecord {
  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private int headerOffset;
  private int bodyLength;
  private long segmentFirstVersion;
  private long fileOffset;

  WalRecord() {}

  WalRecord wrap(ByteBuffer buffer, int headerOffset, long segmentFirstVersion, long fileOffset) {
    assert buffer.order() == ByteOrder.LITTLE_ENDIAN;
    this.buffer = buffer;
    this.headerOffset = headerOffset;
    this.segmentFirstVersion = segmentFirstVersion;
    this.fileOffset = fileOffset;
    this.bodyLength = buffer.getInt(headerOffset + WalRecordDescriptor.BODY_LENGTH_OFFSET);
    return this;
  }

  /** Returns the WAL version, the index of the record in the vgroup's raft log. */
  public long version() {
    return buffer.getLong(headerOffset + WalRecordDescriptor.VERSION_OFFSET);
  }

  /** Returns when the server took the message in: microseconds since the epoch, its clock. */
  public long ingestTimestampUs() {
    return buffer.getLong(headerOffset + WalRecordDescriptor.INGEST_TIMESTAMP_OFFSET);
  }

  /** Returns the number of the message type, see {@link MessageType}. */
  public int messageType() {
    return buffer.getShort(headerOffset + WalRecordDescriptor.MESSAGE_TYPE_OFFSET) & 0xFFFF;
  }

  /** Returns what the message means for tracking. */
  public MessageClass messageClass() {
    return MessageType.classOf(messageType());
  }

  /** Returns the raft term (unsigned); it grows with every restart and election. */
  public long term() {
    return buffer.getLong(headerOffset + WalRecordDescriptor.TERM_OFFSET);
  }

  /** Returns the CRC32C of the body, 0 to 2^32 - 1. */
  public long bodyChecksum() {
    return buffer.getInt(headerOffset + WalRecordDescriptor.BODY_CRC_OFFSET) & 0xFFFF_FFFFL;
  }

  /** Returns the buffer that holds the body; little-endian, to be read at absolute positions. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Returns where the body begins in {@link #buffer()}. */
  public int bodyOffset() {
    return headerOffset + WalRecordDescriptor.HEADER_LENGTH;
  }

  /** Returns the number of bytes of the body. */
  public int bodyLength() {
    return bodyLength;
  }

  /** Returns the first version, that is the name, of the segment the record lies in. */
  public long segmentFirstVersion() {
    return segmentFirstVersion;
  }

  /** Returns where the record's header begins in the segment's file. */
  public long fileOffset() {
    return fileOffset;
  }

  /** Returns the number of bytes of header and body. */
  public long lengthBytes() {
    return (long) WalRecordDescriptor.HEADER_LENGTH + bodyLength;
  }

  @Override
  public String toString() {
    return "version="
        + version()
        + ", type="
        + MessageType.nameOf(messageType())
        + ", term="
        + Long.toUnsignedString(term())
        + ", bodyLength="
        + bodyLength
        + ", segment="
        + segmentFirstVersion
        + ", fileOffset="
        + fileOffset;
  }
}
