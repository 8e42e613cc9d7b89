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
   * Puts the events of a block into an array by WAL offset (unsigned), then rank of the type, then
   * arrival; returns how many there are.
   */
  int ofBlock(long blockId, int[] into, int from) {
    int end = from;
    for (int event = (int) newest.get(blockId); event != NONE; event = previous[event]) {
      into[end] = event;
      end++;
    }
    for (int i = from, j = end - 1; i < j; i++, j--) {
      int event = into[i];
      into[i] = into[j];
      into[j] = event;
    }
    if (!isSorted(into, from, end)) {
      sort(into, from, end);
    }
    return end - from;
  }

  private boolean isSorted(int[] list, int from, int end) {
    for (int i = from + 1; i < end; i++) {
      if (compare(list[i - 1], list[i]) > 0) {
        return false;
      }
    }
    return true;
  }

  private void sort(int[] list, int from, int end) {
    if (end - from > INSERTION_LIMIT) {
      int[] sorted =
          Arrays.stream(list, from, end)
              .boxed()
              .sorted(Comparator.comparing(event -> event, this::compare))
              .mapToInt(Integer::intValue)
              .toArray();
      System.arraycopy(sorted, 0, list, from, sorted.length);
      return;
    }
    for (int i = from + 1; i < end; i++) {
      int event = list[i];
      int at = i;
      while (at > from && compare(list[at - 1], event) > 0) {
        list[at] = list[at - 1];
        at--;
      }
      list[at] = event;
    }
  }

  private int compare(int a, int b) {
    int byOffset = Long.compareUnsigned(walOffsets[a], walOffsets[b]);
    return byOffset != 0 ? byOffset : Integer.compare(type(a).rank(), type(b).rank());
  }
}
