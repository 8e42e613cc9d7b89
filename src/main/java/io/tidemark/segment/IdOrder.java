package io.tidemark.segment;

/**
 * Sorts ids as unsigned numbers and tells where each one stood.
 *
 * <p>Stable: equal ids stay in the order they came in. Radix sort, from the lowest digit on; digits
 * that all ids have in common cost nothing.
 */
public final class IdOrder {
  /** Wider digits take fewer passes, but each goes to more places than a core's caches hold. */
  private static final int MAX_DIGIT_BITS = 11;

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
    int first = varying == 0 ? Long.SIZE : Long.numberOfTrailingZeros(varying);
    int end = Long.SIZE - Long.numberOfLeadingZeros(varying);
    int passes = (end - first + MAX_DIGIT_BITS - 1) / MAX_DIGIT_BITS;
    int bits = passes == 0 ? 1 : (end - first + passes - 1) / passes;
    long[] from = ids;
    long[] to = new long[size];
    int[] fromOrder = order;
    int[] toOrder = new int[size];
    for (int shift = first; shift < end; shift += bits) {
      int mask = (1 << bits) - 1;
      if (((varying >>> shift) & mask) != 0) {
        distribute(from, fromOrder, to, toOrder, shift, mask);
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
      long[] from, int[] fromOrder, long[] to, int[] toOrder, int shift, int mask) {
    int size = fromOrder.length;
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
      toOrder[at] = fromOrder[i];
    }
  }
}
