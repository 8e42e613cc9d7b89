package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockState;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.JournalEntryHandler;
import io.tidemark.segment.OpenSegment;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The states of the blocks that have an event which is not sealed yet, over the folded states.
 *
 * <p>Single writer; not thread-safe. What it was made from may be sealed and folded into the states
 * below while it is used: its answers stay the same.
 */
public final class OpenStates implements JournalEntryHandler {
  private final BlockStates sealed;
  private final Long2ObjectHashMap<OpenBlock> blocks = new Long2ObjectHashMap<>();
  private final BlockMaxima flushAll = new BlockMaxima();
  private final BlockMaxima scratch = new BlockMaxima();
  private final WalPosition sealedHighest;
  private WalPosition highest;
  private boolean isLate;

  /** What is known of a block that has an event which is not sealed. */
  private static final class OpenBlock {
    final BlockMaxima maxima = new BlockMaxima();

    /** Type of its last change that is not sealed; null if it was only flushed. */
    @Nullable BlockEventType lastType;

    int generation;
    long walOffset;
    long timestampNs;

    void fold(BlockEventType type, int atGeneration, long atOffset, long atTimestampNs) {
      maxima.fold(type, atGeneration, atOffset);
      if (type.isChange() && isLast(type, atGeneration, atOffset)) {
        lastType = type;
        generation = atGeneration;
        walOffset = atOffset;
        timestampNs = atTimestampNs;
      }
    }

    /** Of two changes of one position and type the later one gives the timestamp. */
    private boolean isLast(BlockEventType type, int atGeneration, long atOffset) {
      BlockEventType last = lastType;
      if (last == null) {
        return true;
      }
      int order = WalPosition.compare(atGeneration, atOffset, generation, walOffset);
      return order > 0 || (order == 0 && type.rank() >= last.rank());
    }
  }

  /**
   * Creates the states of what is not sealed.
   *
   * @param sealed the states of everything before it
   * @param unsealed what is not sealed already, in journal order; nothing of it is folded into the
   *     states yet
   */
  public OpenStates(BlockStates sealed, List<OpenSegment> unsealed) {
    this.sealed = sealed;
    this.sealedHighest = sealed.highest();
    this.highest = sealedHighest;
    unsealed.forEach(this::fold);
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
    blocks.computeIfAbsent(blockId, this::past).fold(type, generation, walOffset, timestampNs);
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

  private OpenBlock past(long blockId) {
    OpenBlock block = new OpenBlock();
    BlockStates.past(sealed.state(blockId), block.maxima);
    return block;
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
    OpenBlock block = blocks.get(blockId);
    if (block != null) {
      return state(block.maxima);
    }
    BlockState state = sealed.state(blockId);
    return state == BlockState.DELETED || !flushAll.has(BlockEventType.FLUSH)
        ? state
        : BlockState.CLEAN;
  }

  private BlockState state(BlockMaxima block) {
    scratch.reset();
    scratch.fold(block);
    scratch.fold(flushAll);
    return scratch.state();
  }

  /**
   * Takes the last change of a block that is not sealed into its row of everything sealed.
   *
   * @return whether the block had an event that is not sealed
   */
  public boolean foldInto(long blockId, MetadataRow row) {
    OpenBlock block = blocks.get(blockId);
    if (block == null) {
      return false;
    }
    BlockEventType last = block.lastType;
    if (last != null) {
      scratch.reset();
      scratch.fold(last, block.generation, block.walOffset);
      row.fold(scratch, block.timestampNs);
    }
    return true;
  }

  /** Returns the highest position of any event, sealed or open. */
  public WalPosition highest() {
    return highest;
  }

  /** Returns whether the block ever had an event. */
  public boolean isKnown(long blockId) {
    return blocks.containsKey(blockId) || sealed.isKnown(blockId);
  }

  /** Returns how many blocks are known, and how many are in each state; looks at the open ones. */
  public StateCounts counts() {
    synchronized (sealed) {
      return countsOver(sealed.counts());
    }
  }

  private StateCounts countsOver(StateCounts before) {
    boolean isFlushed = flushAll.has(BlockEventType.FLUSH);
    long[] members = {
      isFlushed ? before.known() - before.deleted() : before.clean(),
      isFlushed ? 0 : before.dirty(),
      isFlushed ? 0 : before.created(),
      before.deleted()
    };
    blocks.forEachLong(
        (id, block) -> {
          if (sealed.isKnown(id)) {
            BlockState was = sealed.state(id);
            boolean wasFlushed = isFlushed && was != BlockState.DELETED;
            members[(wasFlushed ? BlockState.CLEAN : was).code()]--;
          }
          members[state(block.maxima).code()]++;
        });
    long dirty = members[BlockState.DIRTY.code()];
    long created = members[BlockState.NEW.code()];
    long deleted = members[BlockState.DELETED.code()];
    return new StateCounts(
        members[BlockState.CLEAN.code()] + dirty + created + deleted, dirty, created, deleted);
  }
}
