package io.tidemark.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Publishes a file whose payload is written piece by piece, so that it need not fit into memory.
 *
 * <p>Nothing is seen of the file before {@link #publish}; closing it earlier deletes what was
 * written. Used by one thread.
 */
public final class PublishedFileWriter extends OutputStream {
  private final StorageIO io;
  private final Path path;
  private final Path temporary;
  private final FileType type;
  private final int formatVersion;
  private final long storeId;
  private final StorageFile file;
  private final CRC32C crc = new CRC32C();

  /** Writes the payload; the header before it is known at the end. */
  private final StorageFileOutput payload;

  private boolean isPublished;

  /**
   * Begins a file.
   *
   * @param path the final name; an existing file is replaced by {@link #publish}
   * @param storeId identity of the store
   */
  public PublishedFileWriter(
      StorageIO io, Path path, FileType type, int formatVersion, long storeId) throws IOException {
    this.io = io;
    this.path = path;
    this.temporary = path.resolveSibling(path.getFileName() + PublishedFile.TEMPORARY_SUFFIX);
    this.type = type;
    this.formatVersion = formatVersion;
    this.storeId = storeId;
    this.file = io.create(temporary);
    this.payload = new StorageFileOutput(file, FileHeader.LENGTH);
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    crc.update(bytes, offset, length);
    payload.write(bytes, offset, length);
  }

  /**
   * Completes the file; it is durable when this returns. Nothing can be written after it.
   *
   * @param firstPosition first journal position the payload covers
   * @param lastPosition last journal position the payload covers
   * @return CRC32C of the payload
   */
  public int publish(long firstPosition, long lastPosition) throws IOException {
    payload.flush();
    int payloadCrc = (int) crc.getValue();
    FileHeader header =
        new FileHeader(
            type,
            formatVersion,
            storeId,
            firstPosition,
            lastPosition,
            payload.position() - FileHeader.LENGTH,
            payloadCrc,
            System.currentTimeMillis());
    ByteBuffer encoded = ByteBuffer.allocate(FileHeader.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    header.encode(encoded);
    file.write(encoded, 0);
    file.force();
    file.close();
    io.rename(temporary, path);
    isPublished = true;
    io.forceDirectory(PublishedFile.directoryOf(path));
    return payloadCrc;
  }

  /** Gives up what was not published. */
  @Override
  public void close() throws IOException {
    file.close();
    if (!isPublished && io.exists(temporary)) {
      io.delete(temporary);
    }
  }
}
