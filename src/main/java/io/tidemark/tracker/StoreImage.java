package io.tidemark.tracker;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.journal.EventLogs;
import io.tidemark.segment.Base;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.History;
import io.tidemark.snapshot.Snapshot;
import io.tidemark.state.BlockSets;
import io.tidemark.state.BlockStates;
import io.tidemark.state.Catalog;
import io.tidemark.state.SegmentHistory;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A store as its files give it: read without a lock and without changing anything.
 *
 * <p>Used by one thread.
 */
final class StoreImage {

  /*
   * Recovery, in order:
   *  1. The newest checkpoint whose bytes are right; a damaged one is passed over.
   *  2. The newest base whose bytes are right, and the chain of segments behind it: at each position the longest intact file that begins
   *     there.
   *  3. What the chain lacks, in the middle and behind its end, is folded again from the journal, as
   *     far as it has intact records; it ends where a position is missing that nothing tells to have
   *     been durable. What is missing below a durable position, a later segment or a checkpoint is
   *     lost: every offset delivered before and the first interval declared after it become holes,
   *     because a lost entry may have been about any of them.
   *  4. Names and states: from the checkpoint's catalog and snapshot, then forward; or from nothing.
   * Views never decide anything: with all of them deleted the image is the same.
   */

  private final StorageIO io;
  private final EventLogs logs;
  private final StoreLayout layout;
  private final StoreIdentity identity;
  private final List<String> trusted = new ArrayList<>();
  private final List<String> rebuilt = new ArrayList<>();
  private final List<String> dropped = new ArrayList<>();
  private final List<String> lost = new ArrayList<>();
  private @Nullable Base base;
  private final List<ChangeSegment> segments = new ArrayList<>();
  private final List<ChangeSegment> unsealed = new ArrayList<>();
  private final List<Path> damaged = new ArrayList<>();
  private final JournalReplay replay;
  private final long startedNs = System.nanoTime();
  private @Nullable Checkpoint checkpoint;
  private final ReplayedSegments replayed;
  private ControlView controls = new ControlView();
  private final BlockSets sets;
  private BlockStates states;
  private long nextBlockId = 1;
  private long snapshotPosition = -1;
  private long catalogPosition = -1;
  private long nextPosition = 1;

  private StoreImage(
      StoreEnvironment environment,
      StoreLayout layout,
      StoreIdentity identity,
      BlockSets sets,
      ReplayedSegments replayed) {
    this.io = environment.io();
    this.logs = environment.journal(layout, identity.storeId());
    this.layout = layout;
    this.identity = identity;
    this.replayed = replayed;
    this.replay = new JournalReplay(logs, replayed);
    this.sets = sets;
    this.states = new BlockStates(sets);
  }

  /** Reads the store in a directory. */
  static StoreImage load(StoreEnvironment environment, Path root) throws IOException {
    StoreIdentity identity = StoreIdentity.open(environment.io(), root);
    return load(environment, root, identity, BlockSets.ROARING, ReplayedSegments.onHeap());
  }

  /** Reads the store in a directory for its writer, within the limit of memory that it has. */
  static StoreImage loadToWrite(StoreEnvironment environment, Path root, TrackerOptions options)
      throws IOException {
    StorageIO io = environment.io();
    StoreIdentity identity = StoreIdentity.open(io, root);
    ReplayedSegments replayed =
        ReplayedSegments.of(io, new StoreLayout(root), identity.storeId(), options.openEventsMax());
    return load(environment, root, identity, options.blockSets(), replayed);
  }

  private static StoreImage load(
      StoreEnvironment environment,
      Path root,
      StoreIdentity identity,
      BlockSets sets,
      ReplayedSegments replayed)
      throws IOException {
    StoreImage image = new StoreImage(environment, new StoreLayout(root), identity, sets, replayed);
    // A writer may go on: names first, so that what they tell of is there when it is looked for.
    image.checkpoint = image.newestCheckpoint();
    long highestNamed = image.highestNamed();
    image.chain(highestNamed);
    image.nextPosition = Math.max(image.lastPosition(), highestNamed) + 1;
    image.foldNames();
    image.foldStates();
    return image;
  }

  private @Nullable Checkpoint newestCheckpoint() throws IOException {
    for (Path file : checkpointFiles(io, layout)) {
      try {
        Checkpoint found = Checkpoint.open(io, file, identity.storeId());
        trusted.add("checkpoint " + found.number());
        nextBlockId = found.nextBlockId();
        return found;
      } catch (CorruptFileException e) {
        dropped.add(e.getMessage());
      }
    }
    return null;
  }

  /** Returns the checkpoint files, newest first. */
  static List<Path> checkpointFiles(StorageIO io, StoreLayout layout) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : io.list(layout.root())) {
      if (StoreLayout.number(path, StoreLayout.CHECKPOINT_PREFIX, "").isPresent()) {
        files.add(path);
      }
    }
    Collections.reverse(files);
    return files;
  }

  private void chain(long highestNamed) throws IOException {
    openBase();
    long next = history().basePosition() + 1;
    for (ChangeSegment segment : intactSegments()) {
      if (segment.lastPosition() < next) {
        continue;
      }
      if (segment.firstPosition() > next) {
        addUnsealed(replay.replay(next, segment.firstPosition() - 1, nextBlockId));
      }
      add(segment);
      next = segment.lastPosition() + 1;
    }
    if (segments.size() > unsealed.size()) {
      trusted.add((segments.size() - unsealed.size()) + " segments");
    }
    addUnsealed(replay.replayTail(next, highestNamed, nextBlockId));
    if (replay.droppedEntries() > 0) {
      dropped.add(
          replay.droppedEntries() + " journal entries behind missing ones, none of them durable");
    }
    if (replay.damagedRecords() > 0) {
      dropped.add(replay.damagedRecords() + " journal records that were cut or altered");
    }
  }

  private void openBase() throws IOException {
    Base.Found found = Base.openNewest(io, layout.base(), identity.storeId(), false);
    dropped.addAll(found.dropped());
    Base newest = found.base();
    if (newest != null) {
      base = newest;
      trusted.add("base through " + newest.lastPosition());
      if (Long.compareUnsigned(newest.nextBlockId(), nextBlockId) > 0) {
        nextBlockId = newest.nextBlockId();
      }
    }
  }

  /** Returns the segment files whose bytes are right: by first position, the longest first. */
  private List<ChangeSegment> intactSegments() throws IOException {
    List<ChangeSegment> intact = new ArrayList<>();
    for (Path file : io.list(layout.segments())) {
      OptionalLong first = StoreLayout.firstOfSegment(file);
      if (first.isPresent()) {
        try {
          intact.add(ChangeSegment.open(io, file, identity.storeId()));
        } catch (CorruptFileException e) {
          dropped.add(e.getMessage());
          damaged.add(file);
        }
      }
    }
    intact.sort(
        Comparator.comparingLong(ChangeSegment::firstPosition)
            .thenComparing(ChangeSegment::lastPosition, Comparator.reverseOrder()));
    return intact;
  }

  private void addUnsealed(List<ChangeSegment> replayed) {
    for (ChangeSegment segment : replayed) {
      unsealed.add(segment);
      add(segment);
    }
  }

  private void add(ChangeSegment segment) {
    segments.add(segment);
    if (Long.compareUnsigned(segment.nextBlockId(), nextBlockId) > 0) {
      nextBlockId = segment.nextBlockId();
    }
  }

  private void foldNames() throws IOException {
    Catalog catalog = new Catalog();
    Checkpoint named = checkpoint;
    if (named != null) {
      try {
        Path file = named(named, StoreLayout.CATALOG_SUFFIX);
        Catalog stored = Catalog.open(io, file, identity.storeId());
        checkNamed(named, file);
        catalog = stored;
        catalogPosition = StoreLayout.ofCatalog(file).orElseThrow();
        trusted.add("catalog");
      } catch (CorruptFileException | NoSuchFileException e) {
        rebuilt.add("catalog (" + reason(e) + ")");
      }
    }
    controls = new ControlView(catalog);
    lost.addAll(foldControls(history(), nextPosition - 1, controls));
  }

  /**
   * Folds the control entries of a history in order, and what is missing between them.
   *
   * @param end journal position through which there were entries once, or less
   * @return the missing positions
   */
  static List<String> foldControls(History history, long end, ControlView controls) {
    List<String> missing = new ArrayList<>();
    Base base = history.base();
    if (base != null) {
      base.forEachControl(controls);
    }
    long next = history.basePosition() + 1;
    for (ChangeSegment segment : history.segments()) {
      lose(next, segment.firstPosition() - 1, controls, missing);
      segment.forEachControl(controls);
      next = Math.max(next, segment.lastPosition() + 1);
    }
    lose(next, end, controls, missing);
    controls.catalog().settle(end);
    return missing;
  }

  /** Returns the highest journal position that the name or the content of any file tells of. */
  private long highestNamed() throws IOException {
    long highest = checkpoint == null ? 0 : checkpoint.position();
    for (Path file : io.list(layout.segments())) {
      highest = Math.max(highest, StoreLayout.lastOfSegment(file).orElse(0));
    }
    for (Path file : io.list(layout.snapshots())) {
      highest = Math.max(highest, StoreLayout.ofSnapshot(file).orElse(0));
    }
    for (Path file : io.list(layout.base())) {
      highest = Math.max(highest, Base.positionOf(file).orElse(0));
    }
    // A log begins behind what was sealed when it was made.
    for (long begin : logs.list()) {
      highest = Math.max(highest, begin - 1);
    }
    return highest;
  }

  private static void lose(long first, long last, ControlView controls, List<String> missing) {
    if (first <= last) {
      String positions = "journal positions " + first + "-" + last;
      missing.add(positions);
      controls.coverage().lose(first, last, positions + " were lost");
    }
  }

  private void foldStates() throws IOException {
    Checkpoint named = checkpoint;
    if (named != null && lost.isEmpty()) {
      try {
        Path file = named(named, StoreLayout.SNAPSHOT_SUFFIX);
        BlockStates.Image stored = Snapshot.open(io, file, identity.storeId());
        checkNamed(named, file);
        long position = StoreLayout.ofSnapshot(file).orElseThrow();
        if (history().endsAt(position)) {
          states = new BlockStates(sets, stored);
          snapshotPosition = position;
          trusted.add("snapshot");
          foldBehindSnapshot();
          return;
        }
        rebuilt.add("states (snapshot lies inside a segment)");
      } catch (CorruptFileException | NoSuchFileException e) {
        rebuilt.add("states (" + reason(e) + ")");
      }
    } else if (lastPosition() > 0) {
      rebuilt.add("states");
    }
    states =
        BlockStates.rebuild(sets, new SegmentHistory(history(), controls.chains().statesCursor()));
  }

  private void foldBehindSnapshot() {
    long cursor = controls.chains().statesCursor();
    History all = history();
    for (int i = 0; i < all.segments().size(); i++) {
      ChangeSegment segment = all.segments().get(i);
      if (segment.firstPosition() > snapshotPosition) {
        states.fold(segment, new SegmentHistory(all.through(i), cursor));
      }
    }
    states.commit(new SegmentHistory(all, cursor));
  }

  /** Returns the file of a kind that a checkpoint names. */
  private Path named(Checkpoint named, String suffix) throws NoSuchFileException {
    String path = named.pathOf(suffix);
    if (path == null) {
      throw new NoSuchFileException("checkpoint " + named.number() + " names no " + suffix);
    }
    return layout.root().resolve(path);
  }

  /** A view of ours that the checkpoint does not name was put there by somebody else. */
  private void checkNamed(Checkpoint named, Path file) throws IOException {
    if (!named.names(io, layout.root(), file)) {
      throw new CorruptFileException("file is not the one that the checkpoint names: file=" + file);
    }
  }

  private static String reason(Exception e) {
    return e instanceof NoSuchFileException ? "file is missing" : String.valueOf(e.getMessage());
  }

  StoreIdentity identity() {
    return identity;
  }

  /** Returns all segments in journal order: files and what was folded from the journal. */
  List<ChangeSegment> segments() {
    return segments;
  }

  /** Returns the base and all segments. */
  History history() {
    return new History(base, segments);
  }

  /** Returns the segments that exist in memory only. */
  List<ChangeSegment> unsealed() {
    return unsealed;
  }

  /** Deletes what was kept in files of the segments that were folded from the journal. */
  void deleteReplayed() throws IOException {
    replayed.deleteFiles();
  }

  /** Returns the segment files whose bytes are wrong. */
  List<Path> damaged() {
    return damaged;
  }

  ControlView controls() {
    return controls;
  }

  BlockStates states() {
    return states;
  }

  /** Returns the position of the catalog the names were folded from; -1 if there was none. */
  long catalogPosition() {
    return catalogPosition;
  }

  /** Returns the position of the snapshot the states were folded from; -1 if there was none. */
  long snapshotPosition() {
    return snapshotPosition;
  }

  @Nullable Checkpoint checkpoint() {
    return checkpoint;
  }

  /** Returns a block id higher than every one that any file names. */
  long nextBlockId() {
    return nextBlockId;
  }

  /** Returns the last journal position that any segment holds. */
  long lastPosition() {
    return history().lastPosition();
  }

  /** Returns a journal position above everything that any file names. */
  long nextPosition() {
    return nextPosition;
  }

  /** Returns the number of the next opening. */
  long nextEpoch() {
    Checkpoint named = checkpoint;
    return Math.max(replay.highestEpoch(), named == null ? 0 : named.epoch()) + 1;
  }

  StoreView view() {
    return new StoreView(history(), controls.coverage(), lastPosition());
  }

  RecoveryReport report() {
    Checkpoint named = checkpoint;
    return new RecoveryReport(
        named == null && lastPosition() == 0 && dropped.isEmpty(),
        named == null ? 0 : named.number(),
        trusted,
        rebuilt,
        replay.entries(),
        dropped,
        lost,
        (System.nanoTime() - startedNs) / 1_000_000);
  }
}
