package io.tidemark.segment;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Writes ids as a bitmap in the portable 64-bit Roaring format, holding one container at a time.
 *
 * <p>The format tells the sizes of all containers of a part before the first of them, so the ids
 * are walked several times. Used once, by one thread.
 */
final class PortableBitmapWriter {

  /*
   *  count of parts u64; then for each part, in unsigned order:
   *   high 32 bits u32
   *   with runs: 12347 u16, containers - 1 u16, a bit for each container: whether it is of runs
   *   without:   12346 u32, containers u32
   *   for each container: middle 16 bits u16, count - 1 u16
   *   for each container its offset from behind the high bits, u32; left out if there are runs and
   *   less than 4 containers
   *   the containers
   */

  static final int RUN_COOKIE = 12347;
  static final int PLAIN_COOKIE = 12346;
  static final int MIN_CONTAINERS_WITH_OFFSETS = 4;

  private static final int MAX_CONTAINERS = 1 << Short.SIZE;
  private static final long HIGH_MASK = -1L << Integer.SIZE;

  private final SectionOutput out;
  private final Supplier<ContainerSource> ids;
  private long count;

  // The part being written.
  private int containers;
  private char[] keys = new char[1];
  private int[] counts = new int[1];
  private int[] runs = new int[1];

  /**
   * Takes what to write.
   *
   * @param ids gives a source that stands before the first of the same ids each time
   */
  PortableBitmapWriter(SectionOutput out, Supplier<ContainerSource> ids) {
    this.out = out;
    this.ids = ids;
  }

  /** Writes the bitmap as a section. */
  void write(int section) throws IOException {
    out.begin();
    out.putLong(countParts());
    ContainerSource scout = ids.get();
    ContainerSource writer = ids.get();
    boolean more = scout.next();
    while (more) {
      int high = (int) (scout.key() >>> Integer.SIZE);
      more = describePart(scout);
      writePart(high, writer);
    }
    out.end(section);
  }

  /** Writes where each container lies as a section; layout in {@link IdDirectory}. */
  void writeDirectory(int section) throws IOException {
    out.begin();
    long offset = Long.BYTES;
    long before = 0;
    ContainerSource scout = ids.get();
    boolean more = scout.next();
    while (more) {
      long high = scout.key() & HIGH_MASK;
      more = describePart(scout);
      offset += Integer.BYTES + headerLength();
      for (int i = 0; i < containers; i++) {
        out.putLong(high | (long) keys[i] << Character.SIZE | form(i));
        out.putInt(Math.toIntExact(offset));
        out.putInt(Math.toIntExact(before));
        offset += Containers.length(form(i), counts[i], runs[i]);
        before += counts[i];
      }
    }
    count = before;
    out.end(section);
  }

  /** Returns how many ids there are; known when the directory was written. */
  int count() {
    return Math.toIntExact(count);
  }

  private long countParts() {
    long parts = 0;
    long before = 0;
    ContainerSource source = ids.get();
    while (source.next()) {
      long high = source.key() & HIGH_MASK;
      parts += parts == 0 || high != before ? 1 : 0;
      before = high;
    }
    return parts;
  }

  /** Describes the containers of the part that a source stands in; returns whether one follows. */
  private boolean describePart(ContainerSource source) {
    long high = source.key() & HIGH_MASK;
    containers = 0;
    boolean more = true;
    while (more && (source.key() & HIGH_MASK) == high) {
      if (containers == keys.length) {
        int capacity = Math.min(2 * containers, MAX_CONTAINERS);
        keys = Arrays.copyOf(keys, capacity);
        counts = Arrays.copyOf(counts, capacity);
        runs = Arrays.copyOf(runs, capacity);
      }
      keys[containers] = (char) (source.key() >>> Character.SIZE);
      counts[containers] = source.count();
      runs[containers] = Containers.runs(source.lows(), counts[containers]);
      containers++;
      more = source.next();
    }
    return more;
  }

  private int form(int container) {
    return Containers.smallestForm(counts[container], runs[container]);
  }

  private boolean hasRuns() {
    for (int i = 0; i < containers; i++) {
      if (form(i) == Containers.RUNS) {
        return true;
      }
    }
    return false;
  }

  /** Returns the length of all that comes between a part's high bits and its first container. */
  private int headerLength() {
    boolean hasRuns = hasRuns();
    int length =
        hasRuns ? Integer.BYTES + (containers + Byte.SIZE - 1) / Byte.SIZE : 2 * Integer.BYTES;
    length += containers * 2 * Short.BYTES;
    return length + (hasOffsets(hasRuns) ? containers * Integer.BYTES : 0);
  }

  private boolean hasOffsets(boolean hasRuns) {
    return !hasRuns || containers >= MIN_CONTAINERS_WITH_OFFSETS;
  }

  private void writePart(int high, ContainerSource source) throws IOException {
    out.putInt(high);
    boolean hasRuns = hasRuns();
    writeCookie(hasRuns);
    for (int i = 0; i < containers; i++) {
      out.putShort(keys[i]);
      out.putShort(counts[i] - 1);
    }
    if (hasOffsets(hasRuns)) {
      int offset = headerLength();
      for (int i = 0; i < containers; i++) {
        out.putInt(offset);
        offset += Containers.length(form(i), counts[i], runs[i]);
      }
    }
    for (int i = 0; i < containers; i++) {
      boolean isThere = source.next();
      assert isThere && (char) (source.key() >>> Character.SIZE) == keys[i] : "ids changed";
      Containers.write(out, form(i), source.lows(), counts[i], runs[i]);
    }
  }

  private void writeCookie(boolean hasRuns) throws IOException {
    if (!hasRuns) {
      out.putInt(PLAIN_COOKIE);
      out.putInt(containers);
      return;
    }
    out.putShort(RUN_COOKIE);
    out.putShort(containers - 1);
    for (int i = 0; i < containers; i += Byte.SIZE) {
      int flags = 0;
      for (int bit = 0; bit < Byte.SIZE && i + bit < containers; bit++) {
        flags |= form(i + bit) == Containers.RUNS ? 1 << bit : 0;
      }
      out.putByte(flags);
    }
  }
}
