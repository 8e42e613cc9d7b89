package io.tidemark.segment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/** Ids that are in any of several sources. */
final class UnionContainers implements ContainerSource {
  private final PriorityQueue<ContainerSource> ahead;
  private final List<ContainerSource> current = new ArrayList<>();
  private final long[] words = new long[SIZE / Long.SIZE];
  private char[] lows = new char[SIZE];
  private final char[] merged = lows;
  private int count;
  private boolean isRead;

  UnionContainers(List<? extends ContainerSource> sources) {
    this.ahead =
        new PriorityQueue<>(
            Math.max(sources.size(), 1), (a, b) -> Long.compareUnsigned(a.key(), b.key()));
    for (ContainerSource source : sources) {
      if (source.next()) {
        ahead.add(source);
      }
    }
  }

  @Override
  public boolean next() {
    for (ContainerSource source : current) {
      if (source.next()) {
        ahead.add(source);
      }
    }
    current.clear();
    isRead = false;
    ContainerSource lowest = ahead.peek();
    if (lowest == null) {
      return false;
    }
    long key = lowest.key();
    for (ContainerSource source = lowest;
        source != null && source.key() == key;
        source = ahead.peek()) {
      ahead.remove();
      current.add(source);
    }
    return true;
  }

  @Override
  public long key() {
    return current.get(0).key();
  }

  @Override
  public int count() {
    read();
    return count;
  }

  @Override
  public char[] lows() {
    read();
    return lows;
  }

  private void read() {
    if (isRead) {
      return;
    }
    isRead = true;
    if (current.size() == 1) {
      count = current.get(0).count();
      lows = current.get(0).lows();
      return;
    }
    Arrays.fill(words, 0);
    for (ContainerSource source : current) {
      char[] one = source.lows();
      for (int i = source.count() - 1; i >= 0; i--) {
        words[one[i] / Long.SIZE] |= 1L << one[i];
      }
    }
    lows = merged;
    count = 0;
    for (int word = 0; word < words.length; word++) {
      for (long bits = words[word]; bits != 0; bits &= bits - 1) {
        lows[count] = (char) (word * Long.SIZE + Long.numberOfTrailingZeros(bits));
        count++;
      }
    }
  }
}
