package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockState;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.JournalEntryHandler;
import io.tidemark.segment.OpenSegment;
import java.util.Arrays;
import java.util.List;

/**
 * The states of the blocks that have an event which is not sealed yet, over the folded states.
 *
 * <p>Single writer; not thread-safe. What it was made from may be sealed and folded into the states
 * below while it is used: its answers stay the same.
 */
public final class OpenStates implements JournalEntryHandler {

  /*
   * Counting. Each block is counted as what it is now, and off as what it was in the states below:
   * those of the moment this was made, for they may be folded meanwhile. A block that comes later is
   * in nothing that may be folded, so it is still what it was. Only a flush of all blocks changes
   * more than the blocks that are here; then all of them are looked at when somebody asks.
   */

  private final BlockStates sealed;
  private final OpenBlocks blocks = new OpenBlocks();
  private final BlockMaxima flushAll = new BlockMaxima();
  private final BlockMaxima scratch = new BlockMaxima();
  private final WalPosition sealedHighest;
  private final long[] members = new long[BlockState.values().length];
  private WalPosition highest;
  private boolean isLate;

  /**
   * Creates the states of what is not sealed.
   *
   * @param sealed the states of everything before it
   * @param unsealed what is not sealed already, in journal order; nothing of it is folded into the
   *     states yet
   */
  public OpenStates(BlockStates sealed, List<OpenSegment> unsealed) {
    this.sealed = sealed;
    synchronized (sealed) {
      this.sealedHighest = sealed.highest();
      this.highest = sealedHighest;
      StateCounts before = sealed.counts();
      members[BlockState.CLEAN.code()] = before.clean();
      members[BlockState.DIRTY.code()] = before.dirty();
      members[BlockState.NEW.code()] = before.created();
      members[BlockState.DELETED.code()] = before.deleted();
      unsealed.forEach(this::fold);
    }
  }

  private void fold(OpenSegment open) {
    int generation = open.generation();
    open.forEachEvent(
        (type, id, offset, timestampNs) -> fold(type, id, generation, offset, timestampNs));
    if (open.hasFlushAll()) {
      foldFlushAll(generation, open.flushAllOffset());
    }
  }

  @Override
  public void onEvent(
      long position,
      int generation,
      BlockEventType type,
      long blockId,
      long walOffset,
      long timestampNs) {
    fold(type, blockId, generation, walOffset, timestampNs);
  }

  private void fold(
      BlockEventType type, long blockId, int generation, long walOffset, long timestampNs) {
    isLate |= isLate(generation, walOffset);
    raise(generation, walOffset);
    int place = blocks.find(blockId);
    if (place == OpenBlocks.NONE) {
      place = add(blockId);
    }
    blocks.fold(place, type, generation, walOffset, timestampNs);
    BlockState before = blocks.state(place);
    // An UPDATE raises what makes a block DIRTY and nothing else: it only changes one that is
    // CLEAN.
    if (type != BlockEventType.UPDATE || before == BlockState.CLEAN) {
      blocks.load(place, scratch);
      BlockState after = scratch.state();
      blocks.setState(place, after);
      members[before.code()]--;
      members[after.code()]++;
    }
  }

  /** Adds a block as what it was; one that was not known is counted CLEAN. */
  private int add(long blockId) {
    BlockState state = sealed.state(blockId);
    scratch.reset();
    BlockStates.past(state, scratch);
    if (!sealed.isKnown(blockId)) {
      members[BlockState.CLEAN.code()]++;
    }
    return blocks.add(blockId, state, scratch);
  }

  @Override
  public void onFlushAll(long position, int generation, long walOffset, long timestampNs) {
    foldFlushAll(generation, walOffset);
  }

  private void foldFlushAll(int generation, long walOffset) {
    isLate |= isLate(generation, walOffset);
    raise(generation, walOffset);
    flushAll.fold(BlockEventType.FLUSH, generation, walOffset);
  }

  @Override
  public void onAssign(long position, int generation, long blockId, byte[] name) {}

  @Override
  public void onCover(long position, int generation, long first, long last, byte[] mark) {}

  @Override
  public void onGap(long position, int generation, long first, long last, String reason) {}

  @Override
  public void onGeneration(long position, int generation, long firstOwn) {}

  /** A commit of the default chain is sealed at once; then these states are used no more. */
  @Override
  public void onCommit(long position, int generation, String chain, long cursor) {}

  @Override
  public void onPrepare(long position, int generation, String chain, long end) {}

  @Override
  public void onAbort(long position, int generation, String chain, long end) {}

  @Override
  public void onDrop(long position, int generation, String chain) {}

  @Override
  public void onTombstone(long position, int generation, long walOffset, byte[] tombstone) {}

  private boolean isLate(int generation, long walOffset) {
    return WalPosition.compare(
            generation, walOffset, sealedHighest.generation(), sealedHighest.walOffset())
        <= 0;
  }

  private void raise(int generation, long walOffset) {
    if (WalPosition.compare(generation, walOffset, highest.generation(), highest.walOffset()) > 0) {
      highest = new WalPosition(generation, walOffset);
    }
  }

  /**
   * Returns whether an event reaches back below what was folded: then the folded states do not say
   * enough, and the segment has to be sealed first.
   */
  public boolean isLate() {
    return isLate;
  }

  /** Returns the state of a block; CLEAN if it is not known. */
  public BlockState state(long blockId) {
    int place = blocks.find(blockId);
    if (place != OpenBlocks.NONE) {
      return stateAt(place);
    }
    BlockState state = sealed.state(blockId);
    return state == BlockState.DELETED || !flushAll.has(BlockEventType.FLUSH)
        ? state
        : BlockState.CLEAN;
  }

  private BlockState stateAt(int place) {
    if (!flushAll.has(BlockEventType.FLUSH)) {
      return blocks.state(place);
    }
    blocks.load(place, scratch);
    scratch.fold(flushAll);
    return scratch.state();
  }

  /**
   * Takes the last change of a block that is not sealed into its row of everything sealed.
   *
   * @return whether the block had an event that is not sealed
   */
  public boolean foldInto(long blockId, MetadataRow row) {
    int place = blocks.find(blockId);
    if (place == OpenBlocks.NONE) {
      return false;
    }
    if (blocks.hasChange(place)) {
      blocks.foldLastInto(place, row, scratch);
    }
    return true;
  }

  /** Returns the highest position of any event, sealed or open. */
  public WalPosition highest() {
    return highest;
  }

  /** Returns whether the block ever had an event. */
  public boolean isKnown(long blockId) {
    return blocks.find(blockId) != OpenBlocks.NONE || sealed.isKnown(blockId);
  }

  /**
   * Returns how many blocks are known, and how many are in each state. Looks at the open ones only
   * if all blocks were flushed since the last seal.
   */
  public StateCounts counts() {
    if (!flushAll.has(BlockEventType.FLUSH)) {
      return counts(members);
    }
    synchronized (sealed) {
      return countsWhenFlushed(sealed.counts());
    }
  }

  private StateCounts countsWhenFlushed(StateCounts before) {
    long[] flushed = new long[members.length];
    flushed[BlockState.CLEAN.code()] = before.known() - before.deleted();
    flushed[BlockState.DELETED.code()] = before.deleted();
    for (int place = 0; place < blocks.count(); place++) {
      long id = blocks.id(place);
      if (sealed.isKnown(id)) {
        boolean isDeleted = sealed.state(id) == BlockState.DELETED;
        flushed[(isDeleted ? BlockState.DELETED : BlockState.CLEAN).code()]--;
      }
      flushed[stateAt(place).code()]++;
    }
    return counts(flushed);
  }

  private static StateCounts counts(long[] members) {
    return new StateCounts(
        Arrays.stream(members).sum(),
        members[BlockState.DIRTY.code()],
        members[BlockState.NEW.code()],
        members[BlockState.DELETED.code()]);
  }
}
