package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockState;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.Base;
import io.tidemark.segment.BaseFile;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.History;
import io.tidemark.segment.HistoryCursor;
import io.tidemark.storage.BitmapBuilder;
import io.tidemark.storage.MappedBitmap;
import java.util.List;

/**
 * The state of every known block as bitmaps: a view folded from the change segments.
 *
 * <p>One thread at a time folds and commits; any thread may ask meanwhile, and finds a segment
 * folded whole or not at all.
 */
public final class BlockStates {

  /*
   * Concurrency. What a fold changes is found without a lock, since nobody else changes the bitmaps,
   * and applied under the lock of this object, which questions take too.
   *
   * Folding in order. As long as the maxima of a block in a segment are higher than all folded before,
   * its state before says all that they can ask about the past: each state is one block history with
   * the fewest events that has this state, all of it before generation 1. That needs no per-block
   * history and touches only the blocks of the segment; a flush of all blocks empties whole bitmaps.
   *
   * Folding late. A block one of whose maxima lies at or below what was folded is folded from all its
   * events again; maxima commute. Producers that overtake each other make a few such blocks in every
   * segment. A flush of all blocks that comes late, below changes that were folded already, makes it
   * all blocks: that is rare.
   *
   * Committing. When the cursor of the default chain moves, what changed last before it is CLEAN.
   * That is algebra of the bitmaps with those of the segments behind the cursor; only a deleted block
   * whose deletion is committed and that changed since is folded again.
   */

  private final StateAnomalies anomalies = new StateAnomalies();
  private final BlockSets sets;
  private final BlockSet known;
  private final BlockSet dirty;
  private final BlockSet created;
  private final BlockSet deleted;
  private WalPosition highest;
  private WalPosition flushAll;
  private long cursor;

  /** Creates the states of a store without blocks. */
  public BlockStates(BlockSets sets) {
    this(sets, Image.EMPTY);
  }

  /** Creates states that start as an image, used where it lies. */
  public BlockStates(BlockSets sets, Image image) {
    this.sets = sets;
    this.known = sets.of(image.known());
    this.dirty = sets.of(image.dirty());
    this.created = sets.of(image.created());
    this.deleted = sets.of(image.deleted());
    this.highest = image.highest();
    this.flushAll = image.flushAll();
    this.cursor = image.cursor();
  }

  /**
   * All states at one moment; immutable.
   *
   * @param known blocks that ever had an event
   * @param dirty blocks in state DIRTY
   * @param created blocks in state NEW
   * @param deleted blocks in state DELETED
   * @param highest highest position of any event folded
   * @param flushAll highest position up to which all blocks were flushed
   * @param cursor journal position the default chain had committed through
   */
  public record Image(
      MappedBitmap known,
      MappedBitmap dirty,
      MappedBitmap created,
      MappedBitmap deleted,
      WalPosition highest,
      WalPosition flushAll,
      long cursor) {

    static final Image EMPTY =
        new Image(
            MappedBitmap.EMPTY,
            MappedBitmap.EMPTY,
            MappedBitmap.EMPTY,
            MappedBitmap.EMPTY,
            WalPosition.BEFORE_ALL,
            WalPosition.BEFORE_ALL,
            0);
  }

  /** Returns what did not fit the states so far; from any thread. */
  public StateAnomalies anomalies() {
    return anomalies;
  }

  /** Returns the states as they are now; later folds do not show in it. */
  public synchronized Image image() {
    return new Image(
        known.image(), dirty.image(), created.image(), deleted.image(), highest, flushAll, cursor);
  }

  /** Folds a whole history from nothing, whatever its order of positions. */
  public static BlockStates rebuild(BlockSets sets, SegmentHistory history) {
    BlockStates result = new BlockStates(sets);
    Change change = new Change();
    history.forEachState(null, change::add);
    result.apply(change.complete());
    result.raiseAll(history.history());
    result.flushAll = history.flushAll();
    result.cursor = history.cursor();
    return result;
  }

  /**
   * Folds a segment.
   *
   * @param history every segment folded before, and this one
   */
  public void fold(ChangeSegment segment, SegmentHistory history) {
    WalPosition flush =
        segment.hasFlushAll()
            ? new WalPosition(segment.generation(), segment.flushAllOffset())
            : WalPosition.BEFORE_ALL;
    boolean isNewFlush = flush.compareTo(flushAll) > 0;
    boolean isLateFlush = isNewFlush && flush.compareTo(highest) <= 0;
    SegmentSpan span = SegmentSpan.of(segment);
    Change change = new Change();
    Change late = new Change();
    if (isLateFlush) {
      history.forEachState(null, change::add);
    } else {
      MappedBitmap lateIds = foldInOrder(segment, span, isNewFlush, change);
      if (lateIds.parts() > 0) {
        history.forEachState(lateIds, late::add);
      }
    }
    change.complete();
    late.complete();
    synchronized (this) {
      if (isNewFlush && !isLateFlush) {
        dirty.clear();
        created.clear();
      }
      apply(change);
      apply(late);
      flushAll = isNewFlush ? flush : flushAll;
      raise(span.highest());
    }
  }

  /**
   * Finds the states after a segment of the blocks whose maxima are higher than all folded before,
   * and returns the other ones.
   *
   * @param isFlushed whether a flush of all blocks in it comes behind every past event: then none
   *     of them leaves a block DIRTY or NEW
   */
  private MappedBitmap foldInOrder(
      ChangeSegment segment, SegmentSpan span, boolean isFlushed, Change change) {
    boolean isInOrder = span.lowest().compareTo(highest) > 0;
    BitmapBuilder late = new BitmapBuilder();
    BlockMaxima history = new BlockMaxima();
    segment.forEachMaxima(
        (id, maxima, timestampNs) -> {
          BlockState before = find(id);
          anomalies.look(before, maxima);
          if (!isInOrder && !maxima.areAbove(highest)) {
            late.add(id);
            return;
          }
          history.reset();
          if (!isFlushed || before == BlockState.DELETED) {
            past(before, history);
          }
          history.fold(maxima);
          if (isFlushed) {
            history.fold(BlockEventType.FLUSH, segment.generation(), segment.flushAllOffset());
          }
          change.add(id, history.state());
        });
    return late.toBitmap();
  }

  /** Sets a history to the shortest one, all before generation 1, that has a state. */
  public static void past(BlockState state, BlockMaxima history) {
    switch (state) {
      case DELETED -> history.foldPast(BlockEventType.DELETE);
      case NEW -> history.foldPast(BlockEventType.CREATE);
      case DIRTY -> history.foldPast(BlockEventType.UPDATE);
      case CLEAN -> {}
    }
  }

  /**
   * Moves to the cursor of a history: blocks that did not change after it are CLEAN.
   *
   * @param history every segment folded
   */
  public synchronized void commit(SegmentHistory history) {
    if (history.cursor() <= cursor) {
      return;
    }
    cursor = history.cursor();
    MappedBitmap changedAfter = history.changedAfter();
    BlockSet confirmed = sets.of(deleted.image());
    deleted.retainAll(history.deletedAfter());
    confirmed.removeAll(deleted.image());
    confirmed.retainAll(changedAfter);

    BlockSet formerlyNew = sets.of(created.image());
    created.retainAll(history.createdAfter());
    formerlyNew.removeAll(created.image());
    dirty.addAll(formerlyNew.image());
    dirty.retainAll(changedAfter);
    if (confirmed.cardinality() > 0) {
      Change change = new Change();
      history.forEachState(confirmed.image(), change::add);
      apply(change.complete());
    }
  }

  /** States that blocks have from now on, added in unsigned order of ids. */
  private static final class Change {
    private final BitmapBuilder all = new BitmapBuilder();
    private final BitmapBuilder dirty = new BitmapBuilder();
    private final BitmapBuilder created = new BitmapBuilder();
    private final BitmapBuilder deleted = new BitmapBuilder();
    private MappedBitmap allIds = MappedBitmap.EMPTY;
    private MappedBitmap dirtyIds = MappedBitmap.EMPTY;
    private MappedBitmap createdIds = MappedBitmap.EMPTY;
    private MappedBitmap deletedIds = MappedBitmap.EMPTY;

    void add(long id, BlockState state) {
      all.add(id);
      switch (state) {
        case DIRTY -> dirty.add(id);
        case NEW -> created.add(id);
        case DELETED -> deleted.add(id);
        case CLEAN -> {}
      }
    }

    /** Ends the adding; what takes time is done here and not when it is applied. */
    Change complete() {
      allIds = all.toBitmap();
      dirtyIds = dirty.toBitmap();
      createdIds = created.toBitmap();
      deletedIds = deleted.toBitmap();
      return this;
    }
  }

  private void apply(Change change) {
    known.addAll(change.allIds);
    set(dirty, change.allIds, change.dirtyIds);
    set(created, change.allIds, change.createdIds);
    set(deleted, change.allIds, change.deletedIds);
  }

  private static void set(BlockSet target, MappedBitmap all, MappedBitmap members) {
    target.removeAll(all);
    target.addAll(members);
  }

  private void raiseAll(History history) {
    Base base = history.base();
    if (base != null) {
      for (BaseFile file : base.files()) {
        if (file.changedCount() > 0) {
          raise(file.lastChange());
        }
      }
      raise(history.flushAll());
      HistoryCursor blocks = new History(base, List.of()).cursor(0);
      while (blocks.next()) {
        BlockMaxima maxima = blocks.history().maxima();
        for (BlockEventType type : List.of(BlockEventType.FLUSH, BlockEventType.CLEAR)) {
          if (maxima.has(type)) {
            raise(new WalPosition(maxima.generation(type), maxima.walOffset(type)));
          }
        }
      }
    }
    history.segments().forEach(segment -> raise(SegmentSpan.of(segment).highest()));
  }

  private void raise(WalPosition position) {
    highest = position.compareTo(highest) > 0 ? position : highest;
  }

  /** Returns the state of a block; CLEAN if it is not known. */
  public synchronized BlockState state(long blockId) {
    return find(blockId);
  }

  private BlockState find(long blockId) {
    if (dirty.contains(blockId)) {
      return BlockState.DIRTY;
    }
    if (created.contains(blockId)) {
      return BlockState.NEW;
    }
    return deleted.contains(blockId) ? BlockState.DELETED : BlockState.CLEAN;
  }

  /** Returns whether the block ever had an event. */
  public synchronized boolean isKnown(long blockId) {
    return known.contains(blockId);
  }

  /** Returns the highest position of any event folded. */
  public synchronized WalPosition highest() {
    return highest;
  }

  /** Returns the journal position the default chain had committed through. */
  public synchronized long cursor() {
    return cursor;
  }

  /** Returns how many blocks are known, and how many are in each state; costs nothing. */
  public synchronized StateCounts counts() {
    return new StateCounts(
        known.cardinality(), dirty.cardinality(), created.cardinality(), deleted.cardinality());
  }

  /** Returns counts and positions, for messages. */
  @Override
  public String toString() {
    return counts() + ", highest=" + highest + ", flushAll=" + flushAll + ", cursor=" + cursor;
  }

  /** Returns whether every block has the same state in both. */
  public boolean sameAs(BlockStates other) {
    Image mine = image();
    Image others = other.image();
    return mine.highest.equals(others.highest)
        && mine.flushAll.equals(others.flushAll)
        && mine.cursor == others.cursor
        && mine.known.sameAs(others.known)
        && mine.dirty.sameAs(others.dirty)
        && mine.created.sameAs(others.created)
        && mine.deleted.sameAs(others.deleted);
  }
}
