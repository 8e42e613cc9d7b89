package io.tidemark.tracker;

import io.tidemark.block.BlockState;
import io.tidemark.block.Hole;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.FullBackupRequiredException;
import io.tidemark.ingest.BlockEventSink;
import io.tidemark.ingest.BlockEventSource;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A store that a program feeds with the changes of one log and asks which blocks changed: engine,
 * pipeline and listeners in one.
 *
 * <p>Thread-safe. Events are taken at the price of a place in a ring and applied by a thread of the
 * store's own; {@link #flush} waits until they are. Block ids and WAL offsets are unsigned;
 * timestamps are ns since the epoch and never used for order. Several stores may be open in one
 * process, each in a directory of its own.
 */
public final class Tidemark implements AutoCloseable {

  private final BitmapEngine engine;
  private final EventPipeline pipeline;
  private final BlockEventCallbacks callbacks;
  private final BlockEventSink sink;
  private final long closeLimitMs;

  Tidemark(
      BitmapEngine engine,
      EventPipeline pipeline,
      BlockEventCallbacks callbacks,
      long closeLimitMs) {
    this.engine = engine;
    this.pipeline = pipeline;
    this.callbacks = callbacks;
    this.sink = pipeline.sink();
    this.closeLimitMs = closeLimitMs;
  }

  /**
   * Begins to describe a store.
   *
   * @param directory the store's own; created by {@link TidemarkBuilder#open} if it is not there
   * @param name which log it is fed from, in words that never change: a store is never given to
   *     another one
   */
  public static TidemarkBuilder at(Path directory, String name) {
    return new TidemarkBuilder(directory, name);
  }

  /** Takes the creation of a block. */
  public void onBlockCreate(long blockId, long walOffset, long timestampNs) {
    pipeline.onBlockCreate(blockId, walOffset, timestampNs);
  }

  /** Takes a change of a block. */
  public void onBlockUpdate(long blockId, long walOffset, long timestampNs) {
    pipeline.onBlockUpdate(blockId, walOffset, timestampNs);
  }

  /** Takes that a block was written to the engine's data files. */
  public void onBlockFlush(long blockId, long walOffset, long timestampNs) {
    pipeline.onBlockFlush(blockId, walOffset, timestampNs);
  }

  /** Takes the end of a block. */
  public void onBlockDelete(long blockId, long walOffset, long timestampNs) {
    pipeline.onBlockDelete(blockId, walOffset, timestampNs);
  }

  /** Takes that every block was written through a WAL offset to the engine's data files. */
  public void onFlushAll(long walOffset, long timestampNs) {
    sink.onFlushAll(walOffset, timestampNs);
  }

  /**
   * Takes the promise that every change through a WAL offset was given before, by whatever thread.
   * Without it no answer is better than NOT_READY.
   */
  public void completeThrough(long walOffset) {
    sink.completeThrough(walOffset);
  }

  /**
   * Takes the place where the log goes on, after each opening: everything from this offset on will
   * be given. What lies between the end of {@link #knownThrough} and it becomes a gap.
   */
  public void continueFrom(long walOffset) {
    sink.continueFrom(walOffset);
  }

  /**
   * Takes a closed range of WAL offsets whose changes are not known.
   *
   * @param reason for people; lower case
   */
  public void gap(long first, long last, String reason) {
    sink.gap(first, last, reason);
  }

  /**
   * Takes that the log was rolled back: from {@code firstOwn} on it has other content. A new
   * generation begins.
   *
   * @param timestampNs when it was rolled back, or later
   */
  public void rolledBack(long firstOwn, long timestampNs) {
    sink.rolledBack(firstOwn, timestampNs);
  }

  /**
   * Starts a source from the first change that the store does not have; it stays the caller's to
   * stop, before this is closed.
   */
  public void start(BlockEventSource source) throws IOException {
    source.start(knownThrough(), sink);
  }

  /**
   * Waits until everything that this thread gave before is applied, or lies in a journaled gap.
   *
   * @return a journal position behind all of it, for {@link #awaitDurable} and {@link
   *     BlockEventListener#awaitDelivered}
   */
  public long flush() throws InterruptedException {
    return pipeline.flush();
  }

  /**
   * Waits until everything through a journal position survives a power cut.
   *
   * @param position what {@link #flush} returned
   * @return false if the time was over before
   */
  public boolean awaitDurable(long position, long timeoutMs) throws InterruptedException {
    return pipeline.awaitDurable(position, timeoutMs);
  }

  /**
   * Returns the position through which the store has every change, or knows what it does not have;
   * null if nothing was ever declared.
   */
  public @Nullable WalPosition knownThrough() throws IOException {
    return new EngineSink(engine).completeThrough();
  }

  /**
   * Returns which blocks changed behind a position, with a verdict, and the position to ask after
   * the next time. It ends where the log is complete by what is applied: {@link #flush} before, to
   * find what this thread gave.
   *
   * @param waitMs how long to wait at most for the promise that the end of the answer needs; 0 for
   *     not at all
   */
  public ChangedIds changedAfter(WalPosition position, long waitMs) throws InterruptedException {
    return changedIn(ChangeRange.after(position), waitMs);
  }

  /**
   * Returns which blocks changed in a range of WAL offsets, positions or timestamps, with a
   * verdict; what happened to each is known to {@link BitmapEngine#changedIn}.
   *
   * @param waitMs as for {@link #changedAfter}
   */
  public ChangedIds changedIn(ChangeRange range, long waitMs) throws InterruptedException {
    return engine.changedIdsIn(range, waitMs);
  }

  /**
   * Returns the state of a block.
   *
   * @throws io.tidemark.errors.UnknownBlockException if it never had an event
   */
  public BlockState state(long blockId) throws IOException {
    return engine.state(blockId);
  }

  /**
   * Begins a run of a chain of backups: everything that was given before falls into it. Durable
   * when this returns.
   *
   * @param chain a new name begins a new chain
   * @throws io.tidemark.errors.RunConflictException if the chain has a prepared run already; see
   *     {@link #preparedRun}
   */
  public BackupRun prepareRun(String chain) throws IOException, InterruptedException {
    pipeline.flush();
    return engine.call(tracker -> tracker.backups().prepare(chain));
  }

  /** Returns the run that a chain has prepared, maybe before a restart; null if none. */
  public @Nullable BackupRun preparedRun(String chain) throws IOException {
    return engine
        .call(tracker -> Optional.ofNullable(tracker.backups().prepared(chain)))
        .orElse(null);
  }

  /**
   * Returns the blocks that a run must copy: all that was given since the chain's last committed
   * run. It needs no promise, for what is given later falls into the next run.
   *
   * @return with verdict FULL_REQUIRED only those that are known: copy every block
   */
  public ChangedIds changedIds(BackupRun run) throws IOException {
    return engine.call(tracker -> tracker.backups().changedIds(run));
  }

  /**
   * Ends a run whose {@link #changedIds} were copied: the next one of its chain begins behind it.
   * Durable when this returns.
   *
   * @throws FullBackupRequiredException if these are not all: it is the chain's first run, or there
   *     is a gap in it. Copy every block that the engine has, and call {@link #commitFullRun}
   * @throws io.tidemark.errors.RunConflictException if it is not the chain's prepared run
   */
  public void commitRun(BackupRun run) throws IOException {
    engine.call(
        tracker -> {
          List<Hole> gaps = tracker.coverage().gapsWithin(run.base(), run.end());
          if (run.isFirst() || !gaps.isEmpty()) {
            throw new FullBackupRequiredException(
                "the run's set is not all that has to be copied: chain="
                    + run.chain()
                    + (run.isFirst() ? ", no run was committed before" : ", gap=" + gaps.get(0)));
          }
          return commit(tracker, run);
        });
  }

  /**
   * Ends a run for which every block of the engine was copied, whatever {@link #changedIds} says:
   * the next one of its chain begins behind it. Durable when this returns.
   *
   * @throws io.tidemark.errors.RunConflictException if it is not the chain's prepared run
   */
  public void commitFullRun(BackupRun run) throws IOException {
    engine.call(tracker -> commit(tracker, run));
  }

  private static BackupRun commit(ChangeTracker tracker, BackupRun run) throws IOException {
    tracker.backups().commit(run);
    return run;
  }

  /**
   * Gives a run up: what it had to copy falls into the next one.
   *
   * @throws io.tidemark.errors.RunConflictException if it is not the chain's prepared run
   */
  public void abortRun(BackupRun run) throws IOException {
    engine.call(
        tracker -> {
          tracker.backups().abort(run);
          return run;
        });
  }

  /**
   * Adds a listener that is called for every event from now on, on a thread of the pool.
   *
   * @param name for people; in statistics and messages
   */
  public BlockEventListener addListener(String name, BlockEventCallback callback)
      throws IOException {
    return callbacks.add(name, callback);
  }

  /** Adds a listener that begins at a position of the journal, or takes less of the pool. */
  public BlockEventListener addListener(
      String name, BlockEventCallback callback, ListenerOptions options) throws IOException {
    return callbacks.add(name, callback, options);
  }

  /** Returns what the store holds and what was done so far. */
  public TidemarkStatistics statistics() throws IOException {
    return new TidemarkStatistics(
        engine.statistics(), pipeline.statistics(), callbacks.statistics());
  }

  /** Returns the engine, for what is not here; it is closed with this. */
  public BitmapEngine engine() {
    return engine;
  }

  /** Returns the pipeline, for what is not here; it is closed with this. */
  public EventPipeline pipeline() {
    return pipeline;
  }

  /**
   * Applies everything that was given before, makes it durable, gives listeners some time to take
   * it, and closes the store. Does nothing if it is closed already.
   *
   * @throws io.tidemark.errors.StoreFailedException if the store failed: what was not applied is
   *     not in it
   */
  @Override
  public void close() throws IOException {
    // Closed from the last to the first.
    try (engine;
        callbacks;
        Closeable listeners = this::awaitListeners;
        pipeline) {
      assert listeners != null;
    }
  }

  private void awaitListeners() {
    boolean wasInterrupted = false;
    try {
      callbacks.awaitDelivered(engine.position(), closeLimitMs);
    } catch (InterruptedException e) {
      wasInterrupted = true;
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
