package io.tidemark.segment;

/**
 * Sorts ids as unsigned numbers and tells where each one stood.
 *
 * <p>Stable: equal ids stay in the order they came in. Radix sort, from the lowest digit on; digits
 * that all ids have in common cost nothing. Used once, by one thread at a time.
 */
public final class IdOrder {
  /** Wider digits take fewer passes, but each goes to more places than a core's caches hold. */
  private static final int MAX_DIGIT_BITS = 11;

  /** So few are sorted by insertion: counting digits would take longer. */
  private static final int INSERTION_LIMIT = 48;

  private final long[] ids;
  private final int bits;
  private final int end;
  private final long varying;

  // What the next pass reads, and what it writes.
  private long[] from;
  private int[] fromNumbers;
  private long[] to = {};
  private int[] toNumbers = {};
  private int shift;

  /**
   * Takes ids that are to be sorted where they are.
   *
   * @param numbers a number for each of the first ids, which goes where its id goes; used
   */
  IdOrder(long[] ids, int[] numbers) {
    int size = numbers.length;
    this.ids = ids;
    this.from = ids;
    this.fromNumbers = numbers;
    long differing = 0;
    for (int i = 0; i < size; i++) {
      differing |= ids[i] ^ ids[0];
    }
    this.varying = differing;
    this.end = Long.SIZE - Long.numberOfLeadingZeros(varying);
    this.shift = varying == 0 ? end : Long.numberOfTrailingZeros(varying);
    int passes = (end - shift + MAX_DIGIT_BITS - 1) / MAX_DIGIT_BITS;
    this.bits = passes == 0 ? 1 : (end - shift + passes - 1) / passes;
  }

  /**
   * Sorts the first ids of an array and returns the index that each of them had before.
   *
   * @param size how many ids to sort; what lies behind them is not touched
   */
  public static int[] sort(long[] ids, int size) {
    int[] numbers = new int[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = i;
    }
    IdOrder order = new IdOrder(ids, numbers);
    while (order.step()) {
      // Goes on.
    }
    return order.numbers();
  }

  /** Does a part of the work; returns false when the ids are sorted. */
  boolean step() {
    if (fromNumbers.length <= INSERTION_LIMIT) {
      insert(ids, fromNumbers);
      return false;
    }
    int mask = (1 << bits) - 1;
    while (shift < end && ((varying >>> shift) & mask) == 0) {
      shift += bits;
    }
    if (shift < end) {
      pass(mask);
      shift += bits;
      return true;
    }
    if (from != ids) {
      System.arraycopy(from, 0, ids, 0, fromNumbers.length);
    }
    return false;
  }

  /** Returns the numbers in the order of their ids, once these are sorted. */
  int[] numbers() {
    return fromNumbers;
  }

  private static void insert(long[] ids, int[] numbers) {
    for (int i = 1; i < numbers.length; i++) {
      long id = ids[i];
      int number = numbers[i];
      int at = i;
      while (at > 0 && Long.compareUnsigned(ids[at - 1], id) > 0) {
        ids[at] = ids[at - 1];
        numbers[at] = numbers[at - 1];
        at--;
      }
      ids[at] = id;
      numbers[at] = number;
    }
  }

  private void pass(int mask) {
    int size = fromNumbers.length;
    if (toNumbers.length < size) {
      to = new long[size];
      toNumbers = new int[size];
    }
    distribute(from, fromNumbers, to, toNumbers, shift, mask);
    long[] ids0 = from;
    from = to;
    to = ids0;
    int[] numbers0 = fromNumbers;
    fromNumbers = toNumbers;
    toNumbers = numbers0;
  }

  private static void distribute(
      long[] from, int[] fromNumbers, long[] to, int[] toNumbers, int shift, int mask) {
    int size = fromNumbers.length;
    int[] starts = new int[mask + 1];
    for (int i = 0; i < size; i++) {
      starts[(int) (from[i] >>> shift) & mask]++;
    }
    int start = 0;
    for (int digit = 0; digit <= mask; digit++) {
      int count = starts[digit];
      starts[digit] = start;
      start += count;
    }
    for (int i = 0; i < size; i++) {
      long id = from[i];
      int at = starts[(int) (id >>> shift) & mask]++;
      to[at] = id;
      toNumbers[at] = fromNumbers[i];
    }
  }
}
