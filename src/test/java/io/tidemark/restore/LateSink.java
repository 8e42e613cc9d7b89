package io.tidemark.restore;

import io.tidemark.block.BlockEventType;
import io.tidemark.ingest.BlockEventSink;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Holds some events back and gives them in another order, but none later than it may. */
final class LateSink implements BlockEventSink {
  private static final int MAX_HELD = 4;

  private final BlockEventSink target;
  private final Random random;
  private final List<Runnable> held = new ArrayList<>();
  private long completeThrough;
  private boolean isPromised;

  LateSink(BlockEventSink target, Random random) {
    this.target = target;
    this.random = random;
  }

  /** Gives everything. */
  void flush() {
    List<Runnable> events = new ArrayList<>(held);
    held.clear();
    Collections.shuffle(events, random);
    events.forEach(Runnable::run);
    if (isPromised) {
      isPromised = false;
      target.completeThrough(completeThrough);
    }
  }

  @Override
  public void continueFrom(long walOffset) {
    target.continueFrom(walOffset);
  }

  @Override
  public void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {
    held.add(() -> target.onEvent(type, blockId, walOffset, timestampNs));
  }

  @Override
  public void onFlushAll(long walOffset, long timestampNs) {
    held.add(() -> target.onFlushAll(walOffset, timestampNs));
  }

  @Override
  public void completeThrough(long walOffset) {
    completeThrough = walOffset;
    isPromised = true;
    if (held.size() >= MAX_HELD || random.nextInt(3) == 0) {
      flush();
    }
  }

  @Override
  public void gap(long first, long last, String reason) {
    flush();
    target.gap(first, last, reason);
  }

  @Override
  public void rolledBack(long firstOwn, long timestampNs) {
    flush();
    target.rolledBack(firstOwn, timestampNs);
  }
}
