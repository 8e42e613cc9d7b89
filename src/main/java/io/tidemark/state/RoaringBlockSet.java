package io.tidemark.state;

import io.tidemark.storage.MappedBitmap;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.roaringbitmap.buffer.ImmutableRoaringBitmap;
import org.roaringbitmap.buffer.MutableRoaringBitmap;

/**
 * A mapped bitmap under what changed since: the bitmap stays where it lies, only the difference is
 * on the heap.
 */
final class RoaringBlockSet implements BlockSet {

  /** The ids that share their high 32 bits. Invariants: added ∩ base = ∅, removed ⊆ base. */
  private static final class Part {
    private final ImmutableRoaringBitmap base;
    private final MutableRoaringBitmap added = new MutableRoaringBitmap();
    private final MutableRoaringBitmap removed = new MutableRoaringBitmap();

    Part(ImmutableRoaringBitmap base) {
      this.base = base;
    }

    boolean contains(int low) {
      return added.contains(low) || (base.contains(low) && !removed.contains(low));
    }

    long cardinality() {
      return base.getLongCardinality() + added.getLongCardinality() - removed.getLongCardinality();
    }

    void addAll(ImmutableRoaringBitmap lows) {
      added.or(ImmutableRoaringBitmap.andNot(lows, base));
      removed.andNot(lows);
    }

    void removeAll(ImmutableRoaringBitmap lows) {
      added.andNot(lows);
      removed.or(ImmutableRoaringBitmap.and(lows, base));
    }

    ImmutableRoaringBitmap image() {
      if (added.isEmpty() && removed.isEmpty()) {
        return base;
      }
      MutableRoaringBitmap image = ImmutableRoaringBitmap.andNot(base, removed);
      image.or(added);
      return image;
    }
  }

  private final TreeMap<Integer, Part> parts = new TreeMap<>(Integer::compareUnsigned);
  private long cardinality;

  RoaringBlockSet(MappedBitmap base) {
    for (int i = 0; i < base.parts(); i++) {
      Part part = new Part(base.part(i));
      parts.put(base.high(i), part);
      cardinality += part.cardinality();
    }
  }

  @Override
  public boolean contains(long id) {
    Part part = parts.get((int) (id >>> Integer.SIZE));
    return part != null && part.contains((int) id);
  }

  @Override
  public long cardinality() {
    return cardinality;
  }

  @Override
  public void addAll(MappedBitmap ids) {
    for (int i = 0; i < ids.parts(); i++) {
      Part part = parts.computeIfAbsent(ids.high(i), high -> new Part(new MutableRoaringBitmap()));
      cardinality -= part.cardinality();
      part.addAll(ids.part(i));
      cardinality += part.cardinality();
    }
  }

  @Override
  public void removeAll(MappedBitmap ids) {
    for (int i = 0; i < ids.parts(); i++) {
      Part part = parts.get(ids.high(i));
      if (part != null) {
        cardinality -= part.cardinality();
        part.removeAll(ids.part(i));
        cardinality += part.cardinality();
      }
    }
  }

  @Override
  public void retainAll(MappedBitmap ids) {
    TreeMap<Integer, Part> kept = new TreeMap<>(Integer::compareUnsigned);
    cardinality = 0;
    for (int i = 0; i < ids.parts(); i++) {
      Part part = parts.get(ids.high(i));
      if (part != null) {
        Part rest = new Part(ImmutableRoaringBitmap.and(part.image(), ids.part(i)));
        kept.put(ids.high(i), rest);
        cardinality += rest.cardinality();
      }
    }
    parts.clear();
    parts.putAll(kept);
  }

  @Override
  public void clear() {
    parts.clear();
    cardinality = 0;
  }

  @Override
  public MappedBitmap image() {
    List<Integer> highs = new ArrayList<>();
    List<ImmutableRoaringBitmap> images = new ArrayList<>();
    parts.forEach(
        (high, part) -> {
          ImmutableRoaringBitmap image = part.image();
          if (!image.isEmpty()) {
            highs.add(high);
            images.add(image);
          }
        });
    return MappedBitmap.of(highs, images);
  }
}
