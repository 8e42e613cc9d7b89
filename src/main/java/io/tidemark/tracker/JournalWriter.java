package io.tidemark.tracker;

import io.tidemark.errors.StoreFullException;
import io.tidemark.journal.EventLog;
import io.tidemark.journal.EventLogs;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.storage.DiskReserve;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The journal as a bounded ring: appended to at one end, recycled at the other, refused when it or
 * the disk is full.
 *
 * <p>The log of this opening begins with the first append. Single thread, but for {@link #force}
 * and the positions, which are any thread's.
 */
final class JournalWriter {

  /** Bytes appended after which the disk is measured again. */
  private static final long MEASURE_LENGTH = 1 << 20;

  private final EventLogs logs;
  private final TrackerOptions options;
  private final DiskReserve reserve;
  private final long epoch;
  private final long begunAfter;
  private volatile @Nullable EventLog log;
  private long olderLength;
  private long measuredAt;
  private boolean hasSpace;

  /**
   * Creates the writer of a store that is recovered.
   *
   * @param lastPosition position of the last entry there is, which is durable
   */
  JournalWriter(
      StoreEnvironment environment,
      StoreLayout layout,
      TrackerOptions options,
      long storeId,
      long epoch,
      long lastPosition)
      throws IOException {
    this.logs = environment.journal(layout, storeId);
    this.options = options;
    this.epoch = epoch;
    this.begunAfter = lastPosition;
    this.reserve =
        new DiskReserve(
            environment.io(),
            layout.reserve(),
            options.space().diskReserveBytes(),
            options.space().diskWatermarkBytes());
    measureOlder();
  }

  private void measureOlder() throws IOException {
    List<Long> begins = logs.list();
    olderLength = 0;
    for (long begin : log == null ? begins : begins.subList(0, Math.max(begins.size() - 1, 0))) {
      olderLength += logs.length(begin);
    }
  }

  /** Returns how many bytes the journal holds. */
  long length() {
    EventLog current = log;
    return olderLength + (current == null ? 0 : current.length());
  }

  /**
   * Returns whether an append would be refused now: a checkpoint, and recycling what it makes
   * superfluous, may help.
   */
  boolean isFull() throws IOException {
    if (!hasSpace || length() >= measuredAt + MEASURE_LENGTH) {
      hasSpace = reserve.isEnough();
      measuredAt = length();
    }
    return !hasSpace || isTooLong();
  }

  private boolean isTooLong() {
    return length() >= options.space().journalMaxBytes();
  }

  /**
   * Refuses if an append would be refused.
   *
   * @throws StoreFullException if the journal or the disk is full
   */
  void checkSpace() throws IOException {
    if (!isFull()) {
      return;
    }
    throw new StoreFullException(
        isTooLong()
            ? "journal is full: length=" + length() + ", limit=" + options.space().journalMaxBytes()
            : "disk is nearly full: usable="
                + reserve.usable()
                + ", watermark="
                + reserve.watermark());
  }

  /**
   * Appends a record; makes it durable at once if it asks for that.
   *
   * @param lastPosition position of the last entry there is
   * @return position of the record's last entry
   * @throws StoreFullException if there is no space; nothing was appended
   * @throws io.tidemark.errors.StoreFailedException if the append or the force failed
   */
  long append(RecordBuffer record, long lastPosition) throws IOException {
    EventLog current = log;
    if (current == null) {
      current = logs.begin(epoch, lastPosition + 1, options.journalRollBytes());
      log = current;
    }
    long last = current.append(record);
    if (record.needsForce()) {
      current.force();
    }
    return last;
  }

  /** Makes everything durable that was appended before the call; holds up no append. */
  void force() {
    EventLog current = log;
    if (current != null) {
      current.force();
    }
  }

  /** Returns the position of the last entry appended. */
  long lastPosition() {
    EventLog current = log;
    return current == null ? begunAfter : current.lastPosition();
  }

  /** Returns the position up to which entries survive a power cut. */
  long durablePosition() {
    EventLog current = log;
    return current == null ? begunAfter : current.durablePosition();
  }

  /**
   * Deletes the oldest entries that no recovery needs, beyond what is kept for replay.
   *
   * <p>Whole logs first, oldest first, each out of sight in one step; then files of the present
   * log.
   *
   * @param position no entry above it is deleted
   * @param keepBytes bytes that stay although they may go
   */
  void recycle(long position, long keepBytes) throws IOException {
    EventLog current = log;
    long keepOlder = keepBytes - (current == null ? 0 : current.length());
    List<Long> begins = logs.list();
    int oldestKept = Math.max(begins.size() - 1, 0);
    long kept = 0;
    while (oldestKept > 0) {
      kept += logs.length(begins.get(oldestKept - 1));
      boolean isSealed = begins.get(oldestKept) <= position + 1;
      if (isSealed && kept > keepOlder) {
        break;
      }
      oldestKept--;
    }
    logs.deleteLeftovers();
    for (long begin : begins.subList(0, oldestKept)) {
      logs.recycle(begin);
    }
    if (current != null) {
      current.recycle(position, keepBytes);
    }
    measureOlder();
    hasSpace = false;
  }

  /** Closes the log; forces nothing. */
  void close() throws IOException {
    EventLog current = log;
    if (current != null) {
      current.close();
    }
  }
}
