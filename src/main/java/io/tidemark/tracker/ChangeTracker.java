package io.tidemark.tracker;

import io.tidemark.block.BlockMetadata;
import io.tidemark.block.BlockState;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.journal.JournalFollower;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.segment.OpenSegment;
import io.tidemark.state.Catalog;
import io.tidemark.state.MetadataRow;
import io.tidemark.state.OpenStates;
import io.tidemark.state.StateAnomalies;
import io.tidemark.state.StateCounts;
import io.tidemark.storage.StorageIO;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The writer of one store: journals what a source says, folds it, seals it, and answers which
 * blocks changed.
 *
 * <p>One tracker per store and process; all calls from one thread, but for {@link #force}, {@link
 * #position} and {@link #durablePosition}. After a {@code StoreFailedException} only {@link #close}
 * may be called.
 */
public final class ChangeTracker implements AutoCloseable {

  /*
   * Order of a write: journal record, fold into the open segment, applied. What follows is the business
   * of SealedStore.
   *
   * Invariants, asserted where they are written and checked by StoreCheck where they are read:
   *   journal.lastPosition >= applied >= sealed >= position of the newest checkpoint
   *   journal.durablePosition >= sealed; neither of the journal's positions goes back
   *   segments adjoin: each begins one position behind the end of the one before
   */

  private final StoreEnvironment environment;
  private final StoreLayout layout;
  private final StoreIdentity identity;
  private final Closeable lock;
  private final JournalWriter journal;
  private final RecoveryReport recovery;
  private final ControlView controls;
  private final UnsealedSegments unsealed;
  private final SealedStore sealed;
  private final long epoch;
  private final long firstOwn;
  private final AtomicReference<@Nullable Runnable> afterAppend = new AtomicReference<>();
  private final BackupChains backups = new BackupChains(this);
  private @Nullable Coverage coverageImage;
  private volatile long applied;
  private int openEventsMax = Integer.MAX_VALUE;
  private boolean isClosed;

  private ChangeTracker(
      StoreEnvironment environment,
      StoreLayout layout,
      StoreImage image,
      TrackerOptions options,
      Closeable lock)
      throws IOException {
    this.environment = environment;
    this.layout = layout;
    this.identity = image.identity();
    this.lock = lock;
    this.recovery = image.report();
    this.controls = image.controls();
    this.epoch = image.nextEpoch();
    this.firstOwn = image.nextPosition();
    this.journal =
        new JournalWriter(
            environment,
            layout,
            options,
            identity.storeId(),
            image.nextEpoch(),
            image.nextPosition() - 1);
    this.unsealed =
        new UnsealedSegments(
            new OpenSegment(
                controls.coverage().generation(), image.nextPosition(), image.nextBlockId()));
    this.sealed = new SealedStore(environment, layout, image, options, journal, unsealed);
    this.applied = image.nextPosition() - 1;
    if (options.openEventsMax() < Integer.MAX_VALUE) {
      openEventsMax = options.openEventsMax();
      sealed.limitUnsealed(openEventsMax);
    }
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
      new Retention(environment, layout, identity.storeId()).deleteTemporaries();
      StoreImage image = StoreImage.loadToWrite(environment, root, options);
      ChangeTracker tracker = new ChangeTracker(environment, layout, image, options, lock);
      tracker.sealed.settle(image);
      return tracker;
    } catch (IOException | RuntimeException | Error e) {
      lock.close();
      throw e;
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
    return unsealed.open().nextBlockId();
  }

  /**
   * Returns the journal position of the last entry that was journaled and folded; from any thread.
   */
  public long position() {
    return applied;
  }

  /** Returns the journal position up to which entries survive a power cut; from any thread. */
  public long durablePosition() {
    return journal.durablePosition();
  }

  /** Returns how many events are not sealed yet, which take memory until they are. */
  public int openEvents() {
    return unsealed.eventCount();
  }

  /**
   * Keeps {@link #openEvents()} at or below a number from the next append on, by sealing earlier
   * than the options say, if no record has more than {@link #recordEventsMax()}; {@code seal} makes
   * it so at once.
   *
   * @param events each takes {@link TrackerOptions#OPEN_EVENT_BYTES} at most
   */
  public void limitOpenEvents(int events) {
    openEventsMax = events;
    sealed.limitUnsealed(events);
  }

  /** Returns how many entries a record may have so that the limit of open events is kept. */
  public int recordEventsMax() {
    return openEventsMax / 8;
  }

  /** Returns the limit of {@link #openEvents()}; 2^31 − 1 if only the options limit it. */
  public int openEventsMax() {
    return openEventsMax;
  }

  /** Returns how often a segment was sealed earlier than the options say, to keep the limit. */
  public long earlySeals() {
    return sealed.earlySeals();
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
    sealed.takeOverWhatIsDone();
    sealed.sealIfDue();
    makeRoom();
    if (record.generation() != unsealed.open().generation()) {
      seal();
      unsealed.beginGeneration(record.generation());
    }
    long last = journal.append(record, position());
    unsealed.fold(record);
    record.forEachControl(controls);
    record.clear();
    coverageImage = null;
    assert unsealed.open().lastPosition() == last && journal.lastPosition() == last
        : "applied is not appended: appended=" + last;
    applied = last;
    Runnable told = afterAppend.get();
    if (told != null) {
      told.run();
    }
    try {
      sealed.sealIfDue();
    } catch (IOException e) {
      // The record is applied; the next append seals and recycles, or tells why it cannot.
    }
    return last;
  }

  /** Lets go of all the journal that may go if it or the disk is full; refuses if it still is. */
  private void makeRoom() throws IOException {
    if (journal.isFull()) {
      checkpoint();
      journal.recycle(sealed.checkpointPosition(), 0);
      journal.checkSpace();
    }
  }

  /** A closed tracker has no right to write: another one may have the store open. */
  private void checkOpen() {
    if (isClosed) {
      throw new IllegalStateException("tracker is closed: directory=" + layout.root());
    }
  }

  /**
   * Returns what is called after every append, by who appends, and must not hold it up; null for
   * nothing. Thread-safe.
   */
  AtomicReference<@Nullable Runnable> afterAppend() {
    return afterAppend;
  }

  /** Returns what did not fit the states of blocks in sealed segments; to be read by any thread. */
  StateAnomalies anomalies() {
    return sealed.states().anomalies();
  }

  /**
   * Returns what follows the journal from a position on, for another thread.
   *
   * @param from journal position of the first entry that is wanted, at least 1
   */
  JournalFollower follow(long from) {
    return new JournalFollower(environment.journal(layout, identity.storeId()), firstOwn, from);
  }

  /**
   * Makes everything survive a power cut that was appended before the call; from any thread, and
   * holds up no append.
   */
  public void force() {
    journal.force();
  }

  /**
   * Seals the open segment, if it is not empty: its end is a journal position answers can cut at.
   */
  public void seal() throws IOException {
    checkOpen();
    sealed.seal();
  }

  /**
   * Seals the open segment and publishes a checkpoint, so that the next opening replays nothing.
   */
  public void checkpoint() throws IOException {
    checkOpen();
    sealed.checkpoint();
  }

  /** Returns everything applied so far, for range questions; later appends do not show in it. */
  public StoreView view() {
    Coverage covered = Objects.requireNonNullElseGet(coverageImage, controls.coverage()::copy);
    coverageImage = covered;
    return new StoreView(
        sealed.history(), sealed.index(), unsealed.snapshots(), covered, position());
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
      live = unsealed.states(sealed.states());
    }
    return live;
  }

  /** Returns the same without sealing late events: they are not exact for these. */
  OpenStates openStates() throws IOException {
    checkOpen();
    sealed.sealIfDue();
    return unsealed.states(sealed.states());
  }

  /**
   * Returns what is known of a block, or null if it never had an event; seals the open segment if
   * it holds late events.
   *
   * <p>The first call opens the metadata map, which takes seconds.
   */
  public @Nullable BlockMetadata metadata(long blockId) throws IOException {
    OpenStates live = liveStates();
    MetadataRow row = new MetadataRow();
    boolean hasSealed = sealed.metadata().read(blockId, row);
    boolean hasOpen = live.foldInto(blockId, row);
    return hasSealed || hasOpen
        ? new BlockMetadata(
            blockId, row.maxima().lastChange(), row.timestampNs(), live.state(blockId))
        : null;
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
      sealed.saveAll();
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
    try {
      sealed.abandon();
      journal.close();
    } finally {
      lock.close();
    }
  }
}
