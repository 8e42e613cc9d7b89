package io.tidemark.journal;

import io.tidemark.errors.StoreFailedException;
import io.tidemark.storage.ChronicleSettings;
import io.tidemark.storage.Directories;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

/**
 * The writing end of the change journal: one Chronicle Queue directory that nobody wrote before.
 *
 * <p>Single writer: all calls from the tracker's thread.
 */
public final class ChronicleJournal implements AutoCloseable {

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

  private final Path directory;
  private final long storeId;
  private final long epoch;
  private final long rollLength;
  private final ManualTime time = new ManualTime();
  private final ChronicleQueue queue;
  private final ExcerptAppender appender;
  private final Set<Path> knownFiles = new HashSet<>();
  private FileChannel file;
  private long fileLength;
  private long lastPosition;
  private long durablePosition;
  private boolean hasUnforced;
  private boolean failed;

  /**
   * Creates the directory and its queue.
   *
   * @param journal the store's {@code journal} directory
   * @param storeId identity of the store
   * @param epoch number of this opening of the store
   * @param firstPosition position of the first entry that will be appended
   * @param rollLength bytes after which a new file is begun
   * @throws StoreFailedException if the queue or its first file cannot be made
   */
  public ChronicleJournal(
      Path journal, long storeId, long epoch, long firstPosition, long rollLength)
      throws IOException {
    this.directory = journal.resolve(directoryName(firstPosition));
    this.storeId = storeId;
    this.epoch = epoch;
    this.rollLength = rollLength;
    this.lastPosition = firstPosition - 1;
    this.durablePosition = lastPosition;
    if (!Directories.list(directory).isEmpty()) {
      throw new IOException("journal was written before: directory=" + directory);
    }
    try {
      Files.createDirectories(directory);
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
      Directories.force(journal);
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

  /** Returns the name of the directory whose first entry has this position. */
  public static String directoryName(long firstPosition) {
    return String.format("%020d", firstPosition);
  }

  /**
   * Appends one record; it survives a killed process when this returns, a power cut only after
   * {@link #force}.
   *
   * @param record not empty; left as it was written, for the caller to fold and clear
   * @return position of its last entry
   * @throws StoreFailedException if the append failed, now or before
   */
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

  private FileChannel openNewFile() throws IOException {
    Path created = null;
    for (Path path : Directories.list(directory)) {
      if (path.getFileName().toString().endsWith(JournalScanner.FILE_SUFFIX)
          && knownFiles.add(path)) {
        created = path;
      }
    }
    if (created == null) {
      throw new IOException("queue created no file: directory=" + directory);
    }
    FileChannel channel = FileChannel.open(created, StandardOpenOption.WRITE);
    channel.force(true);
    Directories.force(directory);
    return channel;
  }

  /**
   * Makes everything appended durable.
   *
   * @throws StoreFailedException if it could not; the journal takes nothing more
   */
  public void force() {
    checkNotFailed();
    if (!hasUnforced) {
      return;
    }
    try {
      file.force(true);
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

  /** Returns the position of the last entry appended. */
  public long lastPosition() {
    return lastPosition;
  }

  /** Returns the position up to which entries survive a power cut. */
  public long durablePosition() {
    return durablePosition;
  }

  /** Closes the queue; forces nothing. */
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
