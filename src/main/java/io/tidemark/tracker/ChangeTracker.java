package io.tidemark.tracker;

import io.tidemark.block.BlockMetadata;
import io.tidemark.block.BlockState;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.journal.EventLogs;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.OpenSegment;
import io.tidemark.state.BlockStates;
import io.tidemark.state.Catalog;
import io.tidemark.state.MetadataRow;
import io.tidemark.state.OpenStates;
import io.tidemark.state.SegmentHistory;
import io.tidemark.state.StateCounts;
import io.tidemark.storage.StorageIO;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The writer of one store: journals what a source says, folds it, seals it, and answers which
 * blocks changed.
 *
 * <p>One tracker per store and process; all calls from one thread. After a {@code
 * StoreFailedException} only {@link #close} may be called.
 */
public final class ChangeTracker implements AutoCloseable {

  /*
   * Order of a write: journal record, fold into the open segment, applied. Order of a seal: force the
   * journal through the segment's end, publish the segment, fold the states. Order of a checkpoint:
   * snapshot, catalog, checkpoint file, and only then older checkpoints, snapshots and journal
   * directories are deleted.
   *
   * Invariants, asserted where they are written and checked by StoreCheck where they are read:
   *   applied = journal.lastPosition >= sealed >= position of the newest checkpoint
   *   journal.durablePosition >= sealed, as long as a journal was begun
   *   segments adjoin: each begins one position behind the end of the one before
   */

  private final StorageIO io;
  private final EventLogs logs;
  private final StoreLayout layout;
  private final StoreIdentity identity;
  private final TrackerOptions options;
  private final Closeable lock;
  private final Retention retention;
  private final JournalWriter journal;
  private final RecoveryReport recovery;
  private final ControlView controls;
  private final SealedSegments segments;
  private final Checkpoints checkpoints;
  private final TrackedMetadata metadata;
  private final long epoch;
  private final BackupChains backups = new BackupChains(this);
  private BlockStates states;
  private OpenSegment open;
  private @Nullable ChangeSegment openImage;
  private @Nullable OpenStates openStates;
  private @Nullable Coverage coverageImage;
  private int unsavedSegments;
  private boolean isCheckpointDue;
  private boolean isClosed;

  private ChangeTracker(
      StoreEnvironment environment,
      StoreLayout layout,
      StoreImage image,
      TrackerOptions options,
      Retention retention,
      Closeable lock)
      throws IOException {
    this.io = environment.io();
    this.logs = environment.journal(layout, image.identity().storeId());
    this.layout = layout;
    this.identity = image.identity();
    this.options = options;
    this.lock = lock;
    this.retention = retention;
    this.recovery = image.report();
    this.controls = image.controls();
    this.segments =
        new SealedSegments(
            io, layout, identity.storeId(), options, environment.maintenance(), image.history());
    this.checkpoints = new Checkpoints(io, layout, image);
    this.metadata = new TrackedMetadata(environment, layout, identity.storeId(), segments);
    this.states = image.states();
    this.epoch = image.nextEpoch();
    this.journal =
        new JournalWriter(environment, layout, options, identity.storeId(), image.nextEpoch());
    this.open =
        new OpenSegment(
            controls.coverage().generation(), image.nextPosition(), image.nextBlockId());
  }

  /**
   * Opens a store for writing, and creates it if the directory is new or empty.
   *
   * @param root the store directory
   * @param shard which log the store tracks, in the source's words; a store is never given to
   *     another one
   * @throws io.tidemark.errors.StoreLockedException if another tracker has it open
   * @throws ForeignFileException if the store tracks another log
   * @throws io.tidemark.errors.UnsupportedFormatException if a newer program wrote it
   */
  public static ChangeTracker open(Path root, String shard, TrackerOptions options)
      throws IOException {
    return open(StoreEnvironment.REAL, root, shard, options);
  }

  static ChangeTracker open(
      StoreEnvironment environment, Path root, String shard, TrackerOptions options)
      throws IOException {
    StorageIO io = environment.io();
    StoreLayout layout = new StoreLayout(root);
    if (!io.exists(layout.store())) {
      io.createDurably(root);
    }
    Closeable lock = io.lock(layout.lock());
    try {
      StoreIdentity identity = StoreIdentity.openOrCreate(io, root, shard);
      if (!identity.shard().equals(shard)) {
        throw new ForeignFileException(
            "store tracks another log: expected="
                + shard
                + ", actual="
                + identity.shard()
                + ", directory="
                + root);
      }
      io.createDirectory(layout.journal());
      io.createDirectory(layout.segments());
      io.createDirectory(layout.base());
      io.createDirectory(layout.snapshots());
      io.createDirectory(layout.catalogs());
      io.forceDirectory(root);
      Retention retention = new Retention(environment, layout, identity.storeId());
      retention.deleteTemporaries();
      StoreImage image = StoreImage.load(environment, root, options.blockSets());
      ChangeTracker tracker =
          new ChangeTracker(environment, layout, image, options, retention, lock);
      tracker.settle(image);
      return tracker;
    } catch (IOException | RuntimeException | Error e) {
      lock.close();
      throw e;
    }
  }

  /** Makes what recovery folded from the journal part of the sealed store. */
  private void settle(StoreImage image) throws IOException {
    for (ChangeSegment segment : image.unsealed()) {
      segment.publish(io, layout.segment(segment), identity.storeId());
    }
    if (!image.unsealed().isEmpty()
        || !recovery.rebuilt().isEmpty()
        || !retention.areCheckpointsWhole()
        || (checkpoints.isEmpty() && segments.history().lastPosition() > 0)) {
      publishCheckpoint(false);
      retention.deleteReplaced(
          recovery.lost().isEmpty() ? image.damaged() : List.of(), segments.files());
    }
    // Logs that begin behind the end hold nothing valid; their name is needed again.
    for (long begin : logs.list()) {
      if (begin >= open.firstPosition()) {
        logs.recycle(begin);
      }
    }
  }

  /** Returns what opening the store found and did. */
  public RecoveryReport recovery() {
    return recovery;
  }

  /** Returns which store this is. */
  public StoreIdentity identity() {
    return identity;
  }

  /** Returns what the block ids name; changed by {@link #append} only. */
  public Catalog catalog() {
    return controls.catalog();
  }

  /** Returns what the source declared complete; changed by {@link #append} only. */
  public Coverage coverage() {
    return controls.coverage();
  }

  /** Returns a block id higher than every one ever given. */
  public long nextBlockId() {
    return open.nextBlockId();
  }

  /** Returns the journal position of the last entry that was journaled and folded. */
  public long position() {
    return open.lastPosition();
  }

  /** Returns the chains of backups; changed by {@link #append} only. */
  public Chains chains() {
    return controls.chains();
  }

  /** Returns what prepares, commits and aborts runs of backups. */
  public BackupChains backups() {
    return backups;
  }

  /** Returns the number of this opening of the store; higher than that of every one before. */
  public long epoch() {
    return epoch;
  }

  /**
   * Journals a record, folds it and clears it; it is applied when this returns.
   *
   * <p>Durable against a killed process when it returns; against a power cut at once for entries
   * that need it (names, gaps, generations, commits), else when the segment is sealed.
   *
   * <p>When the segment is full it is sealed at the end of the append. If that fails the record is
   * applied all the same, and the next append tries again before it does anything else.
   *
   * @param record not empty
   * @return journal position of its last entry
   * @throws io.tidemark.errors.StoreFullException if there is no space; nothing was applied, the
   *     same record can be appended when space returned
   * @throws io.tidemark.errors.StoreFailedException if it could not be journaled; nothing was
   *     applied
   * @throws IOException if the segment before it could not be sealed; nothing was applied, the same
   *     record can be appended again
   */
  public long append(RecordBuffer record) throws IOException {
    checkOpen();
    sealIfDue();
    makeRoom();
    if (record.generation() != open.generation()) {
      seal();
      open = new OpenSegment(record.generation(), open.firstPosition(), open.nextBlockId());
    }
    long last = journal.append(record, open.lastPosition());
    record.forEach(open);
    record.forEach(controls);
    OpenStates live = openStates;
    if (live != null) {
      record.forEach(live);
    }
    record.clear();
    openImage = null;
    coverageImage = null;
    assert open.lastPosition() == last
        : "applied is not appended: applied=" + open.lastPosition() + ", appended=" + last;
    try {
      sealIfDue();
    } catch (IOException e) {
      // The record is applied; the next append seals and recycles, or tells why it cannot.
    }
    return last;
  }

  private boolean isSealDue() {
    return open.isFull(options.maxOpenEvents())
        || controls.chains().statesCursor() > states.cursor();
  }

  private void sealIfDue() throws IOException {
    if (isSealDue()) {
      seal();
      isCheckpointDue |= unsavedSegments >= options.segmentsPerCheckpoint();
    }
    if (isCheckpointDue) {
      publishCheckpoint(false);
    }
  }

  /** Lets go of all the journal that may go if it or the disk is full; refuses if it still is. */
  private void makeRoom() throws IOException {
    if (journal.isFull()) {
      checkpoint();
      journal.recycle(checkpoints.position(), 0);
      journal.checkSpace();
    }
  }

  /** A closed tracker has no right to write: another one may have the store open. */
  private void checkOpen() {
    if (isClosed) {
      throw new IllegalStateException("tracker is closed: directory=" + layout.root());
    }
  }

  /** Makes everything appended survive a power cut. */
  public void force() {
    journal.force();
  }

  /**
   * Seals the open segment, if it is not empty: its end is a journal position answers can cut at.
   */
  public void seal() throws IOException {
    checkOpen();
    if (open.isEmpty()) {
      return;
    }
    force();
    assert journal.isDurable(open.lastPosition())
        : "sealed before the journal is durable: sealed=" + open.lastPosition();
    ChangeSegment image = segments.seal(open);
    SegmentHistory history = history();
    states.fold(image, history);
    states.commit(history);
    checkpoints.changed(image.changedCount());
    openStates = null;
    open = new OpenSegment(open.generation(), image.lastPosition() + 1, open.nextBlockId());
    openImage = null;
    unsavedSegments++;
    segments.maintain(barriers(), checkpoints.snapshotPosition(), controls.chains().lowestCursor());
  }

  private SegmentHistory history() {
    return new SegmentHistory(segments.history(), controls.chains().statesCursor());
  }

  /** Returns the journal positions that must stay ends of segments. */
  private Set<Long> barriers() {
    Set<Long> barriers = new HashSet<>();
    for (Chains.Chain chain : controls.chains().all().values()) {
      barriers.add(chain.cursor());
      barriers.add(chain.prepared());
    }
    barriers.add(controls.chains().statesCursor());
    return barriers;
  }

  /**
   * Seals the open segment and publishes a checkpoint, so that the next opening replays nothing.
   */
  public void checkpoint() throws IOException {
    seal();
    if (unsavedSegments > 0) {
      publishCheckpoint(false);
    }
  }

  private void publishCheckpoint(boolean isLast) throws IOException {
    checkpoints.publish(
        segments.list(),
        states,
        controls.catalog(),
        open.firstPosition() - 1,
        epoch,
        open.nextBlockId(),
        isLast);
    unsavedSegments = 0;
    isCheckpointDue = false;
    metadata.stamp();
    retention.deleteSuperseded(checkpoints.position(), segments.history().basePosition());
    segments.deleteOldBases();
    journal.recycle(checkpoints.position(), options.journalKeepBytes());
  }

  /** Returns everything applied so far, for range questions; later appends do not show in it. */
  public StoreView view() {
    Coverage covered = Objects.requireNonNullElseGet(coverageImage, controls.coverage()::copy);
    coverageImage = covered;
    return new StoreView(segments.history(), segments.index(), openImage(), covered, position());
  }

  /** Returns what lies in the open segment, null for nothing. */
  private @Nullable ChangeSegment openImage() {
    if (!open.isEmpty()) {
      openImage = Objects.requireNonNullElseGet(openImage, open::toSegment);
    }
    return openImage;
  }

  /** Returns the state of a block; CLEAN if it is not known. */
  public BlockState state(long blockId) throws IOException {
    return liveStates().state(blockId);
  }

  /** Returns whether a block ever had an event. */
  public boolean isKnown(long blockId) throws IOException {
    return liveStates().isKnown(blockId);
  }

  /** Returns how many blocks are known, and how many are in each state. */
  public StateCounts counts() throws IOException {
    return liveStates().counts();
  }

  /**
   * Returns the states with those of the open segment, which is sealed if it holds late events.
   *
   * <p>From the first question on they are kept up to date with every append, until the seal.
   */
  private OpenStates liveStates() throws IOException {
    OpenStates live = openStates();
    if (live.isLate()) {
      seal();
      live = new OpenStates(states, null);
      openStates = live;
    }
    return live;
  }

  /** Returns the same without sealing late events: they are not exact for these. */
  OpenStates openStates() throws IOException {
    checkOpen();
    sealIfDue();
    OpenStates live = openStates;
    if (live == null) {
      live = new OpenStates(states, openImage());
      openStates = live;
    }
    return live;
  }

  /**
   * Seals the open segment and returns what is known of a block, or null if it never had an event.
   *
   * <p>The first call opens the metadata map, which takes seconds.
   */
  public @Nullable BlockMetadata metadata(long blockId) throws IOException {
    seal();
    MetadataRow row = new MetadataRow();
    if (!metadata.read(blockId, row)) {
      return null;
    }
    return new BlockMetadata(
        blockId, row.maxima().lastChange(), row.timestampNs(), states.state(blockId));
  }

  /**
   * Publishes a checkpoint, closes everything and gives the lock back; does nothing if it is closed
   * already.
   */
  @Override
  public void close() throws IOException {
    if (isClosed) {
      return;
    }
    try {
      seal();
      if (checkpoints.position() < open.firstPosition() - 1
          || checkpoints.snapshotPosition() < checkpoints.position()) {
        publishCheckpoint(true);
      }
      metadata.stamp();
    } finally {
      abandon();
    }
  }

  /**
   * Closes everything as it is, without a checkpoint: the next opening replays the journal. Does
   * nothing if it is closed already.
   */
  public void abandon() throws IOException {
    if (isClosed) {
      return;
    }
    isClosed = true;
    segments.close();
    try {
      metadata.abandon();
      journal.close();
    } finally {
      lock.close();
    }
  }
}
