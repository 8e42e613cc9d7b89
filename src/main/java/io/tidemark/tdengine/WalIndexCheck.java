package io.tidemark.tdengine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * How the .idx file of a segment compares with its log. For showing only: nothing is read by it.
 *
 * @param file the index file
 * @param isPresent whether there is one
 * @param entryCount whole entries in it
 * @param rightCount entries that point at an intact header of the version they name
 * @param wrongCount entries that point at something else
 * @param aheadCount entries that point at or beyond the end of the log, or at a header cut off
 * @param firstWrongVersion version of the first wrong entry, or −1
 * @param trailingBytes bytes behind the last whole entry
 */
public record WalIndexCheck(
    Path file,
    boolean isPresent,
    long entryCount,
    long rightCount,
    long wrongCount,
    long aheadCount,
    long firstWrongVersion,
    int trailingBytes) {
  private static final int ENTRY_LENGTH = 2 * Long.BYTES;

  /** Compares the index of a segment with its log; an absent index is no error. */
  public static WalIndexCheck check(WalSegment segment) throws IOException {
    final Path file = segment.indexFile();
    final byte[] index;
    try {
      index = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return new WalIndexCheck(file, false, 0, 0, 0, 0, -1, 0);
    }
    final int count = index.length / ENTRY_LENGTH;
    final ByteBuffer entries = ByteBuffer.wrap(index).order(ByteOrder.LITTLE_ENDIAN);
    long right = 0;
    long ahead = 0;
    long firstWrong = -1;
    try (FileChannel log = FileChannel.open(segment.file(), StandardOpenOption.READ)) {
      for (int i = 0; i < count; i++) {
        final long version = entries.getLong(i * ENTRY_LENGTH);
        final long offset = entries.getLong(i * ENTRY_LENGTH + Long.BYTES);
        if (offset >= 0 && offset > log.size() - WalRecordDescriptor.HEADER_LENGTH) {
          ahead++;
        } else if (version == segment.firstVersion() + i && isHeaderOf(log, offset, version)) {
          right++;
        } else if (firstWrong < 0) {
          firstWrong = segment.firstVersion() + i;
        }
      }
    }
    return new WalIndexCheck(
        file,
        true,
        count,
        right,
        count - right - ahead,
        ahead,
        firstWrong,
        index.length % ENTRY_LENGTH);
  }

  private static boolean isHeaderOf(FileChannel log, long offset, long version) throws IOException {
    if (offset < 0) {
      return false;
    }
    final ByteBuffer header =
        ByteBuffer.allocate(WalRecordDescriptor.HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    while (header.hasRemaining()) {
      if (log.read(header, offset + header.position()) < 0) {
        return false;
      }
    }
    final CRC32C crc = new CRC32C();
    crc.update(
        header.array(), WalRecordDescriptor.CHECKED_OFFSET, WalRecordDescriptor.CHECKED_LENGTH);
    return header.getLong(WalRecordDescriptor.MAGIC_OFFSET) == WalRecordDescriptor.MAGIC
        && header.getInt(WalRecordDescriptor.HEADER_CRC_OFFSET) == (int) crc.getValue()
        && header.getLong(WalRecordDescriptor.VERSION_OFFSET) == version;
  }
}
