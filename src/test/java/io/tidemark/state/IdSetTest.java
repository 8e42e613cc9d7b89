package io.tidemark.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.storage.BitmapBuilder;
import io.tidemark.storage.MappedBitmap;
import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A set that lies in a file until it is changed. */
class IdSetTest {

  private static byte[] bitmap(Collection<Long> ascending) {
    BitmapBuilder builder = new BitmapBuilder();
    ascending.forEach(builder::add);
    return builder.toBytes();
  }

  private static List<Long> idsOf(IdSet set) {
    List<Long> ids = new ArrayList<>();
    set.forEach(ids::add);
    return ids;
  }

  private static byte[] written(IdSet set) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    set.write(out);
    return out.toByteArray();
  }

  @Test
  void shouldCopyAPartWhenItIsTouchedAndLeaveTheBaseAlone() {
    byte[] bytes = bitmap(Unsigned.EDGES);
    byte[] before = bytes.clone();
    MappedBitmap base = MappedBitmap.of(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
    IdSet set = new IdSet(base);

    set.add(5);
    set.remove(-1);
    set.set(1L << 32, false);

    assertEquals(
        List.of(true, false, false),
        List.of(set.contains(5), set.contains(-1), set.contains(1L << 32)));
    assertEquals(
        List.of(false, true, true),
        List.of(base.contains(5), base.contains(-1), base.contains(1L << 32)));
    assertArrayEquals(before, bytes);
    assertEquals(Unsigned.EDGES.size() - 1, set.cardinality());
    assertEquals(Unsigned.EDGES.size(), base.cardinality());
  }

  @Test
  void shouldBeEmptyAfterClear() throws IOException {
    IdSet set = new IdSet(MappedBitmap.of(ByteBuffer.wrap(bitmap(Unsigned.EDGES))));

    set.clear();

    assertEquals(List.of(), idsOf(set));
    assertEquals(0, set.cardinality());
    assertFalse(set.contains(0));
    assertArrayEquals(bitmap(List.of()), written(set));
  }

  @Test
  void shouldWriteNoPartThatBecameEmpty() throws IOException {
    IdSet set = new IdSet(MappedBitmap.of(ByteBuffer.wrap(bitmap(List.of(3L, -1L)))));

    set.remove(-1);

    assertArrayEquals(bitmap(List.of(3L)), written(set));
  }

  @Test
  void shouldBeEqualWhateverItWasMadeOf() {
    IdSet mapped = new IdSet(MappedBitmap.of(ByteBuffer.wrap(bitmap(List.of(3L, -1L)))));
    IdSet built = new IdSet();
    built.add(-1);
    built.add(3);
    built.add(7);
    built.remove(7);

    assertEquals(mapped, built);
    assertEquals(mapped.hashCode(), built.hashCode());
    built.add(8);
    assertNotEquals(mapped, built);
  }

  @Test
  void shouldDoWhatASortedSetDoes() {
    Seeds.each(
        200,
        random -> {
          TreeSet<Long> model = new TreeSet<>(Long::compareUnsigned);
          for (int i = random.nextInt(50); i > 0; i--) {
            model.add(Unsigned.any(random));
          }
          IdSet set = new IdSet(MappedBitmap.of(ByteBuffer.wrap(bitmap(model))));

          for (int i = random.nextInt(200); i > 0; i--) {
            long id = Unsigned.any(random);
            if (random.nextBoolean()) {
              set.add(id);
              model.add(id);
            } else {
              set.remove(id);
              model.remove(id);
            }
          }

          assertEquals(new ArrayList<>(model), idsOf(set));
          assertEquals(model.size(), set.cardinality());
          assertTrue(model.stream().allMatch(set::contains));
          assertArrayEquals(bitmap(model), written(set));
        });
  }
}
