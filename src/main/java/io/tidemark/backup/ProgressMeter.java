package io.tidemark.backup;

import io.tidemark.backup.BackupProgress.Listener;
import io.tidemark.backup.BackupProgress.Phase;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Counts what a run has done and tells its listener. */
final class ProgressMeter {
  private static final long NOT_KNOWN = -1;
  private static final long MS_PER_SECOND = 1000;

  private final String runId;
  private final SetSize total;
  private final Listener listener;
  private final LongSupplier nanoClock;
  private final long startNs;
  private final long blocksBefore;
  private long blocks;
  private long bytes;
  private final long bytesBefore;

  /** Begins, behind what was done before an interruption. */
  ProgressMeter(
      String runId, SetSize total, SetSize before, Listener listener, LongSupplier nanoClock) {
    this.runId = runId;
    this.total = total;
    this.listener = listener;
    this.nanoClock = nanoClock;
    this.startNs = nanoClock.getAsLong();
    this.blocksBefore = before.blocks();
    this.blocks = before.blocks();
    this.bytesBefore = before.bytes();
    this.bytes = before.bytes();
  }

  void add(BatchReceipt receipt) {
    blocks += receipt.blocks() + receipt.deleted() + receipt.gone().size();
    bytes += receipt.contentBytes();
    tell(Phase.COPY);
  }

  void tell(Phase phase) {
    long elapsedMs = TimeUnit.NANOSECONDS.toMillis(nanoClock.getAsLong() - startNs);
    long rate = elapsedMs == 0 ? 0 : (bytes - bytesBefore) * MS_PER_SECOND / elapsedMs;
    listener.onProgress(
        new BackupProgress(
            runId,
            phase,
            blocks,
            Math.max(total.blocks(), blocks),
            bytes,
            Math.max(total.bytes(), bytes),
            elapsedMs,
            rate,
            remainingMs(elapsedMs)));
  }

  /** By bytes, or by blocks where there are no bytes to speak of. */
  private long remainingMs(long elapsedMs) {
    long leftBytes = Math.max(total.bytes() - bytes, 0);
    long leftBlocks = Math.max(total.blocks() - blocks, 0);
    if (leftBlocks == 0) {
      return 0;
    }
    long doneBytes = bytes - bytesBefore;
    long doneBlocks = blocks - blocksBefore;
    if (doneBytes > 0 && leftBytes > 0) {
      return (long) ((double) leftBytes * elapsedMs / doneBytes);
    }
    return doneBlocks == 0 ? NOT_KNOWN : (long) ((double) leftBlocks * elapsedMs / doneBlocks);
  }
}
