package io.tidemark.state;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What is trusted of a metadata map: which files hold which groups as they were written.
 *
 * @param foldedThrough journal position through which every block is folded in, 0 for none
 * @param files in order of their first groups, from group 0; those without a file are lost
 */
record MetadataStamp(long foldedThrough, List<MetadataFile> files) {

  /*
   * Payload, little-endian: for each file:
   *   number u32         0 if the interval has no file and must be folded from the history again
   *   CRC32C u32         of the whole file
   *   first group u64    of the interval; it ends before the next one's
   *   last group u64     that the file holds
   *   group count u32
   *   chunk count u32
   *   length of the file u64
   */

  private static final int VERSION = 2;
  private static final int FILE_LENGTH = 4 * Integer.BYTES + 3 * Long.BYTES;
  private static final MetadataStamp EMPTY = new MetadataStamp(0, List.of());

  /** Reads the stamp; empty if there is none, or a damaged one, or one of the first format. */
  static MetadataStamp read(Path path, long storeId) throws IOException {
    try {
      PublishedFile file = PublishedFile.open(path, FileType.METADATA_STAMP, VERSION, storeId);
      if (file.header().formatVersion() < VERSION) {
        return EMPTY;
      }
      return new MetadataStamp(file.header().lastPosition(), decode(file.payload()));
    } catch (NoSuchFileException | CorruptFileException e) {
      return EMPTY;
    }
  }

  private static List<MetadataFile> decode(ByteBuffer in) {
    List<MetadataFile> files = new ArrayList<>();
    while (in.hasRemaining()) {
      int number = in.getInt();
      int crc = in.getInt();
      long firstGroup = in.getLong();
      long lastGroup = in.getLong();
      int groupCount = in.getInt();
      int chunkCount = in.getInt();
      long length = in.getLong();
      files.add(
          number == MetadataFile.NO_FILE
              ? MetadataFile.lost(firstGroup)
              : MetadataFile.stamped(
                  number, firstGroup, lastGroup, groupCount, chunkCount, length, crc));
    }
    return files;
  }

  /** Publishes the stamp: files that are not stamped are written down as lost. */
  void publish(Path path, long storeId) throws IOException {
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(files.size(), FILE_LENGTH))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (MetadataFile file : files) {
      boolean isThere = file.isStamped();
      out.putInt(isThere ? file.number() : MetadataFile.NO_FILE).putInt(isThere ? file.crc() : 0);
      out.putLong(file.firstGroup()).putLong(isThere ? file.lastGroup() : 0);
      out.putInt(isThere ? file.groupCount() : 0).putInt(isThere ? file.chunkCount() : 0);
      out.putLong(isThere ? file.length() : 0);
    }
    PublishedFile.publish(
        path, FileType.METADATA_STAMP, VERSION, storeId, 0, foldedThrough, out.flip());
  }
}
