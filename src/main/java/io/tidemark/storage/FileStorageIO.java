package io.tidemark.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Files of the operating system. */
public final class FileStorageIO implements StorageIO {

  /** The one instance: it holds nothing. */
  public static final FileStorageIO INSTANCE = new FileStorageIO();

  private FileStorageIO() {}

  @Override
  public StorageFile create(Path file) throws IOException {
    return open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE);
  }

  @Override
  public StorageFile openForReading(Path file) throws IOException {
    return open(file, StandardOpenOption.READ);
  }

  @Override
  public StorageFile openForWriting(Path file) throws IOException {
    return open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static StorageFile open(Path file, OpenOption... options) throws IOException {
    return new ChannelFile(FileChannel.open(file, options));
  }

  @Override
  public ByteBuffer map(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel
          .map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
          .order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(path);
  }

  @Override
  public boolean isDirectory(Path path) {
    return Files.isDirectory(path);
  }

  @Override
  public long length(Path file) throws IOException {
    return Files.size(file);
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    return Directories.list(directory);
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    Files.createDirectories(directory);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    Directories.force(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void delete(Path path) throws IOException {
    Files.delete(path);
  }

  @Override
  public Closeable lock(Path file) throws IOException {
    return StoreLock.acquire(file);
  }

  @Override
  public long usableSpace(Path directory) throws IOException {
    boolean isDefault = directory.getFileSystem().equals(FileSystems.getDefault());
    // Looking up the file store reads the list of mounts; this asks the system once.
    return isDefault
        ? directory.toFile().getUsableSpace()
        : Files.getFileStore(directory).getUsableSpace();
  }

  /** A file behind a channel. */
  private record ChannelFile(FileChannel channel) implements StorageFile {

    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
      return channel.read(target, offset);
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
      long at = offset;
      while (source.hasRemaining()) {
        at += channel.write(source, at);
      }
    }

    @Override
    public long length() throws IOException {
      return channel.size();
    }

    @Override
    public void force() throws IOException {
      channel.force(true);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
