package io.tidemark.benchmarks;

import io.tidemark.block.BlockEventType;
import io.tidemark.journal.JournalEntryHandler;

/** Adds up what it is told of events, so that reading them cannot be left out. */
final class EventSum implements JournalEntryHandler {
  private long value;

  /** Returns the sum so far. */
  long value() {
    return value;
  }

  @Override
  public void onEvent(
      long position,
      int generation,
      BlockEventType type,
      long blockId,
      long walOffset,
      long timestampNs) {
    value += type.code() + blockId + walOffset + timestampNs;
  }

  @Override
  public void onFlushAll(long position, int generation, long walOffset, long timestampNs) {
    throw noEvent(position);
  }

  @Override
  public void onAssign(long position, int generation, long blockId, byte[] name) {
    throw noEvent(position);
  }

  @Override
  public void onCover(long position, int generation, long first, long last, byte[] mark) {
    throw noEvent(position);
  }

  @Override
  public void onGap(long position, int generation, long first, long last, String reason) {
    throw noEvent(position);
  }

  @Override
  public void onGeneration(long position, int generation, long firstOwn) {
    throw noEvent(position);
  }

  @Override
  public void onCommit(long position, int generation, String chain, long cursor) {
    throw noEvent(position);
  }

  @Override
  public void onPrepare(long position, int generation, String chain, long end) {
    throw noEvent(position);
  }

  @Override
  public void onAbort(long position, int generation, String chain, long end) {
    throw noEvent(position);
  }

  @Override
  public void onDrop(long position, int generation, String chain) {
    throw noEvent(position);
  }

  @Override
  public void onTombstone(long position, int generation, long walOffset, byte[] tombstone) {
    throw noEvent(position);
  }

  private static IllegalStateException noEvent(long position) {
    return new IllegalStateException("entry is no event: position=" + position);
  }
}
