package io.tidemark.benchmarks.follow;

import io.tidemark.tdengine.GeneratedVnode;
import io.tidemark.tdengine.WalContent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Writes records as the server does, each when it is due, whatever the follower does, and remembers
 * when each was complete in its file.
 *
 * <p>One thread writes; any thread may ask for the times.
 */
final class PacedWal {
  private static final long NS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long SUID = 7;
  private static final int TABLES = 1000;
  private static final long DAY_MS = TimeUnit.DAYS.toMillis(1);

  /** Records of one table until its rows fall into the next day. */
  private static final int ROWS_A_DAY = 10_000;

  private final GeneratedVnode vnode;
  private final FollowOptions options;
  private final AtomicLongArray completeNs;
  private final Histogram late = new Histogram(3);
  private volatile long firstVersion = -1;
  private long written;
  private long segmentBytes;

  PacedWal(GeneratedVnode vnode, FollowOptions options, long recordsMax) {
    this.vnode = vnode;
    this.options = options;
    this.completeNs = new AtomicLongArray(Math.toIntExact(recordsMax));
  }

  /** Writes so many records; the first is due now. Returns the version of the last. */
  long write(long records) throws IOException {
    long startNs = System.nanoTime();
    long last = -1;
    for (long i = 0; i < records; i++) {
      long due = startNs + i * NS_PER_SECOND / options.ratePerSecond();
      awaitDue(due);
      last = append();
      long now = System.nanoTime();
      late.recordValue(Math.max(0, now - due));
      completeNs.setRelease((int) (last - firstVersion), now);
      written++;
    }
    return last;
  }

  private static void awaitDue(long dueNs) {
    long waitNs = dueNs - System.nanoTime();
    while (waitNs > 0) {
      LockSupport.parkNanos(waitNs);
      waitNs = dueNs - System.nanoTime();
    }
  }

  private long append() throws IOException {
    if (segmentBytes > options.segmentBytes()) {
      vnode.wal().roll();
      segmentBytes = 0;
    }
    long timestamp = written / TABLES / ROWS_A_DAY * DAY_MS;
    long[] timestamps = new long[options.rows()];
    for (int i = 0; i < timestamps.length; i++) {
      timestamps[i] = timestamp + i;
    }
    List<WalContent.Block> blocks = new ArrayList<>(1);
    blocks.add(WalContent.Block.rows(SUID, 1_000 + written % TABLES, timestamps));
    segmentBytes += 124L + 20L * options.rows();
    long version = vnode.wal().submit(blocks);
    firstVersion = firstVersion < 0 ? version : firstVersion;
    return version;
  }

  /** Returns when the record of a version was complete, by the nano clock; waits until it is. */
  long completeNs(long version) {
    int index = (int) (version - firstVersion);
    long complete = completeNs.getAcquire(index);
    while (complete == 0) {
      Thread.onSpinWait();
      complete = completeNs.getAcquire(index);
    }
    return complete;
  }

  /** Returns the version of the first record written. */
  long firstVersion() {
    return firstVersion;
  }

  /**
   * Returns how late records were complete, ns from when each was due; not to be asked meanwhile.
   */
  Histogram late() {
    return late;
  }
}
