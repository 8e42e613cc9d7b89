package io.tidemark.testing;

import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a power cut leaves of what was not forced: each piece of a page and each name reached the
 * disk or did not.
 *
 * @param random decides
 * @param chance how likely each piece reached the disk, from 0 to 1
 * @param unit bytes that reach the disk together, {@link #PAGE} or a part of it
 */
public record PowerCut(Random random, double chance, int unit) {

  /** Bytes of a page. */
  public static final int PAGE = 4096;

  private static final int SECTOR = 512;
  private static final byte[] ZEROS = new byte[PAGE];

  /** Draws how lucky the cut is, from nothing to everything, and in pieces of which size. */
  public static PowerCut any(Random random) {
    double[] chances = {0, 0.1, 0.5, 0.9, 1};
    double chance = chances[random.nextInt(chances.length)];
    return new PowerCut(random, chance, random.nextInt(4) == 0 ? SECTOR : PAGE);
  }

  /** Returns the cut that leaves only what was forced. */
  public static PowerCut keepingForced() {
    return new PowerCut(new Random(0), 0, PAGE);
  }

  /** Returns the cut that leaves everything, as the end of a process does. */
  public static PowerCut keepingAll() {
    return new PowerCut(new Random(0), 1, PAGE);
  }

  /** Decides about the next piece. */
  public boolean isWritten() {
    return random.nextDouble() < chance;
  }

  /** Draws which names a directory has after the cut, and for what; a rename is not torn. */
  public <T> Map<String, T> names(Map<String, T> safe, Map<String, T> current) {
    Map<String, T> before = new TreeMap<>(safe);
    Map<String, T> after = new TreeMap<>(current);
    Map<String, T> result = new TreeMap<>();
    for (Map.Entry<String, T> old : safe.entrySet()) {
      for (Map.Entry<String, T> renamed : current.entrySet()) {
        if (renamed.getValue().equals(old.getValue()) && !renamed.getKey().equals(old.getKey())) {
          Map<String, T> happened = isWritten() ? current : safe;
          for (String name : new String[] {old.getKey(), renamed.getKey()}) {
            before.remove(name);
            after.remove(name);
            if (happened.containsKey(name)) {
              result.put(name, happened.get(name));
            }
          }
        }
      }
    }
    TreeSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      T was = before.get(name);
      T is = after.get(name);
      T left = Objects.equals(was, is) || isWritten() ? is : was;
      if (left != null) {
        result.put(name, left);
      }
    }
    return result;
  }

  /** Draws what a page holds after the cut; a page that is not given is zeros. */
  public byte[] page(byte @Nullable [] safe, byte @Nullable [] current) {
    byte[] was = safe == null ? ZEROS : safe;
    byte[] is = current == null ? ZEROS : current;
    byte[] page = new byte[PAGE];
    for (int at = 0; at < PAGE; at += unit) {
      System.arraycopy(isWritten() ? is : was, at, page, at, unit);
    }
    return page;
  }
}
