package io.tidemark.journal;

import io.tidemark.errors.StoreFailedException;
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
  private Path path;
  private StorageFile file;
  private int files;
  private long fileLength;
  private long lastPosition;
  private long durablePosition;
  private boolean failed;

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
    this.lastPosition = firstPosition - 1;
    this.durablePosition = lastPosition;
    this.finished = new FinishedFiles(io);
    this.path = nextPath();
    this.file = newFile();
  }

  private Path nextPath() {
    return directory.resolve(String.format("%08d", files++) + suffix);
  }

  private StorageFile newFile() throws IOException {
    StorageFile created = io.create(path);
    created.force();
    io.forceDirectory(directory);
    return created;
  }

  @Override
  public long append(RecordBuffer record) throws IOException {
    checkNotFailed();
    int count = record.count();
    int length = record.length();
    if (io.usableSpace(directory) < length + RecordDescriptor.ALIGNMENT) {
      throw new StoreFullException("no space for a journal record: length=" + length);
    }
    if (fileLength >= rollLength) {
      force();
    }
    ByteBuffer bytes = record.seal(storeId, epoch, lastPosition + 1, durablePosition);
    try {
      if (fileLength >= rollLength) {
        roll();
      }
      file.write(bytes.duplicate(), fileLength);
      fileLength += (length + RecordDescriptor.ALIGNMENT - 1) & -RecordDescriptor.ALIGNMENT;
    } catch (IOException e) {
      failed = true;
      throw new StoreFailedException("journal append failed: cause=" + e);
    }
    lastPosition += count;
    return lastPosition;
  }

  private void roll() throws IOException {
    file.close();
    finished.add(path, lastPosition, fileLength);
    path = nextPath();
    file = newFile();
    fileLength = 0;
  }

  @Override
  public void force() {
    checkNotFailed();
    if (durablePosition == lastPosition) {
      return;
    }
    try {
      file.force();
    } catch (IOException e) {
      failed = true;
      throw new StoreFailedException("journal force failed: cause=" + e);
    }
    durablePosition = lastPosition;
  }

  private void checkNotFailed() {
    if (failed) {
      throw new StoreFailedException("journal failed before: durable=" + durablePosition);
    }
  }

  @Override
  public long lastPosition() {
    return lastPosition;
  }

  @Override
  public long durablePosition() {
    return durablePosition;
  }

  @Override
  public long length() {
    return finished.length() + fileLength;
  }

  @Override
  public void recycle(long position, long keepBytes) throws IOException {
    finished.recycle(position, keepBytes);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
