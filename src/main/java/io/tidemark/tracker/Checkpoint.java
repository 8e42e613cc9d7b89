package io.tidemark.tracker;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.storage.Crc;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which files together are the store at one journal position: a view, made to open faster and to
 * notice files that vanished.
 *
 * @param number grows with each checkpoint
 * @param position last journal position its segments, snapshot and catalog cover
 * @param epoch number of the opening that wrote it
 * @param nextBlockId higher than every block id ever given
 * @param files the files it names
 */
public record Checkpoint(
    long number, long position, long epoch, long nextBlockId, List<NamedFile> files) {

  /*
   * Payload, little-endian: epoch u64, next block id u64, count u32; for each file: length of the
   * path u16, path below the store in UTF-8, length of the file u64, CRC32C of its header u32 (which
   * holds the CRC of the rest). In the common header the first position is the checkpoint's number.
   */
  private static final int VERSION = 1;

  /** Bytes of a file's entry without its path. */
  private static final int ENTRY_LENGTH = Short.BYTES + Long.BYTES + Integer.BYTES;

  /** Bytes of a file whose CRC stands for it: its header. */
  private static final int STAMP_LENGTH = 64;

  /**
   * A file and what identifies its content.
   *
   * @param path below the store directory
   * @param length in bytes
   * @param crc CRC32C of its header
   */
  public record NamedFile(String path, long length, int crc) {

    static NamedFile of(StorageIO io, Path root, Path file) throws IOException {
      return new NamedFile(root.relativize(file).toString(), io.length(file), stamp(io, file));
    }

    /** Returns whether the file is there as it was named. */
    public boolean isThere(Path root) throws IOException {
      return isThere(FileStorageIO.INSTANCE, root);
    }

    boolean isThere(StorageIO io, Path root) throws IOException {
      Path file = root.resolve(path);
      return io.exists(file) && io.length(file) == length && stamp(io, file) == crc;
    }

    private static int stamp(StorageIO io, Path path) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(STAMP_LENGTH);
      try (StorageFile file = io.openForReading(path)) {
        int read = 0;
        while (bytes.hasRemaining() && read >= 0) {
          read = file.read(bytes, bytes.position());
        }
      }
      return Crc.of(bytes, 0, bytes.position());
    }
  }

  /** Copies the list. */
  public Checkpoint {
    files = List.copyOf(files);
  }

  /**
   * Reads a checkpoint file.
   *
   * @param storeId the store it must belong to, 0 for any
   * @throws CorruptFileException if any byte of it is wrong
   */
  public static Checkpoint open(Path file, long storeId) throws IOException {
    return open(FileStorageIO.INSTANCE, file, storeId);
  }

  static Checkpoint open(StorageIO io, Path file, long storeId) throws IOException {
    PublishedFile published = PublishedFile.open(io, file, FileType.CHECKPOINT, VERSION, storeId);
    ByteBuffer in = published.payload();
    try {
      long epoch = in.getLong();
      long nextBlockId = in.getLong();
      List<NamedFile> files = new ArrayList<>();
      for (int remaining = in.getInt(); remaining > 0; remaining--) {
        byte[] path = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(path);
        files.add(
            new NamedFile(new String(path, StandardCharsets.UTF_8), in.getLong(), in.getInt()));
      }
      return new Checkpoint(
          published.header().firstPosition(),
          published.header().lastPosition(),
          epoch,
          nextBlockId,
          files);
    } catch (BufferUnderflowException e) {
      throw new CorruptFileException("corrupt file: names are cut: file=" + file);
    }
  }

  /** Returns the path of the one file it names whose name ends so; null if there is none. */
  @Nullable String pathOf(String suffix) {
    return files.stream()
        .map(NamedFile::path)
        .filter(path -> path.endsWith(suffix))
        .findFirst()
        .orElse(null);
  }

  /** Returns whether a file is the very one this checkpoint names. */
  boolean names(StorageIO io, Path root, Path file) throws IOException {
    String path = root.relativize(file).toString();
    for (NamedFile named : files) {
      if (named.path.equals(path)) {
        return named.isThere(io, root);
      }
    }
    return false;
  }

  void publish(StorageIO io, Path file, long storeId) throws IOException {
    int length = 2 * Long.BYTES + Integer.BYTES;
    for (NamedFile named : files) {
      length += ENTRY_LENGTH + named.path.getBytes(StandardCharsets.UTF_8).length;
    }
    ByteBuffer payload = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    payload.putLong(epoch).putLong(nextBlockId).putInt(files.size());
    for (NamedFile named : files) {
      byte[] path = named.path.getBytes(StandardCharsets.UTF_8);
      payload.putShort((short) path.length).put(path).putLong(named.length).putInt(named.crc);
    }
    PublishedFile.publish(
        io, file, FileType.CHECKPOINT, VERSION, storeId, number, position, payload.flip());
  }
}
