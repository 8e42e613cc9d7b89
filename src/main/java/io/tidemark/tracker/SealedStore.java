package io.tidemark.tracker;

import io.tidemark.journal.EventLogs;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.History;
import io.tidemark.segment.OpenSegment;
import io.tidemark.segment.SegmentIndex;
import io.tidemark.state.BlockStates;
import io.tidemark.state.SegmentHistory;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is sealed of a store, with its views and checkpoints, and what seals more of it.
 *
 * <p>Used by the tracker's thread.
 */
final class SealedStore {

  /*
   * Order of a seal: force the journal through the segment's end, publish the segment, fold the
   * states. Order of a checkpoint: snapshot, catalog, checkpoint file, and only then older
   * checkpoints, snapshots and journal files are deleted.
   *
   * Threads. A full segment is sealed, and a checkpoint published, by the store's sealing thread while
   * the next segment fills; the tracker's thread takes the result over at its next call. Until then
   * questions find the full segment where it is. If the next one is full first, the tracker's thread
   * waits: that holds back who appends. While it waits it prepares the segment that is to be sealed next,
   * which touches nothing else; the sealing thread goes on where it ended. Whatever must be sealed when
   * a call returns is waited for.
   * Only folds change the states, one at a time: that of the sealing thread, or, when it has nothing to
   * do, a commit of the tracker's.
   *
   * What the disk fails is done again: by the tracker's thread when it takes the result over, and at
   * each call after that.
   */

  private final StorageIO io;
  private final EventLogs logs;
  private final StoreLayout layout;
  private final long storeId;
  private final TrackerOptions options;
  private final JournalWriter journal;
  private final ControlView controls;
  private final UnsealedSegments unsealed;
  private final Maintenance maintenance;
  private final SealedSegments segments;
  private final BlockStates states;
  private final TrackedMetadata metadata;
  private final Checkpoints checkpoints;
  private final Retention retention;
  private final long epoch;

  /** Events after which the open segment is full. */
  private int sealAtEvents;

  private long earlySeals;

  /** Seals the full segment; null if there is none, or if sealing it failed. */
  private @Nullable MaintenanceTask<ChangeSegment> sealing;

  /** Publishes a checkpoint; null if none is under way. */
  private @Nullable MaintenanceTask<Checkpoints.Plan> checkpointing;

  private int unsavedSegments;
  private boolean isCheckpointDue;

  SealedStore(
      StoreEnvironment environment,
      StoreLayout layout,
      StoreImage image,
      TrackerOptions options,
      JournalWriter journal,
      UnsealedSegments unsealed) {
    this.io = environment.io();
    this.layout = layout;
    this.storeId = image.identity().storeId();
    this.logs = environment.journal(layout, storeId);
    this.options = options;
    this.sealAtEvents = options.maxOpenEvents();
    this.journal = journal;
    this.controls = image.controls();
    this.unsealed = unsealed;
    this.maintenance = environment.maintenance().of(image.identity());
    this.segments =
        new SealedSegments(io, layout, storeId, options, maintenance.merging(), image.history());
    this.states = image.states();
    this.metadata = new TrackedMetadata(environment, layout, storeId, segments);
    this.checkpoints = new Checkpoints(io, layout, image);
    this.retention = new Retention(environment, layout, storeId);
    this.epoch = image.nextEpoch();
  }

  /** Makes what recovery folded from the journal part of it. */
  void settle(StoreImage image) throws IOException {
    for (ChangeSegment segment : image.unsealed()) {
      segment.publish(io, layout.segment(segment), storeId);
    }
    image.deleteReplayed();
    RecoveryReport recovery = image.report();
    if (!image.unsealed().isEmpty()
        || !recovery.rebuilt().isEmpty()
        || !retention.areCheckpointsWhole()
        || (checkpoints.isEmpty() && history().lastPosition() > 0)) {
      publishCheckpoint(false);
      retention.deleteReplaced(
          recovery.lost().isEmpty() ? image.damaged() : List.of(), segments.files());
    }
    // Logs that begin behind the end hold nothing valid; their name is needed again.
    for (long begin : logs.list()) {
      if (begin >= unsealed.firstPosition()) {
        logs.recycle(begin);
      }
    }
  }

  History history() {
    return segments.history();
  }

  /** Returns an index of the segments that nobody changes any more. */
  SegmentIndex index() {
    return segments.index();
  }

  /** Returns the states of what is sealed, and maybe of the full segment already. */
  BlockStates states() {
    return states;
  }

  TrackedMetadata metadata() {
    return metadata;
  }

  /** Returns the journal position of the newest checkpoint; 0 if there is none. */
  long checkpointPosition() {
    return checkpoints.position();
  }

  /**
   * Keeps what is not sealed within so many events: a segment fills while the one before it is
   * being sealed, and takes in one record more when it is nearly full.
   */
  void limitUnsealed(int events) {
    sealAtEvents = Math.min(options.maxOpenEvents(), segmentEvents(events));
    unsealed.open().keepAtMost(events);
  }

  /** Returns the events of a segment of which two, and a record, are within a limit of unsealed. */
  static int segmentEvents(int unsealed) {
    return Math.max(1, unsealed / 8 * 3);
  }

  /** Returns how often a segment was sealed before it was full, to keep within a limit. */
  long earlySeals() {
    return earlySeals;
  }

  /** Begins to seal the open segment if it is full; at a commit seals it and ends states. */
  void sealIfDue() throws IOException {
    if (isCommitDue()) {
      seal();
      commitStates();
    } else if (unsealed.open().isFull(sealAtEvents)) {
      earlySeals += unsealed.open().isFull(options.maxOpenEvents()) ? 0 : 1;
      beginSeal();
      takeOverWhatIsDone();
    }
    if (isCheckpointDue && sealing == null) {
      beginCheckpoint();
    }
  }

  private boolean isCommitDue() {
    return controls.chains().statesCursor() > states.cursor();
  }

  /** Ends the states that a commit ends, if everything through its entry is sealed. */
  private void commitStates() {
    if (!isCommitDue() || unsealed.full() != null || !unsealed.open().isEmpty()) {
      return;
    }
    if (checkpointing != null) {
      // Its snapshot holds the states as they are before the commit.
      checkpointing.settle();
    }
    states.commit(new SegmentHistory(history(), controls.chains().statesCursor()));
  }

  /** Takes over what the sealing thread has done, and does again what it failed to do. */
  void takeOverWhatIsDone() throws IOException {
    if (checkpointing != null && checkpointing.isDone()) {
      takeOverCheckpoint();
    }
    if (unsealed.full() != null && (sealing == null || sealing.isDone())) {
      takeOver();
    }
  }

  /** Seals everything. */
  void seal() throws IOException {
    if (!unsealed.open().isEmpty()) {
      beginSeal();
    }
    takeOver();
  }

  /** Gives the open segment to the sealing thread, after the one before it is sealed. */
  private void beginSeal() throws IOException {
    prepareWhileSealing();
    takeOver();
    unsealed.fill();
    startSealing();
  }

  private void prepareWhileSealing() {
    MaintenanceTask<ChangeSegment> current = sealing;
    while (current != null && !current.isDone() && unsealed.open().prepare()) {
      // Goes on.
    }
  }

  private void startSealing() {
    OpenSegment full = Objects.requireNonNull(unsealed.full());
    History before = history();
    long cursor = controls.chains().statesCursor();
    MaintenanceTask<?> checkpoint = checkpointing;
    sealing =
        MaintenanceTask.start(
            maintenance.sealing(),
            () -> {
              if (checkpoint != null) {
                // Its snapshot holds the states as they are before this fold.
                checkpoint.settle();
              }
              journal.force();
              assert journal.durablePosition() >= full.lastPosition()
                  : "sealed before the journal is durable: sealed=" + full.lastPosition();
              ChangeSegment sealed = segments.publish(full);
              states.fold(sealed, new SegmentHistory(before.with(sealed), cursor));
              return sealed;
            });
  }

  /** Waits until the full segment is sealed, if there is one, and makes it part of the history. */
  private void takeOver() throws IOException {
    if (unsealed.full() == null) {
      return;
    }
    if (sealing == null) {
      startSealing();
    }
    MaintenanceTask<ChangeSegment> current = Objects.requireNonNull(sealing);
    sealing = null;
    ChangeSegment sealed = current.resultOrAgain();
    segments.add(sealed);
    unsealed.release();
    controls.catalog().settle(sealed.lastPosition());
    commitStates();
    checkpoints.changed(sealed.changedCount());
    unsavedSegments++;
    isCheckpointDue |= unsavedSegments >= options.segmentsPerCheckpoint();
    segments.maintain(barriers(), checkpoints.snapshotPosition(), controls.chains().lowestCursor());
    if (isCheckpointDue) {
      beginCheckpoint();
    }
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

  /** Seals everything and publishes a checkpoint, if the newest one does not hold it all. */
  void checkpoint() throws IOException {
    seal();
    takeOverCheckpoint();
    if (unsavedSegments > 0 || isCheckpointDue) {
      publishCheckpoint(false);
    }
  }

  /** Seals everything and publishes it in a way that leaves nothing to fold at the next opening. */
  void saveAll() throws IOException {
    seal();
    takeOverCheckpoint();
    if (checkpoints.position() < unsealed.firstPosition() - 1
        || checkpoints.snapshotPosition() < checkpoints.position()) {
      publishCheckpoint(true);
    }
    metadata.stamp();
  }

  /** Gives a checkpoint of everything sealed to the sealing thread. */
  private void beginCheckpoint() throws IOException {
    takeOverCheckpoint();
    assert sealing == null : "states may change below a checkpoint";
    Checkpoints.Plan plan = plan(false);
    long basePosition = history().basePosition();
    unsavedSegments = 0;
    isCheckpointDue = false;
    checkpointing =
        MaintenanceTask.start(
            maintenance.sealing(),
            () -> {
              publish(plan, basePosition);
              return plan;
            });
  }

  private void publishCheckpoint(boolean isLast) throws IOException {
    Checkpoints.Plan plan = plan(isLast);
    isCheckpointDue = true;
    publish(plan, history().basePosition());
    unsavedSegments = 0;
    published(plan);
  }

  private Checkpoints.Plan plan(boolean isLast) {
    return checkpoints.plan(
        segments.list(),
        states,
        controls.catalog(),
        unsealed.firstPosition() - 1,
        epoch,
        unsealed.open().nextBlockId(),
        isLast);
  }

  private void publish(Checkpoints.Plan plan, long basePosition) throws IOException {
    checkpoints.publish(plan);
    retention.deleteSuperseded(plan.end(), basePosition);
  }

  /** Waits for the checkpoint that is under way, if there is one. */
  private void takeOverCheckpoint() throws IOException {
    MaintenanceTask<Checkpoints.Plan> current = checkpointing;
    if (current != null) {
      checkpointing = null;
      isCheckpointDue = true;
      published(current.resultOrAgain());
    }
  }

  private void published(Checkpoints.Plan plan) throws IOException {
    checkpoints.published(plan);
    isCheckpointDue = false;
    metadata.stamp();
    segments.deleteOldBases();
    journal.recycle(checkpoints.position(), options.journalKeepBytes());
  }

  /** Lets go of everything as it is; waits only for what is half done. */
  void abandon() {
    if (sealing != null) {
      sealing.abandon();
    }
    if (checkpointing != null) {
      checkpointing.abandon();
    }
    segments.close();
    maintenance.close();
    metadata.abandon();
  }
}
