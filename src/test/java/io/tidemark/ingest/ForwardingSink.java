package io.tidemark.ingest;

import io.tidemark.block.BlockEventType;

/** Passes every call on; tests change one. */
class ForwardingSink implements BlockEventSink {
  private final BlockEventSink target;

  ForwardingSink(BlockEventSink target) {
    this.target = target;
  }

  @Override
  public void continueFrom(long walOffset) {
    target.continueFrom(walOffset);
  }

  @Override
  public void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {
    target.onEvent(type, blockId, walOffset, timestampNs);
  }

  @Override
  public void onFlushAll(long walOffset, long timestampNs) {
    target.onFlushAll(walOffset, timestampNs);
  }

  @Override
  public void completeThrough(long walOffset) {
    target.completeThrough(walOffset);
  }

  @Override
  public void gap(long first, long last, String reason) {
    target.gap(first, last, reason);
  }

  @Override
  public void rolledBack(long firstOwn, long timestampNs) {
    target.rolledBack(firstOwn, timestampNs);
  }
}
