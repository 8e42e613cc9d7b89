package io.tidemark.tracker;

import io.tidemark.segment.IdOrder;
import java.util.AbstractList;
import java.util.RandomAccess;

/**
 * The blocks that were found, in unsigned order of ids; each is made an object when it is asked
 * for.
 *
 * <p>Immutable once nothing is found any more.
 */
final class FoundChanges extends AbstractList<BlockChange> implements RandomAccess {
  private final FoundBlocks blocks;
  private final int[] order;

  /** Takes blocks that are complete. */
  FoundChanges(FoundBlocks blocks) {
    this.blocks = blocks;
    this.order = IdOrder.sort(blocks.ids(), blocks.size());
  }

  @Override
  public BlockChange get(int index) {
    return blocks.toChange(order[index]);
  }

  @Override
  public int size() {
    return order.length;
  }
}
