package io.tidemark.tracker;

import io.tidemark.segment.ChangeSegment;
import io.tidemark.snapshot.Snapshot;
import io.tidemark.state.BlockStates;
import io.tidemark.state.Catalog;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the checkpoints of a store, with a snapshot and a catalog where those they have are too
 * old.
 *
 * <p>Used by the tracker's thread.
 */
final class Checkpoints {

  /*
   * Cost. A snapshot holds the states of all blocks, a catalog all names. They are written again when
   * what changed since is an eighth of what they hold, and when the store is closed; in between a
   * checkpoint names the ones it has, and the next open folds the few segments behind them. So what
   * a checkpoint costs goes with what changed.
   */
  private static final int SHARE = 8;
  private static final int SMALL = 1 << 16;

  private final StorageIO io;
  private final StoreLayout layout;
  private final long storeId;
  private long number;
  private long position;
  private long snapshotPosition = -1;
  private long catalogPosition = -1;
  private long changedSinceSnapshot;
  private int namesInCatalog;

  /** Goes on from what a store was opened with. */
  Checkpoints(StorageIO io, StoreLayout layout, StoreImage image) {
    this.io = io;
    this.layout = layout;
    this.storeId = image.identity().storeId();
    Checkpoint newest = image.checkpoint();
    if (newest != null) {
      number = newest.number();
      position = newest.position();
      snapshotPosition = image.snapshotPosition();
      catalogPosition = image.catalogPosition();
      namesInCatalog = image.controls().catalog().size();
    }
    for (ChangeSegment segment : image.history().segments()) {
      if (segment.firstPosition() > snapshotPosition) {
        changedSinceSnapshot += segment.changedCount();
      }
    }
  }

  /** Returns the journal position of the newest checkpoint; 0 if there is none. */
  long position() {
    return position;
  }

  /** Returns the journal position of the snapshot it names; -1 if there is none. */
  long snapshotPosition() {
    return snapshotPosition;
  }

  boolean isEmpty() {
    return number == 0;
  }

  /** Takes note of blocks whose states changed. */
  void changed(long blocks) {
    changedSinceSnapshot += blocks;
  }

  /**
   * A checkpoint that is to be published.
   *
   * @param segments everything sealed behind the base
   * @param states the states at its end, as long as nothing more is folded
   * @param isSnapshotDue whether it gets a snapshot of its own
   * @param snapshotPosition end of the snapshot it names
   * @param names what a catalog of its own holds; null if it names an older one
   * @param nameCount how many names there are
   * @param catalogPosition end of the catalog it names
   * @param end journal position through which everything is sealed
   */
  record Plan(
      List<ChangeSegment> segments,
      BlockStates states,
      boolean isSnapshotDue,
      long snapshotPosition,
      @Nullable ByteBuffer names,
      int nameCount,
      long catalogPosition,
      long number,
      long end,
      long epoch,
      long nextBlockId) {}

  /**
   * Decides what the next checkpoint holds.
   *
   * @param end journal position through which everything is sealed
   * @param isLast whether the store is closed after it: then nothing is left to fold at the next
   *     open
   */
  Plan plan(
      List<ChangeSegment> segments,
      BlockStates states,
      Catalog catalog,
      long end,
      long epoch,
      long nextBlockId,
      boolean isLast) {
    assert end >= position : "checkpoint went back: last=" + position + ", next=" + end;
    boolean isSnapshotDue =
        snapshotPosition < 0
            || (isLast && snapshotPosition < end)
            || changedSinceSnapshot > Math.max(SMALL, states.counts().known() / SHARE);
    int names = catalog.size();
    boolean isCatalogDue =
        catalogPosition < 0
            || (isLast && catalogPosition < end)
            || names - namesInCatalog > Math.max(SMALL, names / SHARE);
    return new Plan(
        List.copyOf(segments),
        states,
        isSnapshotDue,
        isSnapshotDue ? end : snapshotPosition,
        isCatalogDue ? catalog.image(end) : null,
        names,
        isCatalogDue ? end : catalogPosition,
        number + 1,
        end,
        epoch,
        nextBlockId);
  }

  /** Publishes a checkpoint; durable when it returns. Any thread. */
  void publish(Plan plan) throws IOException {
    if (plan.isSnapshotDue()) {
      Snapshot.publish(io, layout.snapshot(plan.end()), storeId, plan.end(), plan.states().image());
    }
    ByteBuffer names = plan.names();
    if (names != null) {
      Catalog.publish(io, layout.catalog(plan.end()), storeId, plan.end(), names.duplicate());
    }
    List<Checkpoint.NamedFile> files = new ArrayList<>();
    for (ChangeSegment segment : plan.segments()) {
      files.add(named(layout.segment(segment)));
    }
    files.add(named(layout.snapshot(plan.snapshotPosition())));
    files.add(named(layout.catalog(plan.catalogPosition())));
    Checkpoint checkpoint =
        new Checkpoint(plan.number(), plan.end(), plan.epoch(), plan.nextBlockId(), files);
    checkpoint.publish(io, layout.checkpoint(checkpoint.number()), storeId);
  }

  /** Takes note of a checkpoint that was published. */
  void published(Plan plan) {
    number = plan.number();
    position = plan.end();
    if (plan.isSnapshotDue()) {
      snapshotPosition = plan.end();
      changedSinceSnapshot = 0;
    }
    if (plan.names() != null) {
      catalogPosition = plan.end();
      namesInCatalog = plan.nameCount();
    }
  }

  private Checkpoint.NamedFile named(Path file) throws IOException {
    return Checkpoint.NamedFile.of(io, layout.root(), file);
  }
}
