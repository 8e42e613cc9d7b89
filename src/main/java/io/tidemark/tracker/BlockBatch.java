package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.journal.RecordBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Several direct operations on blocks that are applied whole or not at all, in the order they were
 * added.
 *
 * <p>At most {@link #MAX_OPERATIONS}, because they become one journal record. Not thread-safe; may
 * be applied again.
 */
public final class BlockBatch {

  /** Operations that fit a batch. */
  public static final int MAX_OPERATIONS = RecordBuffer.MAX_EVENTS;

  /** One operation; a clearing has no position and no time of its own. */
  record Operation(BlockEventType type, long blockId, long walOffset, long timestampNs) {}

  private final List<Operation> operations = new ArrayList<>();

  /** Adds a modification; see {@link BitmapEngine#markDirty}. */
  public BlockBatch markDirty(long blockId, long walOffset, long timestampNs) {
    return add(new Operation(BlockEventType.UPDATE, blockId, walOffset, timestampNs));
  }

  /** Adds a creation; see {@link BitmapEngine#markNew}. */
  public BlockBatch markNew(long blockId, long walOffset, long timestampNs) {
    return add(new Operation(BlockEventType.CREATE, blockId, walOffset, timestampNs));
  }

  /** Adds a deletion; see {@link BitmapEngine#markDeleted}. */
  public BlockBatch markDeleted(long blockId, long walOffset, long timestampNs) {
    return add(new Operation(BlockEventType.DELETE, blockId, walOffset, timestampNs));
  }

  /** Adds a clearing; see {@link BitmapEngine#clearBlock}. */
  public BlockBatch clearBlock(long blockId) {
    return add(new Operation(BlockEventType.CLEAR, blockId, 0, 0));
  }

  private BlockBatch add(Operation operation) {
    if (operations.size() == MAX_OPERATIONS) {
      throw new IllegalArgumentException(
          "batch does not fit one journal record: limit=" + MAX_OPERATIONS);
    }
    operations.add(operation);
    return this;
  }

  /** Returns the number of operations. */
  public int size() {
    return operations.size();
  }

  /** Removes all operations. */
  public void clear() {
    operations.clear();
  }

  List<Operation> operations() {
    return operations;
  }
}
