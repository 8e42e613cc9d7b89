package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockState;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.storage.MappedBitmap;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The state of every known block as bitmaps: a view folded from the change segments in order.
 *
 * <p>Single writer; not thread-safe.
 */
public final class BlockStates {

  /*
   * Folding in order. As long as every position of a segment is higher than all folded before, the
   * state before it says all that the new events can ask about the past: each state is one block
   * history with the fewest events that has this state, all of it before generation 1. That needs no
   * per-block history and touches only the blocks of the segment; a flush of all blocks empties
   * whole bitmaps.
   *
   * Folding late. A segment that reaches back below what was folded makes its fold() return false;
   * the caller then rebuilds from all segments, where maxima commute.
   */

  private final IdSet known;
  private final IdSet dirty;
  private final IdSet created;
  private final IdSet deleted;
  private WalPosition highest;

  /** Creates the states of a store without blocks. */
  public BlockStates() {
    this(new IdSet(), new IdSet(), new IdSet(), new IdSet(), WalPosition.BEFORE_ALL);
  }

  /** Creates states that start as a snapshot's, used where it lies. */
  public BlockStates(
      MappedBitmap known,
      MappedBitmap dirty,
      MappedBitmap created,
      MappedBitmap deleted,
      WalPosition highest) {
    this(new IdSet(known), new IdSet(dirty), new IdSet(created), new IdSet(deleted), highest);
  }

  private BlockStates(IdSet known, IdSet dirty, IdSet created, IdSet deleted, WalPosition highest) {
    this.known = known;
    this.dirty = dirty;
    this.created = created;
    this.deleted = deleted;
    this.highest = highest;
  }

  /** Folds all segments of a store from nothing, whatever their order of positions. */
  public static BlockStates rebuild(List<ChangeSegment> segments) {
    Map<Long, BlockMaxima> history = new HashMap<>();
    BlockMaxima flushAll = new BlockMaxima();
    BlockStates result = new BlockStates();
    for (ChangeSegment segment : segments) {
      segment.forEachMaxima(
          (id, maxima, timestampNs) ->
              history.computeIfAbsent(id, unused -> new BlockMaxima()).fold(maxima));
      if (segment.hasFlushAll()) {
        flushAll.fold(BlockEventType.FLUSH, segment.generation(), segment.flushAllOffset());
      }
      result.raise(segment);
    }
    history.forEach(
        (id, maxima) -> {
          maxima.fold(flushAll);
          result.set(id, maxima.state());
        });
    return result;
  }

  /**
   * Folds the next segment.
   *
   * @return false, and nothing is changed, if the segment reaches back below what was folded: the
   *     caller rebuilds
   */
  public boolean fold(ChangeSegment segment) {
    WalPosition lowest = lowest(segment);
    if (lowest.compareTo(highest) <= 0) {
      return false;
    }
    BlockMaxima flushAll = new BlockMaxima();
    if (segment.hasFlushAll()) {
      flushAll.fold(BlockEventType.FLUSH, segment.generation(), segment.flushAllOffset());
    }
    Map<Long, BlockState> touched = new HashMap<>();
    BlockMaxima history = new BlockMaxima();
    segment.forEachMaxima(
        (id, maxima, timestampNs) -> {
          past(id, history);
          history.fold(maxima);
          history.fold(flushAll);
          touched.put(id, history.state());
        });
    if (segment.hasFlushAll()) {
      dirty.clear();
      created.clear();
    }
    touched.forEach(this::set);
    raise(segment);
    return true;
  }

  /** Sets a history to the shortest one, all before generation 1, that has the block's state. */
  private void past(long id, BlockMaxima history) {
    history.reset();
    switch (state(id)) {
      case DELETED -> history.foldPast(BlockEventType.DELETE);
      case NEW -> history.foldPast(BlockEventType.CREATE);
      case DIRTY -> history.foldPast(BlockEventType.UPDATE);
      case CLEAN -> {}
    }
  }

  private static WalPosition lowest(ChangeSegment segment) {
    WalPosition[] lowest = {WalPosition.AFTER_ALL};
    if (segment.changedCount() > 0) {
      lowest[0] = new WalPosition(segment.generation(), segment.minWalOffset());
    }
    if (segment.hasFlushAll()) {
      lower(lowest, segment.generation(), segment.flushAllOffset());
    }
    segment.forEachMaxima(
        (id, maxima, timestampNs) -> {
          if (maxima.has(BlockEventType.FLUSH)) {
            lower(lowest, segment.generation(), maxima.walOffset(BlockEventType.FLUSH));
          }
        });
    return lowest[0];
  }

  private static void lower(WalPosition[] lowest, int generation, long walOffset) {
    WalPosition position = new WalPosition(generation, walOffset);
    if (position.compareTo(lowest[0]) < 0) {
      lowest[0] = position;
    }
  }

  private void raise(ChangeSegment segment) {
    if (segment.changedCount() > 0) {
      raise(segment.generation(), segment.maxWalOffset());
    }
    if (segment.hasFlushAll()) {
      raise(segment.generation(), segment.flushAllOffset());
    }
    segment.forEachMaxima(
        (id, maxima, timestampNs) -> {
          if (maxima.has(BlockEventType.FLUSH)) {
            raise(segment.generation(), maxima.walOffset(BlockEventType.FLUSH));
          }
        });
  }

  private void raise(int generation, long walOffset) {
    WalPosition position = new WalPosition(generation, walOffset);
    if (position.compareTo(highest) > 0) {
      highest = position;
    }
  }

  private void set(long id, BlockState state) {
    known.add(id);
    dirty.set(id, state == BlockState.DIRTY);
    created.set(id, state == BlockState.NEW);
    deleted.set(id, state == BlockState.DELETED);
  }

  /** Returns the state of a block; CLEAN if it is not known. */
  public BlockState state(long blockId) {
    if (dirty.contains(blockId)) {
      return BlockState.DIRTY;
    }
    if (created.contains(blockId)) {
      return BlockState.NEW;
    }
    return deleted.contains(blockId) ? BlockState.DELETED : BlockState.CLEAN;
  }

  /** Returns whether the block ever had an event. */
  public boolean isKnown(long blockId) {
    return known.contains(blockId);
  }

  /** Returns the highest position of any event folded. */
  public WalPosition highest() {
    return highest;
  }

  /** Returns how many blocks are known, and how many are in each state. */
  public StateCounts counts() {
    return new StateCounts(
        known.cardinality(), dirty.cardinality(), created.cardinality(), deleted.cardinality());
  }

  /** Writes the bitmaps of known, dirty, new and deleted blocks, in this order. */
  public void write(BitmapSink sink) throws IOException {
    sink.next(known::write);
    sink.next(dirty::write);
    sink.next(created::write);
    sink.next(deleted::write);
  }

  /** Takes bitmaps one after another. */
  @FunctionalInterface
  public interface BitmapSink {

    /** Takes the next bitmap. */
    void next(BitmapWriter writer) throws IOException;
  }

  /** Writes one bitmap in the portable 64-bit Roaring format. */
  @FunctionalInterface
  public interface BitmapWriter {

    /** Writes the bitmap. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** Returns whether every block has the same state in both. */
  public boolean sameAs(BlockStates other) {
    return known.equals(other.known)
        && dirty.equals(other.dirty)
        && created.equals(other.created)
        && deleted.equals(other.deleted)
        && highest.equals(other.highest);
  }
}
