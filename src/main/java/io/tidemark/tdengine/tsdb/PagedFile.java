package io.tidemark.tdengine.tsdb;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * A data file as the server's page layer shows it: bytes without the checksums of pages.
 *
 * <p>Every page that is read is checked. Used by one thread.
 */
final class PagedFile implements Closeable {

  /*
   * page 0                       page 1
   * +------------------+-------+------------------+-------+
   * | content          | CRC32C| content          | CRC32C| ...   the last page is as long as the others
   * +------------------+-------+------------------+-------+
   * 0            page - 4   page
   *
   * A logical offset counts contents only. The first 512 bytes of content are a header of zeros.
   */

  private static final int CHECKSUM_BYTES = Integer.BYTES;
  private static final int HEADER_BYTES = 512;
  private static final int PAGE_BYTES_MAX = 16 << 20;
  private static final int READ_BYTES_MAX = 256 << 20;

  private final TsdbFile file;
  private final FileChannel channel;
  private final int pageBytes;
  private final int contentBytes;
  private final CRC32C crc = new CRC32C();

  private PagedFile(TsdbFile file, FileChannel channel, int pageBytes) {
    this.file = file;
    this.channel = channel;
    this.pageBytes = pageBytes;
    this.contentBytes = pageBytes - CHECKSUM_BYTES;
  }

  /**
   * Opens a file.
   *
   * @param pageBytes length of a page with its checksum
   * @throws java.nio.file.NoSuchFileException if the server deleted it
   */
  static PagedFile open(TsdbFile file, int pageBytes) throws IOException {
    if (pageBytes <= HEADER_BYTES || pageBytes > PAGE_BYTES_MAX) {
      throw new FilePlace(file.path(), 0)
          .unsupported(
              "impossible length of a page",
              "limitBytes=" + PAGE_BYTES_MAX + ", actualBytes=" + pageBytes);
    }
    FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ);
    try {
      PagedFile paged = new PagedFile(file, channel, pageBytes);
      paged.checkLength();
      return paged;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void checkLength() throws IOException {
    long pages = (file.lengthBytes() + contentBytes - 1) / contentBytes;
    long actual = channel.size();
    if (actual < pages * pageBytes) {
      throw place(file.lengthBytes())
          .malformed(
              "file is cut off", "expectedBytes=" + pages * pageBytes + ", actualBytes=" + actual);
    }
  }

  /** Returns its logical length. */
  long lengthBytes() {
    return file.lengthBytes();
  }

  /** Returns a place in it, for errors. */
  FilePlace place(long offset) {
    return new FilePlace(file.path(), offset);
  }

  /**
   * Reads a stretch.
   *
   * @param offset logical
   * @param what what should lie there, for errors
   * @return little-endian, from 0 to its limit; the caller's own
   */
  ByteBuffer read(long offset, long length, String what) throws IOException {
    if (offset < HEADER_BYTES
        || length < 0
        || length > READ_BYTES_MAX
        || length > file.lengthBytes()
        || offset > file.lengthBytes() - length) {
      throw place(offset)
          .malformed(
              what + " lies outside of the file",
              "lengthBytes=" + length + ", limitBytes=" + file.lengthBytes());
    }
    ByteBuffer result = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    byte[] page = new byte[pageBytes];
    long next = offset;
    while (result.hasRemaining()) {
      long number = next / contentBytes;
      int skip = (int) (next % contentBytes);
      int part = Math.min(result.remaining(), contentBytes - skip);
      readPage(number, page);
      result.put(page, skip, part);
      next += part;
    }
    return result.flip();
  }

  private void readPage(long number, byte[] bytes) throws IOException {
    ByteBuffer page = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long position = number * pageBytes;
    while (page.hasRemaining()) {
      int count = channel.read(page, position + page.position());
      if (count < 0) {
        throw new EOFException(
            "file became shorter while it was read: offset=" + position + ", file=" + file.path());
      }
    }
    crc.reset();
    crc.update(bytes, 0, contentBytes);
    int expected = (int) crc.getValue();
    int actual = page.getInt(contentBytes);
    if (expected != actual) {
      throw place(number * contentBytes)
          .malformed(
              "wrong checksum of a page",
              String.format(
                  Locale.ROOT,
                  "page=%d, expected=0x%08X, actual=0x%08X",
                  number,
                  expected,
                  actual));
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
