package io.tidemark.backup;

import io.tidemark.backup.BackupProgress.Listener;
import io.tidemark.backup.BackupProgress.Phase;
import io.tidemark.errors.BackupFailedException;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.RunConflictException;
import io.tidemark.errors.StoreLockedException;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.StorageIO;
import io.tidemark.tracker.BackupRun;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.StoreView;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes backups of one engine: prepares runs of chains, copies their blocks with a tool, and
 * commits them.
 *
 * <p>Thread-safe; a chain has one run at a time, several chains may have theirs at once. The store,
 * the engine and the tool stay the caller's to close.
 */
public final class BackupCoordinator {

  /*
   * PREPARE (journal, forced) -> ledger -> batches, each with a receipt in the ledger -> SEAL (the
   * tool's one step) -> COMMIT (journal, forced) -> the ledger is deleted.
   *
   * Recovery. A prepared run without a ledger that belongs to it is given up: nothing of it was
   * written. One whose run is sealed is committed. Any other goes on behind its last receipt, or is
   * given up. A ledger without a prepared run is of one that was committed or given up.
   *
   * Concurrency. Whoever works on a chain holds the lock file beside its ledger. The store itself
   * refuses a commit by who prepared a run in an earlier opening of it.
   */

  private static final String LOCK_SUFFIX = ".lock";

  private final BitmapEngine store;
  private final StorageEngine engine;
  private final BackupTool tool;
  private final StorageIO io;
  private final Path directory;
  private final BackupOptions options;
  private final RunPlanner planner;
  private final BackupLimits limits;
  private final StatisticsCounter counter = new StatisticsCounter();
  private volatile boolean isCancelled;

  private BackupCoordinator(
      BitmapEngine store,
      StorageEngine engine,
      BackupTool tool,
      StorageIO io,
      Path directory,
      BackupOptions options) {
    this.store = store;
    this.engine = engine;
    this.tool = tool;
    this.io = io;
    this.directory = directory;
    this.options = options;
    this.planner = new RunPlanner(store, engine, tool, options);
    this.limits = new BackupLimits(options.nanoClock(), options.pause());
  }

  /**
   * Opens the coordinator of a store in a directory of the operating system, and commits the runs
   * that were sealed before a crash.
   *
   * @param storeRoot the store's directory; ledgers are kept in {@code runs} below it
   */
  public static BackupCoordinator open(
      BitmapEngine store,
      StorageEngine engine,
      BackupTool tool,
      Path storeRoot,
      BackupOptions options)
      throws IOException {
    return open(store, engine, tool, FileStorageIO.INSTANCE, storeRoot.resolve("runs"), options);
  }

  /**
   * Opens a coordinator, and commits the runs that were sealed before a crash.
   *
   * @param directory where ledgers are kept; one for each store
   */
  public static BackupCoordinator open(
      BitmapEngine store,
      StorageEngine engine,
      BackupTool tool,
      StorageIO io,
      Path directory,
      BackupOptions options)
      throws IOException {
    io.createDurably(directory);
    BackupCoordinator coordinator =
        new BackupCoordinator(store, engine, tool, io, directory, options);
    for (String chain : RunLedger.chains(io, directory)) {
      coordinator.recover(chain);
    }
    return coordinator;
  }

  /** Commits the run of a chain if it is sealed; another tool's runs are left to that one. */
  private void recover(String chain) throws IOException {
    try (Closeable lock = lock(chain);
        RunLedger unfinished = settle(chain)) {
      assert lock != null && (unfinished == null || unfinished.plan().chain().equals(chain));
    } catch (RunConflictException e) {
      // Somebody works on the chain, or another tool does; whoever asks for a run of it is told so.
    }
  }

  /**
   * Takes a run and commits it.
   *
   * @throws RunConflictException if the chain has a run that is being taken or was interrupted
   * @throws io.tidemark.errors.FullBackupRequiredException if an incremental run was asked for that
   *     would miss changes; nothing was done
   * @throws BackupFailedException if a block is lost; the run was given up
   * @throws io.tidemark.errors.BackupCancelledException if it was cancelled; it can be resumed
   * @throws IOException if a batch failed more often than it is tried again; it can be resumed
   */
  public BackupResult run(BackupRequest request, Listener listener) throws IOException {
    try (Closeable lock = lock(request.chain())) {
      assert lock != null;
      RunLedger unfinished = settle(request.chain());
      if (unfinished != null) {
        unfinished.close();
        throw new RunConflictException(
            "chain has an interrupted run: resume it or give it up: chain="
                + request.chain()
                + ", batches="
                + unfinished.receipts().size()
                + ", run="
                + unfinished.plan().runId());
      }
      isCancelled = false;
      RunPlanner.Prepared prepared = planner.prepare(request);
      try (RunLedger ledger = RunLedger.create(io, directory, tool.location(), prepared.plan())) {
        return counted(prepared.run(), ledger, listener);
      }
    }
  }

  /**
   * Goes on with the interrupted run of a chain and commits it; see {@link #run}.
   *
   * @return null if there is none
   */
  public @Nullable BackupResult resume(String chain, Listener listener) throws IOException {
    BackupRequest.checkChain(chain);
    try (Closeable lock = lock(chain);
        RunLedger unfinished = settle(chain)) {
      assert lock != null;
      if (unfinished == null) {
        return null;
      }
      isCancelled = false;
      counter.onResume();
      return counted(prepared(unfinished.plan()), unfinished, listener);
    }
  }

  private BackupRun prepared(RunPlan plan) throws IOException {
    BackupRun run = preparedRun(plan.chain());
    if (run == null || run.end() != plan.end()) {
      throw new RunConflictException(
          "run is not the chain's prepared one: chain=" + plan.chain() + ", run=" + plan.runId());
    }
    return run;
  }

  private @Nullable BackupRun preparedRun(String chain) throws IOException {
    return store
        .call(tracker -> Optional.ofNullable(tracker.backups().prepared(chain)))
        .orElse(null);
  }

  /** Returns the plan of the run that a chain has begun and not ended; null if there is none. */
  public @Nullable RunPlan interrupted(String chain) throws IOException {
    BackupRequest.checkChain(chain);
    try (Closeable lock = lock(chain);
        RunLedger unfinished = settle(chain)) {
      assert lock != null;
      return unfinished == null ? null : unfinished.plan();
    }
  }

  /**
   * Gives up the interrupted run of a chain: what it wrote is deleted, the chain stays where it
   * was.
   *
   * @return whether there was one
   */
  public boolean abort(String chain) throws IOException {
    BackupRequest.checkChain(chain);
    try (Closeable lock = lock(chain)) {
      assert lock != null;
      RunLedger unfinished = settle(chain);
      if (unfinished == null) {
        return false;
      }
      giveUp(prepared(unfinished.plan()), unfinished);
      return true;
    }
  }

  /** Returns what a run would copy if it were taken now; changes nothing. */
  public BackupEstimate estimate(BackupRequest request) throws IOException {
    return planner.estimate(request);
  }

  /** Stops the runs that are being taken, within a block or so; they can be resumed. */
  public void cancel() {
    isCancelled = true;
  }

  /** Returns the limits, which may be changed at any time. */
  public BackupLimits limits() {
    return limits;
  }

  /** Returns what was done since the coordinator was opened or the counts were reset. */
  public BackupStatistics statistics() {
    return counter.statistics();
  }

  /** Begins the counts anew. */
  public void resetStatistics() {
    counter.reset();
  }

  private Closeable lock(String chain) throws IOException {
    try {
      return io.lock(directory.resolve(chain + LOCK_SUFFIX));
    } catch (StoreLockedException e) {
      throw new RunConflictException(
          "chain has a run that is being taken: chain=" + chain + ", directory=" + directory);
    }
  }

  /**
   * Ends what a crash left of a chain's run, if it is clear how it ended.
   *
   * @return the open ledger of a run that can go on; null if there is none
   */
  private @Nullable RunLedger settle(String chain) throws IOException {
    BackupRun run = preparedRun(chain);
    RunLedger ledger = openLedger(chain);
    if (ledger == null) {
      if (run != null) {
        abort(run);
      }
      return null;
    }
    RunPlan plan = ledger.plan();
    if (!ledger.tool().equals(tool.location())) {
      ledger.close();
      throw new RunConflictException(
          "chain has a run of another backup: chain="
              + chain
              + ", expected="
              + ledger.tool()
              + ", actual="
              + tool.location());
    }
    boolean isSealed = tool.sealed(plan.runId()) != null;
    if (run == null || run.end() != plan.end()) {
      if (run != null) {
        abort(run);
      }
      if (!isSealed) {
        tool.discard(plan.runId());
      }
      ledger.delete();
      return null;
    }
    if (isSealed) {
      commit(run);
      ledger.delete();
      counter.onRollForward();
      return null;
    }
    return ledger;
  }

  /** Opens a ledger; one whose plan cannot be read is of no use, and its run is given up. */
  private @Nullable RunLedger openLedger(String chain) throws IOException {
    try {
      return RunLedger.open(io, directory, chain);
    } catch (CorruptFileException e) {
      RunLedger.delete(io, directory, chain);
      return null;
    }
  }

  private BackupResult counted(BackupRun run, RunLedger ledger, Listener listener)
      throws IOException {
    boolean isDone = false;
    try {
      BackupResult result = complete(run, ledger, listener);
      isDone = true;
      return result;
    } catch (BackupFailedException e) {
      giveUp(run, ledger);
      throw e;
    } finally {
      if (!isDone) {
        counter.onFailure();
      }
    }
  }

  private BackupResult complete(BackupRun run, RunLedger ledger, Listener listener)
      throws IOException {
    RunPlan plan = ledger.plan();
    long startNs = options.nanoClock().getAsLong();
    int resumedBatches = ledger.receipts().size();
    BlockWalk walk = planner.walk(plan);
    ProgressMeter progress =
        new ProgressMeter(
            plan.runId(),
            BlockWalk.measure(walk, engine.blocks()),
            sizeOf(ledger.receipts()),
            listener,
            options.nanoClock());
    progress.tell(Phase.PREPARE);
    RunCopier.LimitedReader reader =
        new RunCopier.LimitedReader(engine.blocks(), limits, () -> isCancelled);
    try (RunWriter writer = tool.open(plan, reader, ledger.receipts())) {
      RunCopier copier = new RunCopier(writer, ledger, options, () -> isCancelled, progress);
      progress.tell(Phase.COPY);
      copier.copy(walk);
      progress.tell(Phase.SEAL);
      RunEnd end = end(plan, ledger.receipts());
      SealedRun sealed = writer.seal(end);
      progress.tell(Phase.COMMIT);
      commit(run);
      long elapsedMs = TimeUnit.NANOSECONDS.toMillis(options.nanoClock().getAsLong() - startNs);
      BackupResult result =
          result(sealed, end, ledger.receipts(), resumedBatches, copier.retries(), elapsedMs);
      counter.onRun(result);
      ledger.delete();
      return result;
    }
  }

  private static SetSize sizeOf(List<BatchReceipt> receipts) {
    long blocks = 0;
    long bytes = 0;
    for (BatchReceipt receipt : receipts) {
      blocks += receipt.blocks() + receipt.deleted() + receipt.gone().size();
      bytes += receipt.contentBytes();
    }
    return new SetSize(blocks, bytes);
  }

  /** Finds out what is known when the last block was read. */
  private RunEnd end(RunPlan plan, List<BatchReceipt> receipts) throws IOException {
    engine.settle();
    StoreView view = store.call(tracker -> tracker.view());
    List<Long> gone = receipts.stream().flatMap(receipt -> receipt.gone().stream()).toList();
    GoneCheck.run(plan, gone, view);
    MessageDigest set = Batch.sha256();
    for (BatchReceipt receipt : receipts) {
      set.update(receipt.idsSha256().getBytes(StandardCharsets.US_ASCII));
    }
    return new RunEnd(
        view.position(),
        view.completeThrough(),
        view.boundsWithin(plan.end(), view.position()) == null
            && view.gapsWithin(plan.end(), view.position()).isEmpty(),
        options.epochClock().getAsLong(),
        HexFormat.of().formatHex(set.digest()));
  }

  private static BackupResult result(
      SealedRun sealed,
      RunEnd end,
      List<BatchReceipt> receipts,
      int resumedBatches,
      int retries,
      long elapsedMs) {
    return new BackupResult(
        sealed,
        end,
        receipts.stream().mapToLong(BatchReceipt::blocks).sum(),
        receipts.stream().mapToLong(BatchReceipt::deleted).sum(),
        receipts.stream().mapToLong(receipt -> receipt.gone().size()).sum(),
        receipts.stream().mapToLong(BatchReceipt::contentBytes).sum(),
        receipts.stream().mapToLong(BatchReceipt::writtenBytes).sum(),
        receipts.size(),
        resumedBatches,
        retries,
        elapsedMs);
  }

  private void commit(BackupRun run) throws IOException {
    store.call(
        tracker -> {
          tracker.backups().commit(run);
          return run;
        });
  }

  private void abort(BackupRun run) throws IOException {
    store.call(
        tracker -> {
          tracker.backups().abort(run);
          return run;
        });
    counter.onAbort();
  }

  private void giveUp(BackupRun run, RunLedger ledger) throws IOException {
    tool.discard(ledger.plan().runId());
    abort(run);
    ledger.delete();
  }
}
