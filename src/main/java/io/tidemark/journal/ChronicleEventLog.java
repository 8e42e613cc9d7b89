package io.tidemark.journal;

import io.tidemark.errors.StoreFullException;
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
   * a channel of ours, opened when the file appeared and kept until all of it is durable: see
   * LogDurability. The first file and its names are durable before anything is appended.
   *
   * Rolling. The queue rolls by time only; its time is ours and moves one cycle when a file has
   * grown to the roll length.
   *
   * Space. The queue maps its file with holes in it; a store into a hole of a full disk kills the
   * process or is lost. So zeros are written through our channel ahead of what is mapped and not yet
   * used, and a record is refused, before a byte of it is written, if there is no space for them.
   * A new file takes space before we can see it: none is begun without as much left.
   *
   * Recovery. A queue is never appended to by a second opening; each opening of the store begins a
   * directory of its own, named by its first position.
   */

  private static final RollCycle ROLL_CYCLE = LegacyRollCycles.HOURLY;
  private static final int BLOCK_LENGTH = 8 * RecordDescriptor.MAX_LENGTH;

  /** Bytes that are allocated at a time, ahead of what is used. */
  private static final int ALLOCATION_LENGTH = 1 << 20;

  /** The most the queue writes for itself: header and indexes of a new file, or one more index. */
  private static final int OVERHEAD_LENGTH = 1 << 19;

  private static final int PAGE_LENGTH = 4096;
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(ALLOCATION_LENGTH);

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
  private final FinishedFiles finished;
  private final LogDurability durability;
  private Path path;
  private StorageFile file;
  private long fileLength;
  private long usedEnd;
  private long allocatedEnd;

  /**
   * Creates the directory and its queue.
   *
   * @param io where the directory is; the queue itself writes to the operating system
   * @param directory the log's own; not there yet
   * @param storeId identity of the store
   * @param epoch number of this opening of the store
   * @param firstPosition position of the first entry that will be appended
   * @param rollLength bytes after which a new file is begun
   * @throws StoreFullException if there is no space for it
   */
  ChronicleEventLog(
      StorageIO io, Path directory, long storeId, long epoch, long firstPosition, long rollLength)
      throws IOException {
    this.io = io;
    this.directory = directory;
    this.finished = new FinishedFiles(io);
    this.storeId = storeId;
    this.epoch = epoch;
    this.rollLength = rollLength;
    io.createDirectory(directory);
    checkSpaceForNewFile();
    ChronicleQueue built = null;
    StorageFile opened = null;
    try {
      built =
          ChronicleQueue.singleBuilder(directory)
              .rollCycle(ROLL_CYCLE)
              .blockSize(BLOCK_LENGTH)
              .timeProvider(time)
              .build();
      this.queue = built;
      this.appender = built.createAppender();
      // One caller at a time, but not always the same thread: the callers of an engine take turns.
      appender.singleThreadedCheckDisabled(true);
      this.path = makeNewFile();
      opened = io.openForWriting(path);
      this.file = opened;
      opened.force();
      io.forceDirectory(directory);
      this.durability = new LogDurability(io, directory, file, firstPosition - 1);
    } catch (IOException | RuntimeException | Error e) {
      try {
        if (opened != null) {
          opened.close();
        }
      } finally {
        if (built != null) {
          built.close();
        }
      }
      throw new IOException(
          "journal cannot be begun: position="
              + firstPosition
              + ", cause="
              + e
              + ", directory="
              + directory,
          e);
    }
  }

  @Override
  public long append(RecordBuffer record) throws IOException {
    durability.checkNotFailed();
    if (fileLength >= rollLength) {
      checkSpaceForNewFile();
      durability.forceFilesLeftBehind();
    } else {
      allocate(record.length());
    }
    long firstPosition = durability.appended() + 1;
    ByteBuffer bytes = record.seal(storeId, epoch, firstPosition, durability.durable());
    try {
      if (fileLength >= rollLength) {
        roll();
        allocate(bytes.limit());
      }
      write(bytes);
    } catch (IOException | RuntimeException | Error e) {
      throw durability.failure("append", e);
    }
    fileLength += bytes.limit();
    durability.append(firstPosition + record.count() - 1);
    return durability.appended();
  }

  private void write(ByteBuffer record) {
    int length = record.limit();
    try (DocumentContext context = appender.writingDocument()) {
      Bytes<?> out = context.wire().bytes();
      out.ensureCapacity(out.writePosition() + length);
      long address = out.addressForWrite(out.writePosition());
      OS.memory().copyMemory(BufferUtil.address(record), address, length);
      out.writeSkip(length);
      usedEnd = out.writePosition();
    }
  }

  /** Refuses before the queue makes a file: it writes into it before we know its name. */
  private void checkSpaceForNewFile() throws IOException {
    long needed = 2L * ALLOCATION_LENGTH;
    long usable = io.usableSpace(directory);
    if (usable < needed) {
      throw new StoreFullException(
          "no space for a journal file: usable="
              + usable
              + ", needed="
              + needed
              + ", directory="
              + directory);
    }
  }

  /** Sees to it that a record and what the queue adds to it lie on space that is allocated. */
  private void allocate(int length) throws IOException {
    long neededEnd = usedEnd + length + OVERHEAD_LENGTH;
    while (allocatedEnd < neededEnd) {
      try {
        file.write(ZEROS.duplicate(), allocatedEnd);
      } catch (IOException e) {
        throw new StoreFullException(
            "space for a journal record cannot be allocated: length="
                + length
                + ", cause="
                + e
                + ", file="
                + path);
      }
      allocatedEnd += ALLOCATION_LENGTH;
    }
  }

  /** Begins the next file; the one before and the new name are durable after the next force. */
  private void roll() throws IOException {
    finished.add(path, durability.appended(), fileLength);
    time.advance(ROLL_CYCLE.lengthInMillis());
    path = makeNewFile();
    file = io.openForWriting(path);
    durability.roll(file);
    fileLength = 0;
  }

  /** Makes the queue begin a file: it appears with its first excerpt, which is ours and empty. */
  private Path makeNewFile() throws IOException {
    try (DocumentContext context = appender.writingDocument()) {
      Bytes<?> out = context.wire().bytes();
      out.writeInt(0);
      usedEnd = out.writePosition();
    }
    allocatedEnd = (usedEnd + PAGE_LENGTH - 1) & -PAGE_LENGTH;
    for (Path found : io.list(directory)) {
      if (found.getFileName().toString().endsWith(ChronicleEventLogs.FILE_SUFFIX)
          && knownFiles.add(found)) {
        return found;
      }
    }
    throw new IOException("queue created no file: directory=" + directory);
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
    try (durability) {
      appender.close();
    } finally {
      queue.close();
    }
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
