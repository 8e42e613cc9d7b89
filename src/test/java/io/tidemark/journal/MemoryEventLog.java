package io.tidemark.journal;

import io.tidemark.errors.StoreFailedException;
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
    try {
      this.file = newFile();
    } catch (IOException e) {
      throw new StoreFailedException("journal cannot be begun: cause=" + e);
    }
  }

  private StorageFile newFile() throws IOException {
    StorageFile created = io.create(directory.resolve(String.format("%08d", files++) + suffix));
    created.force();
    io.forceDirectory(directory);
    return created;
  }

  @Override
  public long append(RecordBuffer record) {
    checkNotFailed();
    if (fileLength >= rollLength) {
      force();
    }
    int count = record.count();
    ByteBuffer bytes = record.seal(storeId, epoch, lastPosition + 1, durablePosition);
    try {
      if (fileLength >= rollLength) {
        file.close();
        file = newFile();
        fileLength = 0;
      }
      int length = bytes.limit();
      file.write(bytes.duplicate(), fileLength);
      fileLength += (length + RecordDescriptor.ALIGNMENT - 1) & -RecordDescriptor.ALIGNMENT;
    } catch (IOException e) {
      failed = true;
      throw new StoreFailedException("journal append failed: cause=" + e);
    }
    lastPosition += count;
    return lastPosition;
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
  public void close() throws IOException {
    file.close();
  }
}
