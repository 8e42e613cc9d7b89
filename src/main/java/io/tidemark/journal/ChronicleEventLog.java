package io.tidemark.journal;

import io.tidemark.errors.StoreFailedException;
import io.tidemark.storage.ChronicleSettings;
import io.tidemark.storage.StorageFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.core.OS;
import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.rollcycles.LegacyRollCycles;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.BufferUtil;

/** One log of the change journal: a Chronicle Queue directory that nobody wrote before. */
final class ChronicleEventLog implements EventLog {

  /*
   * Durability. The queue's own sync is no durability barrier, so every data file is forced through
   * a channel of ours, opened when the file appeared and kept; after a new file its directory and
   * the directory above are forced too. A force that fails is final: the kernel may have marked the
   * pages clean, so a retry would lie. The journal then refuses everything.
   *
   * Rolling. The queue rolls by time only; its time is ours and moves one cycle when a file has
   * grown to the roll length.
   *
   * Recovery. A queue is never appended to by a second opening; each opening of the store begins a
   * directory of its own, named by its first position.
   */

  private static final RollCycle ROLL_CYCLE = LegacyRollCycles.HOURLY;
  private static final int BLOCK_LENGTH = 8 * RecordDescriptor.MAX_LENGTH;

  static {
    ChronicleSettings.apply();
  }

  private final StorageIO io;
  private final Path directory;
  private final long storeId;
  private final long epoch;
  private final long rollLength;
  private final ManualTime time = new ManualTime();
  private final ChronicleQueue queue;
  private final ExcerptAppender appender;
  private final Set<Path> knownFiles = new HashSet<>();
  private StorageFile file;
  private long fileLength;
  private long lastPosition;
  private long durablePosition;
  private boolean hasUnforced;
  private boolean failed;

  /**
   * Creates the directory and its queue.
   *
   * @param io where the directory is; the queue itself writes to the operating system
   * @param journal the store's {@code journal} directory
   * @param storeId identity of the store
   * @param epoch number of this opening of the store
   * @param firstPosition position of the first entry that will be appended
   * @param rollLength bytes after which a new file is begun
   * @throws StoreFailedException if the queue or its first file cannot be made
   */
  ChronicleEventLog(
      StorageIO io, Path journal, long storeId, long epoch, long firstPosition, long rollLength)
      throws IOException {
    this.io = io;
    this.directory = journal.resolve(FileEventLogs.directoryName(firstPosition));
    this.storeId = storeId;
    this.epoch = epoch;
    this.rollLength = rollLength;
    this.lastPosition = firstPosition - 1;
    this.durablePosition = lastPosition;
    if (!io.list(directory).isEmpty()) {
      throw new IOException("journal was written before: directory=" + directory);
    }
    try {
      io.createDirectory(directory);
      this.queue =
          ChronicleQueue.singleBuilder(directory)
              .rollCycle(ROLL_CYCLE)
              .blockSize(BLOCK_LENGTH)
              .timeProvider(time)
              .build();
      this.appender = queue.createAppender();
      // The file appears with the first excerpt; an empty one makes it appear now.
      try (DocumentContext context = appender.writingDocument()) {
        context.wire().bytes().writeInt(0);
      }
      this.file = openNewFile();
      io.forceDirectory(journal);
    } catch (IOException | RuntimeException | Error e) {
      throw new StoreFailedException(
          "journal cannot be begun: position="
              + firstPosition
              + ", cause="
              + e
              + ", directory="
              + directory);
    }
  }

  @Override
  public long append(RecordBuffer record) throws IOException {
    checkNotFailed();
    if (fileLength >= rollLength) {
      force();
    }
    int count = record.count();
    ByteBuffer bytes = record.seal(storeId, epoch, lastPosition + 1, durablePosition);
    try {
      if (fileLength >= rollLength) {
        roll();
      }
      write(bytes);
    } catch (IOException | RuntimeException | Error e) {
      failed = true;
      throw new StoreFailedException(
          "journal append failed: position="
              + (lastPosition + 1)
              + ", cause="
              + e
              + ", directory="
              + directory);
    }
    fileLength += bytes.limit();
    lastPosition += count;
    hasUnforced = true;
    return lastPosition;
  }

  private void write(ByteBuffer record) {
    int length = record.limit();
    try (DocumentContext context = appender.writingDocument()) {
      Bytes<?> out = context.wire().bytes();
      out.ensureCapacity(out.writePosition() + length);
      long address = out.addressForWrite(out.writePosition());
      OS.memory().copyMemory(BufferUtil.address(record), address, length);
      out.writeSkip(length);
    }
  }

  /** Begins the next file; everything in the old one is durable. */
  private void roll() throws IOException {
    assert !hasUnforced : "file left before it was forced: durable=" + durablePosition;
    file.close();
    time.advance(ROLL_CYCLE.lengthInMillis());
    try (DocumentContext context = appender.writingDocument()) {
      context.wire().bytes().writeInt(0);
    }
    file = openNewFile();
    fileLength = 0;
  }

  private StorageFile openNewFile() throws IOException {
    Path created = null;
    for (Path path : io.list(directory)) {
      if (path.getFileName().toString().endsWith(ChronicleEventLogs.FILE_SUFFIX)
          && knownFiles.add(path)) {
        created = path;
      }
    }
    if (created == null) {
      throw new IOException("queue created no file: directory=" + directory);
    }
    StorageFile opened = io.openForWriting(created);
    opened.force();
    io.forceDirectory(directory);
    return opened;
  }

  @Override
  public void force() {
    checkNotFailed();
    if (!hasUnforced) {
      return;
    }
    try {
      file.force();
    } catch (IOException e) {
      failed = true;
      throw new StoreFailedException(
          "journal force failed: durable="
              + durablePosition
              + ", appended="
              + lastPosition
              + ", cause="
              + e
              + ", directory="
              + directory);
    }
    hasUnforced = false;
    durablePosition = lastPosition;
  }

  private void checkNotFailed() {
    if (failed) {
      throw new StoreFailedException(
          "journal failed before: durable=" + durablePosition + ", directory=" + directory);
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
    appender.close();
    queue.close();
    file.close();
  }

  /** The queue's clock: it stands still until a new file is wanted. */
  private static final class ManualTime implements TimeProvider {
    private final AtomicLong millis = new AtomicLong();

    @Override
    public long currentTimeMillis() {
      return millis.get();
    }

    void advance(long step) {
      millis.addAndGet(step);
    }
  }
}
