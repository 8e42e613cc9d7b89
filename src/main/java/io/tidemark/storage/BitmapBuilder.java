package io.tidemark.storage;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.roaringbitmap.buffer.MutableRoaringBitmap;

/**
 * Builds a portable 64-bit Roaring bitmap from ids in ascending unsigned order.
 *
 * <p>Not thread-safe.
 */
public final class BitmapBuilder {
  private final List<Integer> highs = new ArrayList<>();
  private final List<MutableRoaringBitmap> parts = new ArrayList<>();
  private long count;

  /** Adds the next id: higher, as unsigned, than every one before. */
  public void add(long id) {
    int high = (int) (id >>> Integer.SIZE);
    int last = highs.size() - 1;
    if (last < 0 || highs.get(last) != high) {
      assert last < 0 || Integer.compareUnsigned(highs.get(last), high) < 0
          : "ids went back: high=" + high + ", before=" + highs.get(last);
      highs.add(high);
      parts.add(new MutableRoaringBitmap());
      last++;
    }
    parts.get(last).add((int) id);
    count++;
  }

  /** Returns how many ids were added. */
  public long count() {
    return count;
  }

  /** Returns the ids; nothing may be added any more. */
  public MappedBitmap toBitmap() {
    for (MutableRoaringBitmap part : parts) {
      part.runOptimize();
    }
    return MappedBitmap.of(highs, parts);
  }

  /** Returns the bytes of {@link #toBitmap}. */
  public byte[] toBytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      toBitmap().write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
