package io.tidemark.tracker;

import io.tidemark.segment.IdOrder;
import java.util.Arrays;

/**
 * Gathers ids, each any number of times, in words of 64 neighbours.
 *
 * <p>Used by one thread.
 */
final class WordGatherer {

  /*
   * Neighbours often come one after another, and the same few ids again and again. So a word waits
   * in a small table until another one needs its place; then it goes to the end of a list. The list
   * is sorted at the end, or when it is full, and words of one key become one. A table of all words
   * would be looked up in main memory for every id that stands alone; sorting goes through memory
   * from front to back.
   */

  private static final int INITIAL_CAPACITY = 1 << 6;
  private static final int WAITING = 1 << 10;

  /** A shorter list grows without being sorted. */
  private static final int SORTED_LENGTH = 1 << 17;

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final int GOLDEN_SHIFT = Long.SIZE - Integer.numberOfTrailingZeros(WAITING);

  // A word that is there is not 0.
  private final long[] waitingKeys = new long[WAITING];
  private final long[] waitingWords = new long[WAITING];

  private long[] keys = new long[INITIAL_CAPACITY];
  private long[] words = new long[INITIAL_CAPACITY];
  private int size;

  /** Adds an id. */
  void add(long blockId) {
    add(blockId >>> WordIds.WORD_SHIFT, 1L << blockId);
  }

  private void add(long key, long word) {
    int place = (int) ((key * GOLDEN) >>> GOLDEN_SHIFT);
    if (waitingKeys[place] == key) {
      waitingWords[place] |= word;
      return;
    }
    if (waitingWords[place] != 0) {
      append(waitingKeys[place], waitingWords[place]);
    }
    waitingKeys[place] = key;
    waitingWords[place] = word;
  }

  /** Adds the first ids of an array. */
  void addAll(long[] blockIds, int count) {
    int i = 0;
    while (i < count) {
      long key = blockIds[i] >>> WordIds.WORD_SHIFT;
      long word = 0;
      do {
        word |= 1L << blockIds[i];
        i++;
      } while (i < count && blockIds[i] >>> WordIds.WORD_SHIFT == key);
      add(key, word);
    }
  }

  /** Adds all ids of another one. */
  void addAll(WordGatherer other) {
    other.flush();
    for (int i = 0; i < other.size; i++) {
      add(other.keys[i], other.words[i]);
    }
  }

  private void append(long key, long word) {
    if (size == keys.length) {
      makeRoom();
    }
    keys[size] = key;
    words[size] = word;
    size++;
  }

  private void makeRoom() {
    if (size >= SORTED_LENGTH) {
      unite();
    }
    if (size > keys.length / 2) {
      int capacity = Math.multiplyExact(keys.length, 2);
      keys = Arrays.copyOf(keys, capacity);
      words = Arrays.copyOf(words, capacity);
    }
  }

  /** Appends what waits. */
  private void flush() {
    for (int place = 0; place < WAITING; place++) {
      if (waitingWords[place] != 0) {
        append(waitingKeys[place], waitingWords[place]);
        waitingWords[place] = 0;
      }
    }
  }

  /** Sorts the list and makes words of one key one. */
  private void unite() {
    int[] order = IdOrder.sort(keys, size);
    long[] sorted = new long[words.length];
    int last = -1;
    for (int i = 0; i < size; i++) {
      if (last < 0 || keys[last] != keys[i]) {
        last++;
        keys[last] = keys[i];
      }
      sorted[last] |= words[order[i]];
    }
    words = sorted;
    size = last + 1;
  }

  /** Returns the ids as they are now. */
  WordIds toIds() {
    flush();
    unite();
    return new WordIds(Arrays.copyOf(keys, size), Arrays.copyOf(words, size));
  }
}
