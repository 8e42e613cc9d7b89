package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockState;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.BlockHistory;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.History;
import io.tidemark.segment.HistoryCursor;
import io.tidemark.segment.HistoryLookup;
import io.tidemark.storage.MappedBitmap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All that states are folded from: the history of a store, and how far the default chain has
 * committed.
 *
 * <p>Immutable.
 */
public final class SegmentHistory {
  private final History history;
  private final long cursor;

  /**
   * Where the cursor stands between segments; what a segment holds that it cuts counts as after.
   */
  private final long end;

  /**
   * Creates a history.
   *
   * @param cursor journal position the default chain has committed through, not inside the base
   */
  public SegmentHistory(History history, long cursor) {
    this.history = history;
    this.cursor = cursor;
    this.end = history.endBelow(cursor);
  }

  /** Creates a history of segments of adjoining intervals of the journal. */
  public SegmentHistory(List<ChangeSegment> segments, long cursor) {
    this(new History(null, segments), cursor);
  }

  History history() {
    return history;
  }

  /** Returns the journal position the default chain has committed through. */
  long cursor() {
    return cursor;
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
    BlockMaxima flushAll = new BlockMaxima();
    WalPosition flush = flushAll();
    if (flush.compareTo(WalPosition.BEFORE_ALL) > 0) {
      flushAll.fold(BlockEventType.FLUSH, flush.generation(), flush.walOffset());
    }
    if (only == null) {
      HistoryCursor blocks = history.cursor(end);
      while (blocks.next()) {
        handler.onState(blocks.history().blockId(), state(blocks.history(), flushAll));
      }
    } else {
      HistoryLookup lookup = history.lookup(end);
      for (MappedBitmap.Cursor ids = only.cursor(); ids.hasNext(); ) {
        long id = ids.next();
        BlockHistory block = lookup.find(id);
        if (block != null) {
          handler.onState(id, state(block, flushAll));
        }
      }
    }
  }

  private static BlockState state(BlockHistory block, BlockMaxima flushAll) {
    block.maxima().fold(flushAll);
    return block
        .maxima()
        .state(block.hasChangeAfter(), block.hasCreateAfter(), block.hasDeleteAfter());
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

  private MappedBitmap after(Function<ChangeSegment, MappedBitmap> bitmap) {
    List<MappedBitmap> later = new ArrayList<>();
    for (ChangeSegment segment : history.segments()) {
      if (segment.lastPosition() > cursor) {
        later.add(bitmap.apply(segment));
      }
    }
    return MappedBitmap.or(later);
  }

  /** Returns the highest position up to which all blocks were flushed. */
  WalPosition flushAll() {
    return history.flushAll();
  }
}
