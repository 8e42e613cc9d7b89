package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import java.util.Arrays;
import java.util.Comparator;
import org.agrona.collections.Long2LongHashMap;

/**
 * Block events in order of arrival, and for each block the chain of its own, newest first.
 *
 * <p>No allocation per event but for growth. Not thread-safe.
 */
final class BlockEvents {
  private static final int INITIAL_CAPACITY = 1024;
  private static final float LOAD_FACTOR = 0.6f;
  private static final int NONE = -1;

  /** Longest list that is sorted by insertion; lists that are sorted already cost nothing. */
  private static final int INSERTION_LIMIT = 64;

  private long[] walOffsets = new long[INITIAL_CAPACITY];
  private long[] timestamps = new long[INITIAL_CAPACITY];
  private byte[] types = new byte[INITIAL_CAPACITY];
  private int[] previous = new int[INITIAL_CAPACITY];
  private final Long2LongHashMap newest = new Long2LongHashMap(INITIAL_CAPACITY, LOAD_FACTOR, NONE);
  private int size;

  void add(BlockEventType type, long blockId, long walOffset, long timestampNs) {
    if (size == walOffsets.length) {
      grow();
    }
    walOffsets[size] = walOffset;
    timestamps[size] = timestampNs;
    types[size] = (byte) type.code();
    previous[size] = (int) newest.put(blockId, size);
    size++;
  }

  private void grow() {
    int capacity = Math.multiplyExact(size, 2);
    walOffsets = Arrays.copyOf(walOffsets, capacity);
    timestamps = Arrays.copyOf(timestamps, capacity);
    types = Arrays.copyOf(types, capacity);
    previous = Arrays.copyOf(previous, capacity);
  }

  int size() {
    return size;
  }

  long walOffset(int event) {
    return walOffsets[event];
  }

  long timestampNs(int event) {
    return timestamps[event];
  }

  BlockEventType type(int event) {
    return BlockEventType.ofCode(types[event]);
  }

  /** Returns the blocks that have an event, in unsigned order. */
  long[] sortedIds() {
    long[] ids = new long[newest.size()];
    Long2LongHashMap.KeyIterator keys = newest.keySet().iterator();
    for (int i = 0; i < ids.length; i++) {
      ids[i] = keys.nextValue() + Long.MIN_VALUE;
    }
    Arrays.sort(ids);
    for (int i = 0; i < ids.length; i++) {
      ids[i] -= Long.MIN_VALUE;
    }
    return ids;
  }

  /**
   * Returns the events of a block by WAL offset (unsigned), then rank of the type, then arrival.
   */
  int[] ofBlock(long blockId) {
    int count = 0;
    for (int event = (int) newest.get(blockId); event != NONE; event = previous[event]) {
      count++;
    }
    int[] events = new int[count];
    for (int event = (int) newest.get(blockId); event != NONE; event = previous[event]) {
      count--;
      events[count] = event;
    }
    return isSorted(events) ? events : sorted(events);
  }

  private boolean isSorted(int[] events) {
    for (int i = 1; i < events.length; i++) {
      if (compare(events[i - 1], events[i]) > 0) {
        return false;
      }
    }
    return true;
  }

  private int[] sorted(int[] events) {
    if (events.length > INSERTION_LIMIT) {
      return Arrays.stream(events)
          .boxed()
          .sorted(Comparator.comparing(event -> event, this::compare))
          .mapToInt(Integer::intValue)
          .toArray();
    }
    for (int i = 1; i < events.length; i++) {
      int event = events[i];
      int at = i;
      while (at > 0 && compare(events[at - 1], event) > 0) {
        events[at] = events[at - 1];
        at--;
      }
      events[at] = event;
    }
    return events;
  }

  private int compare(int a, int b) {
    int byOffset = Long.compareUnsigned(walOffsets[a], walOffsets[b]);
    return byOffset != 0 ? byOffset : Integer.compare(type(a).rank(), type(b).rank());
  }
}
