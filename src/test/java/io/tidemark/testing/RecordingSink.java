package io.tidemark.testing;

import io.tidemark.block.BlockEventType;
import io.tidemark.ingest.BlockEventSink;
import java.util.ArrayList;
import java.util.List;

/** Writes every call down as one line. */
public final class RecordingSink implements BlockEventSink {
  private final List<String> calls = new ArrayList<>();
  private long completeThrough;

  /** Returns the calls so far. */
  public synchronized List<String> calls() {
    return List.copyOf(calls);
  }

  /** Returns the changes and flushes among the calls so far. */
  public synchronized List<String> events() {
    return calls.stream().filter(call -> call.contains("@")).toList();
  }

  /** Forgets the calls so far. */
  public synchronized void clear() {
    calls.clear();
  }

  /** Waits until everything through a WAL offset was promised. */
  public synchronized void awaitCompleteThrough(long walOffset) throws InterruptedException {
    while (Long.compareUnsigned(completeThrough, walOffset) < 0) {
      wait();
    }
  }

  private synchronized void add(String call) {
    calls.add(call);
  }

  private static String u(long number) {
    return Long.toUnsignedString(number);
  }

  @Override
  public void continueFrom(long walOffset) {
    add("continue from " + u(walOffset));
  }

  @Override
  public void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {
    add(type + " " + u(blockId) + " @" + u(walOffset));
  }

  @Override
  public void onFlushAll(long walOffset, long timestampNs) {
    add("FLUSH all @" + u(walOffset));
  }

  @Override
  public synchronized void completeThrough(long walOffset) {
    add("complete through " + u(walOffset));
    completeThrough = walOffset;
    notifyAll();
  }

  @Override
  public void gap(long first, long last, String reason) {
    add("gap " + u(first) + "-" + u(last) + " " + reason);
  }

  @Override
  public synchronized void rolledBack(long firstOwn, long timestampNs) {
    add("rolled back " + u(firstOwn));
    completeThrough = firstOwn - 1;
  }
}
