package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockState;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.storage.MappedBitmap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All that states are folded from: the segments of a store, and how far the default chain has
 * committed.
 *
 * <p>Immutable.
 */
public final class SegmentHistory {
  private final List<ChangeSegment> segments;
  private final long cursor;

  /**
   * Creates a history.
   *
   * @param segments of adjoining intervals of the journal, in any order
   * @param cursor journal position the default chain has committed through: 0, or the end of a
   *     segment
   */
  public SegmentHistory(List<ChangeSegment> segments, long cursor) {
    this.segments = List.copyOf(segments);
    this.cursor = cursor;
  }

  List<ChangeSegment> segments() {
    return segments;
  }

  /** Returns the journal position the default chain has committed through. */
  long cursor() {
    return cursor;
  }

  /** All events of one block. */
  private static final class Block {
    private final BlockMaxima maxima = new BlockMaxima();
    private boolean isChanged;
    private boolean isCreated;
    private boolean isDeleted;
  }

  /** Receives states. */
  @FunctionalInterface
  interface StateHandler {
    void onState(long blockId, BlockState state);
  }

  /**
   * Passes on the state of blocks, in unsigned order of ids, by the maxima of all their events.
   *
   * @param only these blocks, null for all
   */
  void forEachState(@Nullable MappedBitmap only, StateHandler handler) {
    Map<Long, Block> blocks = new TreeMap<>(Long::compareUnsigned);
    BlockMaxima flushAll = new BlockMaxima();
    for (ChangeSegment segment : segments) {
      boolean isAfter = segment.lastPosition() > cursor;
      segment.forEachMaxima(
          (id, maxima, timestampNs) -> {
            if (only == null || only.contains(id)) {
              Block block = blocks.computeIfAbsent(id, unused -> new Block());
              block.maxima.fold(maxima);
              boolean isCreate = maxima.has(BlockEventType.CREATE);
              boolean isDelete = maxima.has(BlockEventType.DELETE);
              boolean isUpdate = maxima.has(BlockEventType.UPDATE);
              block.isChanged |= isAfter && (isCreate || isDelete || isUpdate);
              block.isCreated |= isAfter && isCreate;
              block.isDeleted |= isAfter && isDelete;
            }
          });
      if (segment.hasFlushAll()) {
        flushAll.fold(BlockEventType.FLUSH, segment.generation(), segment.flushAllOffset());
      }
    }
    blocks.forEach(
        (id, block) -> {
          block.maxima.fold(flushAll);
          handler.onState(
              id, block.maxima.state(block.isChanged, block.isCreated, block.isDeleted));
        });
  }

  /** Returns the blocks with a change journaled after the cursor. */
  MappedBitmap changedAfter() {
    return after(ChangeSegment::changed);
  }

  /** Returns the blocks with a CREATE journaled after the cursor. */
  MappedBitmap createdAfter() {
    return after(ChangeSegment::created);
  }

  /** Returns the blocks with a DELETE journaled after the cursor. */
  MappedBitmap deletedAfter() {
    return after(ChangeSegment::deleted);
  }

  /** Picks one of a segment's bitmaps. */
  @FunctionalInterface
  private interface Bitmap {
    MappedBitmap of(ChangeSegment segment);
  }

  private MappedBitmap after(Bitmap bitmap) {
    List<MappedBitmap> later = new ArrayList<>();
    for (ChangeSegment segment : segments) {
      if (segment.lastPosition() > cursor) {
        later.add(bitmap.of(segment));
      }
    }
    return MappedBitmap.or(later);
  }

  /** Returns the highest position up to which all blocks were flushed. */
  WalPosition flushAll() {
    WalPosition highest = WalPosition.BEFORE_ALL;
    for (ChangeSegment segment : segments) {
      if (segment.hasFlushAll()) {
        WalPosition flush = new WalPosition(segment.generation(), segment.flushAllOffset());
        highest = flush.compareTo(highest) > 0 ? flush : highest;
      }
    }
    return highest;
  }
}
