package io.tidemark.storage;

import io.tidemark.errors.CorruptFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * An immutable file of a store: written under a temporary name, forced, renamed, its directory
 * forced; read through a mapping.
 *
 * <p>Immutable and thread-safe: {@link #payload} gives each caller a buffer of its own. The mapping
 * lives until the last buffer is collected.
 */
public final class PublishedFile {

  /** Suffix of files that were never completed; they are deleted at the next open. */
  public static final String TEMPORARY_SUFFIX = ".tmp";

  private final Path path;
  private final FileHeader header;
  private final ByteBuffer payload;

  private PublishedFile(Path path, FileHeader header, ByteBuffer payload) {
    this.path = path;
    this.header = header;
    this.payload = payload;
  }

  /**
   * Publishes a file; it is durable when this returns.
   *
   * @param io where the file is
   * @param path the final name; an existing file is replaced
   * @param storeId identity of the store
   * @param firstPosition first journal position the payload covers
   * @param lastPosition last journal position the payload covers
   * @param payload from position to limit; consumed
   */
  public static void publish(
      StorageIO io,
      Path path,
      FileType type,
      int formatVersion,
      long storeId,
      long firstPosition,
      long lastPosition,
      ByteBuffer payload)
      throws IOException {
    FileHeader header =
        new FileHeader(
            type,
            formatVersion,
            storeId,
            firstPosition,
            lastPosition,
            payload.remaining(),
            Crc.of(payload, payload.position(), payload.remaining()),
            System.currentTimeMillis());
    ByteBuffer encoded = ByteBuffer.allocate(FileHeader.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    header.encode(encoded);
    Path temporary = path.resolveSibling(path.getFileName() + TEMPORARY_SUFFIX);
    try (StorageFile file = io.create(temporary)) {
      file.write(encoded, 0);
      file.write(payload, FileHeader.LENGTH);
      file.force();
    }
    io.rename(temporary, path);
    io.forceDirectory(directoryOf(path));
  }

  /** Publishes a file of the operating system. */
  public static void publish(
      Path path,
      FileType type,
      int formatVersion,
      long storeId,
      long firstPosition,
      long lastPosition,
      ByteBuffer payload)
      throws IOException {
    publish(
        FileStorageIO.INSTANCE,
        path,
        type,
        formatVersion,
        storeId,
        firstPosition,
        lastPosition,
        payload);
  }

  static Path directoryOf(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("path has no directory: path=" + path);
    }
    return parent;
  }

  /**
   * Maps a published file and checks every byte of it.
   *
   * @param io where the file is
   * @param newestVersion the newest format version the caller reads
   * @param storeId the store it must belong to, 0 for any
   * @throws CorruptFileException if any byte is wrong
   * @throws NoSuchFileException if there is no such file
   */
  public static PublishedFile open(
      StorageIO io, Path path, FileType type, int newestVersion, long storeId) throws IOException {
    PublishedFile file = openHeader(io, path, type, newestVersion, storeId);
    int crc = Crc.of(file.payload, 0, file.payload.capacity());
    if (crc != file.header.payloadCrc()) {
      throw new CorruptFileException(
          String.format(
              Locale.ROOT,
              "corrupt file: wrong payload CRC: expected=0x%08X, actual=0x%08X, file=%s",
              file.header.payloadCrc(),
              crc,
              path));
    }
    return file;
  }

  /**
   * Maps a published file and checks its header only; the caller checks the payload by CRCs of its
   * own as it reads it.
   *
   * @param newestVersion the newest format version the caller reads
   * @param storeId the store it must belong to, 0 for any
   * @throws CorruptFileException if any byte of the header is wrong
   * @throws NoSuchFileException if there is no such file
   */
  public static PublishedFile openHeader(
      StorageIO io, Path path, FileType type, int newestVersion, long storeId) throws IOException {
    long length = io.length(path);
    if (length > Integer.MAX_VALUE) {
      throw new CorruptFileException(
          "corrupt file: longer than any file of ours: length=" + length + ", file=" + path);
    }
    ByteBuffer file = io.map(path);
    FileHeader header =
        FileHeader.decode(file, file.capacity(), type, newestVersion, storeId, path);
    ByteBuffer payload =
        file.slice(FileHeader.LENGTH, (int) header.payloadLength()).order(ByteOrder.LITTLE_ENDIAN);
    return new PublishedFile(path, header, payload);
  }

  /** Maps a file of the operating system and checks every byte of it. */
  public static PublishedFile open(Path path, FileType type, int newestVersion, long storeId)
      throws IOException {
    return open(FileStorageIO.INSTANCE, path, type, newestVersion, storeId);
  }

  /** Returns where the file is. */
  public Path path() {
    return path;
  }

  /** Returns the checked header. */
  public FileHeader header() {
    return header;
  }

  /** Returns a read-only little-endian buffer over the payload, positioned at its start. */
  public ByteBuffer payload() {
    return payload.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }
}
