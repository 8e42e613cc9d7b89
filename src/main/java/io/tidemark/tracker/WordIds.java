package io.tidemark.tracker;

import java.util.Arrays;
import java.util.function.LongConsumer;

/** Ids as words: those that differ in their low 6 bits only are the bits of one. */
final class WordIds implements BlockIds {

  /** Bits of an id that tell its place in a word. */
  static final int WORD_SHIFT = 6;

  private final long[] keys;
  private final long[] words;
  private final long size;

  /**
   * Takes arrays that nobody changes any more.
   *
   * @param keys ids shifted right by 6 bits, ascending
   * @param words for each key a bit for each id; none is 0
   */
  WordIds(long[] keys, long[] words) {
    this.keys = keys;
    this.words = words;
    long count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    this.size = count;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean contains(long blockId) {
    // Keys have their highest bits clear, so that signed comparisons order them.
    int index = Arrays.binarySearch(keys, blockId >>> WORD_SHIFT);
    return index >= 0 && (words[index] & 1L << blockId) != 0;
  }

  @Override
  public void forEach(LongConsumer consumer) {
    for (int i = 0; i < keys.length; i++) {
      long first = keys[i] << WORD_SHIFT;
      for (long left = words[i]; left != 0; left &= left - 1) {
        consumer.accept(first | Long.numberOfTrailingZeros(left));
      }
    }
  }

  @Override
  public Cursor cursor() {
    return new WordCursor();
  }

  private final class WordCursor implements Cursor {
    private int index = -1;
    private long left;
    private long blockId;

    @Override
    public boolean next() {
      if (left == 0) {
        if (index + 1 >= keys.length) {
          return false;
        }
        index++;
        left = words[index];
      }
      blockId = keys[index] << WORD_SHIFT | Long.numberOfTrailingZeros(left);
      left &= left - 1;
      return true;
    }

    @Override
    public long blockId() {
      return blockId;
    }
  }
}
