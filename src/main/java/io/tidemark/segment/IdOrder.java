package io.tidemark.segment;

/**
 * Sorts ids as unsigned numbers and tells where each one stood.
 *
 * <p>Stable: equal ids stay in the order they came in. Radix sort, from the lowest digit on; digits
 * that all ids have in common cost nothing.
 */
public final class IdOrder {
  private static final int DIGIT_BITS = 11;
  private static final int DIGITS = 1 << DIGIT_BITS;
  private static final int DIGIT_MASK = DIGITS - 1;

  /** So few are sorted by insertion: counting digits would take longer. */
  private static final int INSERTION_LIMIT = 48;

  private IdOrder() {}

  /**
   * Sorts the first ids of an array and returns the index that each of them had before.
   *
   * @param size how many ids to sort; what lies behind them is not touched
   */
  public static int[] sort(long[] ids, int size) {
    int[] order = new int[size];
    long varying = 0;
    for (int i = 0; i < size; i++) {
      order[i] = i;
      varying |= ids[i] ^ ids[0];
    }
    if (size <= INSERTION_LIMIT) {
      insert(ids, order);
      return order;
    }
    long[] from = ids;
    long[] to = new long[size];
    int[] fromOrder = order;
    int[] toOrder = new int[size];
    for (int shift = 0; shift < Long.SIZE; shift += DIGIT_BITS) {
      if (((varying >>> shift) & DIGIT_MASK) != 0) {
        distribute(from, fromOrder, to, toOrder, shift);
        long[] ids0 = from;
        from = to;
        to = ids0;
        int[] order0 = fromOrder;
        fromOrder = toOrder;
        toOrder = order0;
      }
    }
    if (from != ids) {
      System.arraycopy(from, 0, ids, 0, size);
    }
    return fromOrder;
  }

  private static void insert(long[] ids, int[] order) {
    for (int i = 1; i < order.length; i++) {
      long id = ids[i];
      int at = i;
      while (at > 0 && Long.compareUnsigned(ids[at - 1], id) > 0) {
        ids[at] = ids[at - 1];
        order[at] = order[at - 1];
        at--;
      }
      ids[at] = id;
      order[at] = i;
    }
  }

  private static void distribute(
      long[] from, int[] fromOrder, long[] to, int[] toOrder, int shift) {
    int size = fromOrder.length;
    int[] starts = new int[DIGITS];
    for (int i = 0; i < size; i++) {
      starts[(int) (from[i] >>> shift) & DIGIT_MASK]++;
    }
    int start = 0;
    for (int digit = 0; digit < DIGITS; digit++) {
      int count = starts[digit];
      starts[digit] = start;
      start += count;
    }
    for (int i = 0; i < size; i++) {
      long id = from[i];
      int at = starts[(int) (id >>> shift) & DIGIT_MASK]++;
      to[at] = id;
      toOrder[at] = fromOrder[i];
    }
  }
}
