package io.tidemark.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.longlong.Roaring64NavigableMap;

/** Sets of unsigned ids in the portable format that other Roaring libraries read. */
class MappedBitmapTest {

  private static byte[] build(Collection<Long> ascending) {
    BitmapBuilder builder = new BitmapBuilder();
    ascending.forEach(builder::add);
    assertEquals(ascending.size(), builder.count());
    return builder.toBytes();
  }

  private static byte[] reference(Collection<Long> ids) throws IOException {
    Roaring64NavigableMap bitmap = new Roaring64NavigableMap(false);
    ids.forEach(bitmap::addLong);
    bitmap.runOptimize();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    bitmap.serializePortable(new DataOutputStream(out));
    return out.toByteArray();
  }

  private static List<Long> idsOf(MappedBitmap bitmap) {
    List<Long> ids = new ArrayList<>();
    for (MappedBitmap.Cursor cursor = bitmap.cursor(); cursor.hasNext(); ) {
      ids.add(cursor.next());
    }
    return ids;
  }

  /** Edges, neighbours of edges, runs and dense stretches, in unsigned order. */
  private static Set<Long> anyIds(Random random) {
    TreeSet<Long> ids = new TreeSet<>(Long::compareUnsigned);
    for (int parts = random.nextInt(6); parts > 0; parts--) {
      long start = Unsigned.any(random);
      int step = 1 + random.nextInt(3) * random.nextInt(50_000);
      for (int count = random.nextInt(300); count > 0; count--) {
        ids.add(start + (long) count * step);
      }
    }
    return ids;
  }

  @Test
  void shouldReadTheEdgesBack() {
    MappedBitmap bitmap = MappedBitmap.of(ByteBuffer.wrap(build(Unsigned.EDGES)));

    assertEquals(Unsigned.EDGES, idsOf(bitmap));
    assertEquals(Unsigned.EDGES.size(), bitmap.cardinality());
    for (long edge : Unsigned.EDGES) {
      assertTrue(bitmap.contains(edge), Long.toUnsignedString(edge));
      for (long near : new long[] {edge - 1, edge + 1}) {
        assertEquals(
            Unsigned.EDGES.contains(near), bitmap.contains(near), Long.toUnsignedString(near));
      }
    }
    assertEquals(
        List.of(0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, -1),
        IntStream.range(0, bitmap.parts()).map(bitmap::high).boxed().toList());
  }

  @Test
  void shouldBeEmptyWithoutIds() throws IOException {
    byte[] bytes = build(List.of());

    MappedBitmap bitmap = MappedBitmap.of(ByteBuffer.wrap(bytes));

    assertArrayEquals(new byte[Long.BYTES], bytes);
    assertArrayEquals(reference(List.of()), bytes);
    assertEquals(0, bitmap.cardinality());
    assertFalse(bitmap.cursor().hasNext());
    assertFalse(bitmap.contains(0));
  }

  @Test
  void shouldBeByteForByteWhatRoaringWrites() {
    Seeds.each(
        300,
        random -> {
          Set<Long> ids = anyIds(random);

          byte[] bytes = build(ids);

          assertArrayEquals(reference(ids), bytes);
          assertEquals(new ArrayList<>(ids), idsOf(MappedBitmap.of(ByteBuffer.wrap(bytes))));
        });
  }

  @Test
  void shouldBeReadableByRoaring() throws IOException {
    Roaring64NavigableMap read = new Roaring64NavigableMap(false);

    read.deserializePortable(new DataInputStream(new ByteArrayInputStream(build(Unsigned.EDGES))));

    assertArrayEquals(Unsigned.EDGES.stream().mapToLong(Long::longValue).toArray(), read.toArray());
  }

  @Test
  void shouldReadABitmapInTheMiddleOfABuffer() {
    byte[] bytes = build(Unsigned.EDGES);
    ByteBuffer buffer = ByteBuffer.allocate(bytes.length + 20);
    buffer.put(13, bytes);

    MappedBitmap bitmap = MappedBitmap.of(buffer.slice(13, bytes.length).asReadOnlyBuffer());

    assertEquals(Unsigned.EDGES, idsOf(bitmap));
  }

  @Test
  void shouldNotTakeIdsThatGoBack() {
    BitmapBuilder builder = new BitmapBuilder();
    builder.add(-1);

    AssertionError e = assertThrows(AssertionError.class, () -> builder.add(Long.MAX_VALUE));

    assertEquals("ids went back: high=2147483647, before=-1", e.getMessage());
  }

  @Test
  void shouldCompressRuns() {
    long[] run = new long[100_000];
    Arrays.setAll(run, i -> i + 5L);

    byte[] bytes = build(Arrays.stream(run).boxed().toList());

    assertTrue(bytes.length < 100, "bytes " + bytes.length);
  }
}
