package io.tidemark.tracker;

import io.tidemark.segment.IdOrder;

/**
 * Gathers ids, each any number of times, in words of 64 neighbours.
 *
 * <p>Used by one thread.
 */
final class WordTable {

  /*
   * Open addressing; key and word lie side by side. A word that is there is not 0. Neighbours often
   * come one after another: the place of the last one is remembered.
   */

  private static final int INITIAL_CAPACITY = 1 << 10;
  private static final int MAX_CAPACITY = 1 << 29;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long[] table = new long[2 * INITIAL_CAPACITY];
  private int shift = Long.SIZE - Integer.numberOfTrailingZeros(INITIAL_CAPACITY);
  private int size;
  private long lastKey = -1;
  private int lastPlace;

  /** Returns whether no id was added. */
  boolean isEmpty() {
    return size == 0;
  }

  /** Adds an id. */
  void add(long blockId) {
    long key = blockId >>> WordIds.WORD_SHIFT;
    if (key != lastKey) {
      lastPlace = place(key);
      lastKey = key;
    }
    table[lastPlace + 1] |= 1L << blockId;
  }

  /** Adds the first ids of an array. */
  void addAll(long[] blockIds, int count) {
    for (int i = 0; i < count; i++) {
      add(blockIds[i]);
    }
  }

  /** Returns where a key's word is, or is put now. */
  private int place(long key) {
    int place = start(key);
    while (table[place + 1] != 0) {
      if (table[place] == key) {
        return place;
      }
      place = (place + 2) & (table.length - 1);
    }
    if (4 * (size + 1) > table.length) {
      grow();
      return place(key);
    }
    size++;
    table[place] = key;
    return place;
  }

  private int start(long key) {
    return (int) ((key * GOLDEN) >>> shift) << 1;
  }

  private void grow() {
    if (table.length == MAX_CAPACITY) {
      throw new OutOfMemoryError("answer is too long: words=" + size);
    }
    long[] before = table;
    table = new long[2 * before.length];
    shift--;
    for (int from = 0; from < before.length; from += 2) {
      if (before[from + 1] != 0) {
        int place = start(before[from]);
        while (table[place + 1] != 0) {
          place = (place + 2) & (table.length - 1);
        }
        table[place] = before[from];
        table[place + 1] = before[from + 1];
      }
    }
  }

  /** Adds all ids of another table. */
  void addAll(WordTable other) {
    for (int from = 0; from < other.table.length; from += 2) {
      if (other.table[from + 1] != 0) {
        lastKey = other.table[from];
        lastPlace = place(lastKey);
        table[lastPlace + 1] |= other.table[from + 1];
      }
    }
  }

  /** Returns the ids as they are now. */
  WordIds toIds() {
    long[] keys = new long[size];
    long[] unordered = new long[size];
    int count = 0;
    for (int from = 0; from < table.length; from += 2) {
      if (table[from + 1] != 0) {
        keys[count] = table[from];
        unordered[count] = table[from + 1];
        count++;
      }
    }
    int[] order = IdOrder.sort(keys, size);
    long[] words = new long[size];
    for (int i = 0; i < size; i++) {
      words[i] = unordered[order[i]];
    }
    return new WordIds(keys, words);
  }
}
