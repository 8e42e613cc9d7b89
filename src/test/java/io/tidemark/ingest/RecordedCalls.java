package io.tidemark.ingest;

import io.tidemark.block.BlockEventType;
import java.util.ArrayList;
import java.util.List;

/** Writes down what a sink is given, in words. One thread. */
final class RecordedCalls implements BlockEventSink {
  private final List<String> calls = new ArrayList<>();

  /** Returns what came since the last time. */
  List<String> take() {
    List<String> result = List.copyOf(calls);
    calls.clear();
    return result;
  }

  @Override
  public void continueFrom(long walOffset) {
    calls.add("continue from " + Long.toUnsignedString(walOffset));
  }

  @Override
  public void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {
    calls.add(
        type
            + " "
            + Long.toUnsignedString(blockId)
            + " at "
            + Long.toUnsignedString(walOffset)
            + " time "
            + timestampNs);
  }

  @Override
  public void onFlushAll(long walOffset, long timestampNs) {
    calls.add("flush all at " + Long.toUnsignedString(walOffset) + " time " + timestampNs);
  }

  @Override
  public void completeThrough(long walOffset) {
    calls.add("complete through " + Long.toUnsignedString(walOffset));
  }

  @Override
  public void gap(long first, long last, String reason) {
    calls.add(
        "gap "
            + Long.toUnsignedString(first)
            + " to "
            + Long.toUnsignedString(last)
            + ": "
            + reason);
  }

  @Override
  public void rolledBack(long firstOwn, long timestampNs) {
    calls.add("rolled back to " + Long.toUnsignedString(firstOwn) + " time " + timestampNs);
  }
}
