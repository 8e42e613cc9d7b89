package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockState;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.InvalidTransitionException;
import io.tidemark.errors.UnknownBlockException;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.state.BlockStates;
import java.io.IOException;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Checks the direct operations of one batch and turns them into the events of one journal record.
 *
 * <p>Used once, by the thread that holds the engine; changes nothing.
 */
final class DirectOperations {

  /*
   * Each operation finds the state that the ones before it left. Inside the batch a block's history
   * is the shortest one that has the state the store gives, all of it in the past, then the batch's
   * own events by position, as the store will fold them.
   *
   *             | markDirty   markNew   markDeleted   clearBlock
   *   ----------+-------------------------------------------------
   *   not known | DIRTY       NEW       DELETED       refused, -1002
   *   CLEAN     | DIRTY       NEW       DELETED       CLEAN
   *   DIRTY     | DIRTY       refused   DELETED       CLEAN
   *   NEW       | NEW         NEW       DELETED       CLEAN
   *   DELETED   | refused     refused   DELETED       CLEAN
   *
   * Refused means -1001 where no other code is given.
   */

  private final ChangeTracker tracker;
  private final RecordBuffer record;
  private final Long2ObjectHashMap<BlockMaxima> touched = new Long2ObjectHashMap<>();

  /** Highest WAL offset of the record's generation that was applied, or is by this batch. */
  private long highestOffset;

  /** Creates the checks of a batch that goes into an empty record of the present generation. */
  DirectOperations(ChangeTracker tracker, RecordBuffer record) throws IOException {
    this.tracker = tracker;
    this.record = record;
    WalPosition highest = tracker.openStates().highest();
    this.highestOffset = highest.generation() == record.generation() ? highest.walOffset() : 0;
  }

  /**
   * Adds an operation to the record.
   *
   * @throws InvalidTransitionException if the block cannot go from its state to the wanted one
   * @throws UnknownBlockException if a block is to be cleared that never had an event
   */
  void add(BlockBatch.Operation operation) throws IOException {
    long blockId = operation.blockId();
    BlockEventType type = operation.type();
    BlockMaxima block = touched.get(blockId);
    if (block == null) {
      if (type == BlockEventType.CLEAR && !tracker.isKnown(blockId)) {
        throw new UnknownBlockException(
            "block is not known: blockId=" + Long.toUnsignedString(blockId));
      }
      block = new BlockMaxima();
      BlockStates.past(tracker.state(blockId), block);
      touched.put(blockId, block);
    }
    check(blockId, block.state(), type);
    long walOffset = type == BlockEventType.CLEAR ? highestOffset : operation.walOffset();
    highestOffset = Long.compareUnsigned(walOffset, highestOffset) > 0 ? walOffset : highestOffset;
    block.fold(type, record.generation(), walOffset);
    record.event(type, blockId, walOffset, operation.timestampNs());
  }

  private static void check(long blockId, BlockState from, BlockEventType type) {
    boolean isIllegal =
        switch (type) {
          case UPDATE -> from == BlockState.DELETED;
          case CREATE -> from == BlockState.DELETED || from == BlockState.DIRTY;
          case DELETE, CLEAR, FLUSH -> false;
        };
    if (isIllegal) {
      throw new InvalidTransitionException(
          "block cannot change its state: from="
              + from
              + ", to="
              + (type == BlockEventType.CREATE ? BlockState.NEW : BlockState.DIRTY)
              + ", blockId="
              + Long.toUnsignedString(blockId));
    }
  }
}
