package io.tidemark.tracker;

import io.tidemark.segment.BlockHistory;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.HistoryCursor;
import io.tidemark.state.MaximaSource;
import io.tidemark.state.MetadataMap;
import io.tidemark.state.MetadataRow;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The metadata map of a store: opened when it is first asked, then folded as far as segments are
 * sealed.
 *
 * <p>Used by the tracker's thread. A map that lags behind costs the next question, never an answer.
 */
final class TrackedMetadata {

  /** Opens the map of a store. */
  @FunctionalInterface
  interface Factory {

    /** Opens a map whose lost parts are folded again from a history. */
    MetadataMap open(StoreLayout layout, long storeId, MaximaSource history) throws IOException;
  }

  private final StorageIO io;
  private final Factory factory;
  private final StoreLayout layout;
  private final long storeId;
  private final SealedSegments segments;
  private @Nullable MetadataMap map;

  TrackedMetadata(
      StoreEnvironment environment, StoreLayout layout, long storeId, SealedSegments segments) {
    this.io = environment.io();
    this.factory = environment.metadata();
    this.layout = layout;
    this.storeId = storeId;
    this.segments = segments;
  }

  /**
   * Reads what is known of a block, after everything sealed was folded in.
   *
   * @return whether it had an event
   */
  boolean read(long blockId, MetadataRow row) throws IOException {
    return folded().read(blockId, row);
  }

  private MetadataMap folded() throws IOException {
    MetadataMap current = map;
    if (current == null) {
      current = factory.open(layout, storeId, this::forEachMaxima);
      map = current;
    }
    long sealed = segments.history().lastPosition();
    if (current.foldedThrough() > sealed) {
      // Of a history that was lost since: its positions may be given again.
      current.abandon();
      io.deleteTree(layout.metadata());
      current = factory.open(layout, storeId, this::forEachMaxima);
      map = current;
    }
    if (current.foldedThrough() < segments.history().basePosition()) {
      current.fold(sealed, this::forEachMaxima);
    }
    for (ChangeSegment segment : segments.list()) {
      if (segment.lastPosition() > current.foldedThrough()) {
        current.fold(segment);
      }
    }
    return current;
  }

  /** Passes on everything sealed of the blocks of an interval of ids. */
  private void forEachMaxima(long firstId, long lastId, ChangeSegment.MaximaHandler handler) {
    HistoryCursor blocks = segments.history().cursor(0);
    while (blocks.next()) {
      BlockHistory block = blocks.history();
      if (Long.compareUnsigned(block.blockId(), firstId) >= 0
          && Long.compareUnsigned(block.blockId(), lastId) <= 0) {
        handler.onBlock(block.blockId(), block.maxima(), block.lastTimestampNs());
      }
    }
  }

  /** Makes what was folded outlast a crash, if the map was opened. */
  void stamp() throws IOException {
    MetadataMap current = map;
    if (current != null) {
      current.stamp();
    }
  }

  /** Closes the map as it is. */
  void abandon() {
    MetadataMap current = map;
    if (current != null) {
      current.abandon();
      map = null;
    }
  }
}
