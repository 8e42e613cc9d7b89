package io.tidemark.storage;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.roaringbitmap.IntConsumer;
import org.roaringbitmap.PeekableIntIterator;
import org.roaringbitmap.buffer.BufferFastAggregation;
import org.roaringbitmap.buffer.ImmutableRoaringBitmap;
import org.roaringbitmap.buffer.MutableRoaringBitmap;

/**
 * A set of unsigned 64-bit ids read where it lies, in the portable 64-bit Roaring format.
 *
 * <p>Format (RoaringFormatSpec, "extension for 64-bit implementations"): count of parts u64; then
 * for each part, in unsigned order, the high 32 bits and a portable 32-bit bitmap of the low ones.
 * Immutable; any number of threads may read.
 */
public final class MappedBitmap {

  /** The bitmap without ids. */
  public static final MappedBitmap EMPTY =
      new MappedBitmap(new int[0], new ImmutableRoaringBitmap[0]);

  private final int[] highs;
  private final ImmutableRoaringBitmap[] parts;

  private MappedBitmap(int[] highs, ImmutableRoaringBitmap[] parts) {
    this.highs = highs;
    this.parts = parts;
  }

  /**
   * Reads the directory of a bitmap; the ids stay in the buffer.
   *
   * @param buffer little-endian, exactly the bytes of one bitmap, already checked by their CRC
   */
  public static MappedBitmap of(ByteBuffer buffer) {
    ByteBuffer in = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int count = Math.toIntExact(in.getLong());
    int[] highs = new int[count];
    ImmutableRoaringBitmap[] parts = new ImmutableRoaringBitmap[count];
    for (int i = 0; i < count; i++) {
      highs[i] = in.getInt();
      parts[i] = new ImmutableRoaringBitmap(in.slice().order(ByteOrder.LITTLE_ENDIAN));
      in.position(in.position() + parts[i].serializedSizeInBytes());
    }
    return new MappedBitmap(highs, parts);
  }

  /**
   * Returns the bitmap of parts that nobody changes any more.
   *
   * @param highs in unsigned order
   * @param parts the low halves that go with each; none is empty
   */
  public static MappedBitmap of(List<Integer> highs, List<? extends ImmutableRoaringBitmap> parts) {
    return new MappedBitmap(
        highs.stream().mapToInt(Integer::intValue).toArray(),
        parts.toArray(ImmutableRoaringBitmap[]::new));
  }

  /** Returns the ids that are in any of the bitmaps. */
  public static MappedBitmap or(Iterable<MappedBitmap> bitmaps) {
    TreeMap<Integer, List<ImmutableRoaringBitmap>> byHigh = new TreeMap<>(Integer::compareUnsigned);
    for (MappedBitmap bitmap : bitmaps) {
      for (int i = 0; i < bitmap.parts(); i++) {
        byHigh.computeIfAbsent(bitmap.high(i), high -> new ArrayList<>()).add(bitmap.part(i));
      }
    }
    List<Integer> highs = new ArrayList<>(byHigh.keySet());
    List<ImmutableRoaringBitmap> parts = new ArrayList<>();
    byHigh.values().forEach(all -> parts.add(BufferFastAggregation.or(all.iterator())));
    return of(highs, parts);
  }

  /** Writes the bitmap in the portable format. */
  public void write(OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    data.writeLong(Long.reverseBytes(highs.length));
    for (int i = 0; i < highs.length; i++) {
      data.writeInt(Integer.reverseBytes(highs[i]));
      parts[i].serialize(data);
    }
    data.flush();
  }

  /** Returns the number of ids. */
  public long cardinality() {
    long total = 0;
    for (ImmutableRoaringBitmap part : parts) {
      total += part.getLongCardinality();
    }
    return total;
  }

  /** Returns whether the id is in the set. */
  public boolean contains(long id) {
    int high = (int) (id >>> Integer.SIZE);
    int low = 0;
    int end = highs.length;
    while (low < end) {
      int middle = (low + end) >>> 1;
      if (highs[middle] == high) {
        return parts[middle].contains((int) id);
      }
      if (Integer.compareUnsigned(highs[middle], high) < 0) {
        low = middle + 1;
      } else {
        end = middle;
      }
    }
    return false;
  }

  /** Returns how many different high halves there are. */
  public int parts() {
    return highs.length;
  }

  /** Returns a high half; they are in unsigned order. */
  public int high(int index) {
    return highs[index];
  }

  /** Returns the low halves that go with the {@code index}-th high half. */
  public ImmutableRoaringBitmap part(int index) {
    return parts[index];
  }

  /** Returns whether both hold the same ids. */
  public boolean sameAs(MappedBitmap other) {
    return Arrays.equals(highs, other.highs) && Arrays.equals(parts, other.parts);
  }

  /** Passes on every id, in unsigned order. */
  public void forEach(LongConsumer consumer) {
    for (int i = 0; i < highs.length; i++) {
      long high = (long) highs[i] << Integer.SIZE;
      IntConsumer lows = low -> consumer.accept(high | Integer.toUnsignedLong(low));
      parts[i].forEach(lows);
    }
  }

  /** Returns a cursor over the ids in unsigned order. */
  public Cursor cursor() {
    return new Cursor();
  }

  /** Walks the ids in unsigned order; not thread-safe. */
  public final class Cursor {
    private int index = -1;
    private PeekableIntIterator lows = new MutableRoaringBitmap().getIntIterator();

    private Cursor() {}

    /** Returns whether there is another id. */
    public boolean hasNext() {
      while (!lows.hasNext()) {
        if (index + 1 >= parts.length) {
          return false;
        }
        index++;
        lows = parts[index].getIntIterator();
      }
      return true;
    }

    /** Returns the next id; call {@link #hasNext} first. */
    public long next() {
      return ((long) highs[index] << Integer.SIZE) | Integer.toUnsignedLong(lows.next());
    }
  }
}
