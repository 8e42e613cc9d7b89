package io.tidemark.tdengine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The record that was read last, and whether it still lies where it lay.
 *
 * <p>What is read behind it belongs to the same log as long as it does: a server that takes back an
 * entry cuts the file that holds it, or deletes it. Used by one thread.
 */
final class WalAnchor {
  private static final long NOWHERE = -1;

  private final Path walDirectory;
  private final ByteBuffer header =
      ByteBuffer.allocate(WalRecordDescriptor.HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);

  private long segmentFirstVersion = NOWHERE;
  private long fileOffset;
  private long version;
  private long term;
  private long bodyChecksum;

  WalAnchor(Path walDirectory) {
    this.walDirectory = walDirectory;
  }

  void drop(WalRecord record) {
    segmentFirstVersion = record.segmentFirstVersion();
    fileOffset = record.fileOffset();
    version = record.version();
    term = record.term();
    bodyChecksum = record.bodyChecksum();
  }

  /** Forgets the record: what is read next follows nothing. */
  void lift() {
    segmentFirstVersion = NOWHERE;
  }

  /**
   * Returns whether a segment may be read as what follows the record: it is the record's own, whose
   * window watches it, or the record is still found under its segment's name.
   */
  boolean holds(long segment) throws IOException {
    return segmentFirstVersion == NOWHERE || segmentFirstVersion == segment || isInPlace();
  }

  private boolean isInPlace() throws IOException {
    final Path file = WalSegment.logFile(walDirectory, segmentFirstVersion);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      header.clear();
      while (header.hasRemaining()) {
        if (channel.read(header, fileOffset + header.position()) < 0) {
          return false;
        }
      }
    } catch (NoSuchFileException e) {
      return false;
    }
    return header.getLong(WalRecordDescriptor.MAGIC_OFFSET) == WalRecordDescriptor.MAGIC
        && header.getLong(WalRecordDescriptor.VERSION_OFFSET) == version
        && header.getLong(WalRecordDescriptor.TERM_OFFSET) == term
        && header.getInt(WalRecordDescriptor.BODY_CRC_OFFSET) == (int) bodyChecksum;
  }
}
