package io.tidemark.segment;

/** Ids of a sorted array. */
final class SortedContainers implements ContainerSource {
  private final long[] ids;
  private final int size;
  private int start;
  private int end;
  private final char[] lows;

  /** Takes the first {@code size} of the ids; they ascend as unsigned. */
  SortedContainers(long[] ids, int size) {
    this.ids = ids;
    this.size = size;
    this.lows = new char[Math.min(size, SIZE)];
  }

  @Override
  public boolean next() {
    start = end;
    while (end < size && (ids[end] & KEY_MASK) == (ids[start] & KEY_MASK)) {
      end++;
    }
    return start < end;
  }

  @Override
  public long key() {
    return ids[start] & KEY_MASK;
  }

  @Override
  public int count() {
    return end - start;
  }

  @Override
  public char[] lows() {
    for (int i = start; i < end; i++) {
      lows[i - start] = (char) ids[i];
    }
    return lows;
  }
}
