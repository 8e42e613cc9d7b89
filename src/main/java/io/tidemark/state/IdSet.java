package io.tidemark.state;

import io.tidemark.storage.MappedBitmap;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.roaringbitmap.PeekableIntIterator;
import org.roaringbitmap.buffer.ImmutableRoaringBitmap;
import org.roaringbitmap.buffer.MutableRoaringBitmap;

/**
 * A set of unsigned 64-bit ids that begins as a mapped bitmap and copies a part of it when that
 * part is first changed.
 *
 * <p>One part for each value of the high 32 bits. Single writer; not thread-safe.
 */
final class IdSet {
  private final TreeMap<Integer, ImmutableRoaringBitmap> parts =
      new TreeMap<>(Integer::compareUnsigned);

  /** Creates an empty set. */
  IdSet() {}

  /** Creates a set that starts with the ids of a mapped bitmap, used where it lies. */
  IdSet(MappedBitmap base) {
    List<Integer> highs = base.highs();
    for (int i = 0; i < highs.size(); i++) {
      parts.put(highs.get(i), base.part(i));
    }
  }

  void add(long id) {
    mutable(high(id)).add((int) id);
  }

  void remove(long id) {
    if (contains(id)) {
      mutable(high(id)).remove((int) id);
    }
  }

  /** Adds the id or removes it. */
  void set(long id, boolean isMember) {
    if (isMember) {
      add(id);
    } else {
      remove(id);
    }
  }

  void clear() {
    parts.clear();
  }

  boolean contains(long id) {
    ImmutableRoaringBitmap part = parts.get(high(id));
    return part != null && part.contains((int) id);
  }

  long cardinality() {
    return parts.values().stream().mapToLong(ImmutableRoaringBitmap::getLongCardinality).sum();
  }

  void write(OutputStream out) throws IOException {
    List<Integer> highs = new ArrayList<>();
    List<ImmutableRoaringBitmap> written = new ArrayList<>();
    parts.forEach(
        (high, part) -> {
          if (!part.isEmpty()) {
            if (part instanceof MutableRoaringBitmap mutable) {
              mutable.runOptimize();
            }
            highs.add(high);
            written.add(part);
          }
        });
    MappedBitmap.write(highs, written, out);
  }

  /** Receives ids. */
  @FunctionalInterface
  interface IdHandler {
    void onId(long id);
  }

  /** Passes on every id in unsigned order. */
  void forEach(IdHandler handler) {
    parts.forEach(
        (high, part) -> {
          PeekableIntIterator lows = part.getIntIterator();
          while (lows.hasNext()) {
            handler.onId(((long) high << Integer.SIZE) | Integer.toUnsignedLong(lows.next()));
          }
        });
  }

  private static int high(long id) {
    return (int) (id >>> Integer.SIZE);
  }

  private MutableRoaringBitmap mutable(int high) {
    ImmutableRoaringBitmap part = parts.get(high);
    if (part instanceof MutableRoaringBitmap mutable) {
      return mutable;
    }
    MutableRoaringBitmap copy =
        part == null ? new MutableRoaringBitmap() : part.toMutableRoaringBitmap();
    parts.put(high, copy);
    return copy;
  }

  @Override
  public boolean equals(Object other) {
    if (!(other instanceof IdSet that)) {
      return false;
    }
    List<Long> mine = new ArrayList<>();
    List<Long> others = new ArrayList<>();
    forEach(mine::add);
    that.forEach(others::add);
    return mine.equals(others);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(cardinality());
  }
}
