package io.tidemark.journal;

import io.tidemark.errors.StoreFullException;
import io.tidemark.storage.StorageFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A log of plain files: records one behind the other. */
final class MemoryEventLog implements EventLog {
  private final StorageIO io;
  private final Path directory;
  private final String suffix;
  private final long storeId;
  private final long epoch;
  private final long rollLength;
  private final FinishedFiles finished;
  private final LogDurability durability;
  private Path path;
  private StorageFile file;
  private int files;
  private long fileLength;

  MemoryEventLog(
      StorageIO io,
      Path directory,
      String suffix,
      long storeId,
      long epoch,
      long firstPosition,
      long rollLength)
      throws IOException {
    this.io = io;
    this.directory = directory;
    this.suffix = suffix;
    this.storeId = storeId;
    this.epoch = epoch;
    this.rollLength = rollLength;
    this.finished = new FinishedFiles(io);
    this.path = nextPath();
    this.file = io.create(path);
    file.force();
    io.forceDirectory(directory);
    this.durability = new LogDurability(io, directory, file, firstPosition - 1);
  }

  private Path nextPath() {
    return directory.resolve(String.format("%08d", files++) + suffix);
  }

  @Override
  public long append(RecordBuffer record) throws IOException {
    durability.checkNotFailed();
    int length = record.length();
    if (io.usableSpace(directory) < length + RecordDescriptor.ALIGNMENT) {
      throw new StoreFullException("no space for a journal record: length=" + length);
    }
    if (fileLength >= rollLength) {
      durability.forceFilesLeftBehind();
    }
    long firstPosition = durability.appended() + 1;
    ByteBuffer bytes = record.seal(storeId, epoch, firstPosition, durability.durable());
    try {
      if (fileLength >= rollLength) {
        roll();
      }
      file.write(bytes.duplicate(), fileLength);
      fileLength += (length + RecordDescriptor.ALIGNMENT - 1) & -RecordDescriptor.ALIGNMENT;
    } catch (IOException e) {
      throw durability.failure("append", e);
    }
    durability.append(firstPosition + record.count() - 1);
    return durability.appended();
  }

  private void roll() throws IOException {
    finished.add(path, durability.appended(), fileLength);
    path = nextPath();
    file = io.create(path);
    durability.roll(file);
    fileLength = 0;
  }

  @Override
  public void force() {
    durability.force();
  }

  @Override
  public long lastPosition() {
    return durability.appended();
  }

  @Override
  public long durablePosition() {
    return durability.durable();
  }

  @Override
  public long length() {
    return finished.length() + fileLength;
  }

  @Override
  public void recycle(long position, long keepBytes) throws IOException {
    assert position <= durability.durable() : "recycled before it is durable: position=" + position;
    finished.recycle(position, keepBytes);
  }

  @Override
  public void close() throws IOException {
    durability.close();
  }
}
