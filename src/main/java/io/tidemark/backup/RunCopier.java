package io.tidemark.backup;

import io.tidemark.errors.BackupCancelledException;
import io.tidemark.ingest.BlockReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Copies the blocks of one run, batch by batch, from behind those that have receipts.
 *
 * <p>Used by one thread.
 */
final class RunCopier implements BlockWalk.Visitor {
  private final RunWriter writer;
  private final RunLedger ledger;
  private final BackupOptions options;
  private final BooleanSupplier isCancelled;
  private final ProgressMeter progress;
  private final long[] ids;
  private final CopyKind[] kinds;
  private int size;
  private int batches;
  private long lastId;
  private int retries;

  RunCopier(
      RunWriter writer,
      RunLedger ledger,
      BackupOptions options,
      BooleanSupplier isCancelled,
      ProgressMeter progress) {
    this.writer = writer;
    this.ledger = ledger;
    this.options = options;
    this.isCancelled = isCancelled;
    this.progress = progress;
    this.ids = new long[options.batchSize()];
    this.kinds = new CopyKind[options.batchSize()];
    List<BatchReceipt> done = ledger.receipts();
    this.batches = done.size();
    this.lastId = done.isEmpty() ? 0 : done.get(batches - 1).lastId();
  }

  /** Copies everything that has no receipt. */
  void copy(BlockWalk walk) throws IOException {
    walk.forEach(this);
    if (size > 0) {
      write();
    }
  }

  /** Returns how many batches were written again because they failed. */
  int retries() {
    return retries;
  }

  @Override
  public void visit(long blockId, CopyKind kind) throws IOException {
    if (batches > 0 && Long.compareUnsigned(blockId, lastId) <= 0) {
      return;
    }
    ids[size] = blockId;
    kinds[size] = kind;
    size++;
    if (size == ids.length) {
      write();
    }
  }

  private void write() throws IOException {
    Batch batch = new Batch(batches + 1, Arrays.copyOf(ids, size), Arrays.copyOf(kinds, size));
    BatchReceipt receipt = write(batch);
    ledger.append(receipt);
    batches++;
    lastId = batch.lastId();
    size = 0;
    progress.add(receipt);
  }

  private BatchReceipt write(Batch batch) throws IOException {
    int failures = 0;
    while (true) {
      check(isCancelled);
      try {
        return writer.write(batch);
      } catch (IOException e) {
        failures++;
        if (failures > options.retryCount()) {
          throw e;
        }
        retries++;
        pause(options.retryIntervalNs(failures));
      }
    }
  }

  private void pause(long ns) {
    try {
      options.pause().pause(ns);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  static void check(BooleanSupplier isCancelled) {
    if (isCancelled.getAsBoolean()) {
      throw new BackupCancelledException("backup was cancelled; it can be resumed");
    }
  }

  private static BackupCancelledException interrupted() {
    Thread.currentThread().interrupt();
    return new BackupCancelledException("backup was interrupted; it can be resumed");
  }

  /** Reads blocks no faster than the limits allow, and not at all once the backup is cancelled. */
  record LimitedReader(BlockReader blocks, BackupLimits limits, BooleanSupplier isCancelled)
      implements BlockReader {

    @Override
    public boolean read(long blockId, ContentHandler handler) throws IOException {
      check(isCancelled);
      long[] bytes = new long[1];
      boolean isThere =
          blocks.read(
              blockId,
              (ByteBuffer content) -> {
                bytes[0] = content.remaining();
                handler.onContent(content);
              });
      try {
        limits.pay(bytes[0], isCancelled);
      } catch (InterruptedException e) {
        throw interrupted();
      }
      return isThere;
    }

    @Override
    public int length(long blockId) throws IOException {
      return blocks.length(blockId);
    }

    @Override
    public void forEachBlock(BlockHandler handler) throws IOException {
      blocks.forEachBlock(handler);
    }
  }
}
