package io.tidemark.benchmarks.comparison;

import io.tidemark.block.BlockState;

/** The last change of a block, as engines keep it whose values are objects. */
record LastChange(long walOffset, long timestampNs, boolean isDelete) {
  /** Returns the last change that the event of a batch makes. */
  static LastChange of(EventBatch batch, int index) {
    return new LastChange(batch.walOffset(index), batch.timestampNs(index), batch.isDelete(index));
  }

  BlockState state() {
    return stateAfter(isDelete);
  }

  /** Returns the state that a last event leaves. */
  static BlockState stateAfter(boolean isDelete) {
    return isDelete ? BlockState.DELETED : BlockState.NEW;
  }
}
