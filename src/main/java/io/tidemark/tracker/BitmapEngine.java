package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMetadata;
import io.tidemark.block.BlockState;
import io.tidemark.block.Hole;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.UnknownBlockException;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.state.OpenStates;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * One store for programs that embed it: marks blocks, takes the storage engine's events, and
 * answers which blocks changed.
 *
 * <p>Thread-safe. Everything is applied and journaled when a call returns: durable against a killed
 * process, and after {@link #force} against a power cut. Block ids and WAL offsets are unsigned
 * 64-bit numbers; timestamps are ns, signed, and never used for order. After a {@code
 * StoreFailedException} only {@link #close} may be called.
 */
public final class BitmapEngine implements AutoCloseable {

  /*
   * Concurrency. One lock guards the tracker; whoever holds it is the tracker's thread. Questions
   * take an immutable view under the lock and are answered outside it. States belong to the moment:
   * a question about them that finds the view overtaken is asked again under the lock. Readers that
   * wait for coverage wait on a condition that every declaration signals. A force takes no lock: the
   * journal is appended to while the disk works.
   *
   * Late calls. A mark whose position is not above all applied before is taken as the fold takes late
   * events: it changes what ranges hold, and the state only if nothing at or above its position says
   * otherwise. To know the state exactly the open segment is sealed first, which costs a force;
   * events do not need to know it.
   */

  /** How long an answer is held for its next page if nothing else is said. */
  public static final long DEFAULT_LEASE_MS = 60_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition declared = lock.newCondition();
  private final AnswerLeases leases;

  // Guarded by the lock, but for force and positions.
  private final ChangeTracker tracker;

  // All below are guarded by the lock.
  private final RecordBuffer record = new RecordBuffer();
  private final LogDeclarations declarations;
  private long createsOnDirty;
  private long updatesOnDeleted;

  private volatile boolean isClosed; // Set under the lock.

  private BitmapEngine(ChangeTracker tracker, long leaseMs, LongSupplier nanoClock) {
    this.tracker = tracker;
    this.leases = new AnswerLeases(tracker.epoch(), leaseMs, nanoClock);
    this.declarations = new LogDeclarations(tracker, record);
  }

  /**
   * Opens a store for writing, and creates it if the directory is new or empty.
   *
   * @param root the store directory
   * @param shard which log the store tracks, in the caller's words; a store is never given to
   *     another one
   * @throws io.tidemark.errors.StoreLockedException if another writer has it open
   * @throws io.tidemark.errors.ForeignFileException if the store tracks another log
   */
  public static BitmapEngine open(Path root, String shard, TrackerOptions options)
      throws IOException {
    return of(ChangeTracker.open(root, shard, options), DEFAULT_LEASE_MS, System::nanoTime);
  }

  /**
   * Takes over a tracker: nobody else may use it from now on, and {@link #close} closes it.
   *
   * @param leaseMs how long an answer is held for its next page
   * @param nanoClock what leases are measured by; monotonic, ns
   */
  public static BitmapEngine of(ChangeTracker tracker, long leaseMs, LongSupplier nanoClock) {
    return new BitmapEngine(tracker, leaseMs, nanoClock);
  }

  /**
   * Marks a block modified; one that is NEW stays NEW. Its position advances either way.
   *
   * @return journal position
   * @throws io.tidemark.errors.InvalidTransitionException if the block is DELETED; nothing was
   *     changed
   */
  public long markDirty(long blockId, long walOffset, long timestampNs) throws IOException {
    return applyBatch(new BlockBatch().markDirty(blockId, walOffset, timestampNs));
  }

  /**
   * Marks a block created.
   *
   * @return journal position
   * @throws io.tidemark.errors.InvalidTransitionException if the block is DIRTY or DELETED; nothing
   *     was changed
   */
  public long markNew(long blockId, long walOffset, long timestampNs) throws IOException {
    return applyBatch(new BlockBatch().markNew(blockId, walOffset, timestampNs));
  }

  /**
   * Marks a block deleted, whatever its state.
   *
   * @return journal position
   */
  public long markDeleted(long blockId, long walOffset, long timestampNs) throws IOException {
    return applyBatch(new BlockBatch().markDeleted(blockId, walOffset, timestampNs));
  }

  /**
   * Takes note of a block as it is: everything applied so far counts as flushed, and a deletion as
   * confirmed. The block is CLEAN; what a backup owes of it stays owed.
   *
   * @return journal position
   * @throws UnknownBlockException if the block never had an event; nothing was changed
   */
  public long clearBlock(long blockId) throws IOException {
    return applyBatch(new BlockBatch().clearBlock(blockId));
  }

  /**
   * Applies several operations, in order, as one journal record: all or none, also after a crash.
   *
   * <p>Each finds the state that the ones before it left.
   *
   * @return journal position of the last one; of the last entry applied if the batch is empty
   * @throws io.tidemark.errors.InvalidTransitionException if one of them is illegal; nothing was
   *     changed
   * @throws UnknownBlockException if a block is cleared that never had an event; nothing was
   *     changed
   */
  public long applyBatch(BlockBatch batch) throws IOException {
    lock.lock();
    try {
      begin();
      DirectOperations operations = new DirectOperations(tracker, record);
      for (BlockBatch.Operation operation : batch.operations()) {
        operations.add(operation);
      }
      return record.count() == 0 ? tracker.position() : tracker.append(record);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes an event of the storage engine, whatever the state of the block: what an engine says has
   * happened. A creation of a DIRTY block and an update of a DELETED one are counted.
   *
   * @param type not CLEAR
   * @return journal position
   */
  public long onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs)
      throws IOException {
    if (type == BlockEventType.CLEAR) {
      throw new IllegalArgumentException("storage engines send no such event: type=" + type);
    }
    lock.lock();
    try {
      begin();
      BlockState found = stateFoundBy(type, blockId, walOffset);
      record.event(type, blockId, walOffset, timestampNs);
      long position = tracker.append(record);
      if (type == BlockEventType.CREATE && found == BlockState.DIRTY) {
        createsOnDirty++;
      }
      if (type == BlockEventType.UPDATE && found == BlockState.DELETED) {
        updatesOnDeleted++;
      }
      return position;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the state that an event finds; CLEAN for one that comes late, or needs none. */
  private BlockState stateFoundBy(BlockEventType type, long blockId, long walOffset)
      throws IOException {
    if (type != BlockEventType.CREATE && type != BlockEventType.UPDATE) {
      return BlockState.CLEAN;
    }
    OpenStates states = tracker.openStates();
    WalPosition position = new WalPosition(record.generation(), walOffset);
    return position.compareTo(states.highest()) >= 0 ? states.state(blockId) : BlockState.CLEAN;
  }

  /**
   * Takes a flush of every block up to a WAL offset.
   *
   * @return journal position
   */
  public long onFlushAll(long walOffset, long timestampNs) throws IOException {
    lock.lock();
    try {
      begin();
      record.flushAll(walOffset, timestampNs);
      return tracker.append(record);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Declares that every change of the present generation through a WAL offset was given, except in
   * declared gaps. What was declared before stays; an offset below it changes nothing.
   */
  public void completeThrough(long walOffset) throws IOException {
    lock.lock();
    try {
      begin();
      declarations.completeThrough(walOffset);
    } finally {
      declared.signalAll();
      lock.unlock();
    }
  }

  /**
   * Declares where the log goes on: what lies below this offset and was declared neither complete
   * nor unknown becomes a gap, because nobody will give it any more. Durable when it returns, if
   * there is any.
   */
  public void continueFrom(long walOffset) throws IOException {
    lock.lock();
    try {
      begin();
      declarations.continueFrom(walOffset);
    } finally {
      declared.signalAll();
      lock.unlock();
    }
  }

  /**
   * Declares a closed range of WAL offsets of the present generation unknown: an answer that
   * reaches into it is FULL_REQUIRED. Durable when it returns.
   *
   * @param reason for people; lower case
   */
  public void gap(long first, long last, String reason) throws IOException {
    Hole.checkBounds(first, last);
    lock.lock();
    try {
      begin();
      declarations.gap(first, last, reason);
    } finally {
      declared.signalAll();
      lock.unlock();
    }
  }

  /**
   * Begins a generation: the log was rolled back, and from {@code firstOwn} on it has other content
   * than was given. What the old content changed from there on has changed again; blocks changed
   * where the old content had a hole are not known, which makes a hole at {@code firstOwn}.
   *
   * @param firstOwn first WAL offset that the log does not share with what was given
   * @param timestampNs when it was rolled back, or later
   * @return the new generation
   * @throws io.tidemark.errors.StoreFullException if there is no space; call again when space
   *     returned
   */
  public int beginGeneration(long firstOwn, long timestampNs) throws IOException {
    lock.lock();
    try {
      begin();
      return declarations.beginGeneration(firstOwn, timestampNs);
    } finally {
      declared.signalAll();
      lock.unlock();
    }
  }

  /**
   * Begins a generation of which nobody knows where it differs from what was given: the log was
   * replaced. An answer that reaches from before it into it is FULL_REQUIRED.
   *
   * @param reason for people; lower case
   * @return the new generation
   */
  public int beginUnrelatedGeneration(String reason) throws IOException {
    lock.lock();
    try {
      begin();
      return declarations.beginUnrelatedGeneration(reason);
    } finally {
      declared.signalAll();
      lock.unlock();
    }
  }

  /** Empties the record for entries of the present generation. */
  private void begin() throws IOException {
    checkOpen();
    declarations.settle();
    record.clear();
    record.generation(tracker.coverage().generation());
  }

  private void checkOpen() {
    if (isClosed) {
      throw new IllegalStateException("engine is closed");
    }
  }

  /**
   * Returns the state of a block.
   *
   * @throws UnknownBlockException if it never had an event
   */
  public BlockState state(long blockId) throws IOException {
    lock.lock();
    try {
      checkOpen();
      if (!tracker.isKnown(blockId)) {
        throw unknown(blockId);
      }
      return tracker.state(blockId);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns the last change of a block and its state. The first call opens the metadata map, which
   * takes seconds.
   *
   * @throws UnknownBlockException if it never had an event
   */
  public BlockMetadata metadata(long blockId) throws IOException {
    lock.lock();
    try {
      checkOpen();
      BlockMetadata found = tracker.metadata(blockId);
      if (found == null) {
        throw unknown(blockId);
      }
      return found;
    } finally {
      lock.unlock();
    }
  }

  private static UnknownBlockException unknown(long blockId) {
    return new UnknownBlockException(
        "block is not known: blockId=" + Long.toUnsignedString(blockId));
  }

  /**
   * Returns how many blocks are in each state, and what the engine was told. After a seal the first
   * question folds what is not sealed, up to a million events under the lock; from then to the next
   * seal each event costs a little more, and further questions nothing.
   */
  public EngineStatistics statistics() throws IOException {
    lock.lock();
    try {
      checkOpen();
      Coverage coverage = tracker.coverage();
      Long through = coverage.completeThrough();
      return new EngineStatistics(
          tracker.counts(),
          createsOnDirty,
          updatesOnDeleted,
          through == null ? null : new WalPosition(coverage.generation(), through),
          tracker.position());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns the blocks with a CREATE, UPDATE or DELETE in a range, whatever happened later.
   *
   * @param maxBlocks blocks of a page, at least 1; the next pages come from {@link #nextPage}
   * @param waitMs how long to wait at most for the log to be delivered through the end of the
   *     range; 0 for not at all. If it is not by then the verdict is NOT_READY
   */
  public BlockPage changedIn(ChangeRange range, int maxBlocks, long waitMs)
      throws IOException, InterruptedException {
    checkPage(maxBlocks);
    return leases.first(view(range, waitMs).changes(range), maxBlocks);
  }

  /**
   * Returns the ids of the same blocks, all at once; the verdict is the same.
   *
   * @param waitMs how long to wait at most; see {@link #changedIn}
   */
  public ChangedIds changedIdsIn(ChangeRange range, long waitMs) throws InterruptedException {
    return view(range, waitMs).changedIds(range);
  }

  /**
   * Returns the blocks that changed in a range and whose state is not CLEAN now.
   *
   * <p>For a backup ask {@link #changedIn}: a block that was flushed is CLEAN and changed all the
   * same.
   *
   * @param maxBlocks blocks of a page, at least 1
   * @param waitMs how long to wait at most; see {@link #changedIn}
   */
  public BlockPage dirtyBlocks(ChangeRange range, int maxBlocks, long waitMs)
      throws IOException, InterruptedException {
    checkPage(maxBlocks);
    ChangeSet changed = view(range, waitMs).changes(range);
    lock.lock();
    try {
      checkOpen();
      if (tracker.position() != changed.journalPosition()) {
        changed = tracker.view().changes(range);
      }
      List<BlockChange> dirty = new ArrayList<>();
      for (BlockChange change : changed.changes()) {
        if (tracker.state(change.blockId()) != BlockState.CLEAN) {
          dirty.add(change);
        }
      }
      return leases.first(changed.reducedTo(dirty), maxBlocks);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns the page that begins at a cursor. Pages of one answer do not change while the store
   * does.
   *
   * @throws io.tidemark.errors.MovedOnException if no page of the answer was asked for during its
   *     lease, or too many other long answers were: ask again from the start
   */
  public BlockPage nextPage(PageCursor cursor, int maxBlocks) {
    checkPage(maxBlocks);
    return leases.next(cursor, maxBlocks);
  }

  /** Lets go of an answer whose other pages are not wanted. */
  public void release(PageCursor cursor) {
    leases.release(cursor);
  }

  private static void checkPage(int maxBlocks) {
    if (maxBlocks < 1) {
      throw new IllegalArgumentException("page holds no block: maxBlocks=" + maxBlocks);
    }
  }

  private StoreView view(ChangeRange range, long waitMs) throws InterruptedException {
    lock.lock();
    try {
      checkOpen();
      long remainingNs = TimeUnit.MILLISECONDS.toNanos(waitMs);
      while (remainingNs > 0 && range.isBeyond(tracker)) {
        remainingNs = declared.awaitNanos(remainingNs);
        checkOpen();
      }
      return tracker.view();
    } finally {
      lock.unlock();
    }
  }

  /** Something done with the tracker while nothing else is. */
  @FunctionalInterface
  public interface TrackerCall<T> {

    /** Uses the tracker; keeps nothing of it that changes. */
    T call(ChangeTracker tracker) throws IOException;
  }

  /**
   * Calls something that needs the tracker itself: a source that reads a log, a run of a backup.
   * Everybody else waits until it returns.
   */
  public <T> T call(TrackerCall<T> call) throws IOException {
    lock.lock();
    try {
      checkOpen();
      return call.call(tracker);
    } finally {
      declared.signalAll();
      lock.unlock();
    }
  }

  /** What the writer of a pipeline does at a time. */
  @FunctionalInterface
  interface PipelineStep {

    /** Appends and declares, alone. */
    void run(ChangeTracker tracker, LogDeclarations declarations) throws IOException;
  }

  /** Does a step of a pipeline's writer, and tells those who wait for what it declares. */
  void step(PipelineStep step) throws IOException {
    lock.lock();
    try {
      begin();
      step.run(tracker, declarations);
    } finally {
      declared.signalAll();
      lock.unlock();
    }
  }

  /**
   * Makes everything survive a power cut that was applied before the call; holds up nobody else.
   *
   * <p>An interrupt of the calling thread while the disk works may be taken for a failure of it.
   *
   * @throws io.tidemark.errors.StoreFailedException if it could not
   */
  public void force() {
    checkOpen();
    tracker.force();
  }

  /** Returns the journal position of the last entry applied; waits for nobody. */
  public long position() {
    return tracker.position();
  }

  /** Returns the journal position up to which entries survive a power cut; waits for nobody. */
  public long durablePosition() {
    return tracker.durablePosition();
  }

  /** Publishes a checkpoint and closes the store; readers that wait are refused. */
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      isClosed = true;
      leases.releaseAll();
      tracker.close();
    } finally {
      declared.signalAll();
      lock.unlock();
    }
  }
}
