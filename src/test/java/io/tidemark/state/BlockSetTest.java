package io.tidemark.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.storage.BitmapBuilder;
import io.tidemark.storage.MappedBitmap;
import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both implementations do what a sorted set does, and leave what they were made of alone. */
class BlockSetTest {

  private static NavigableSet<Long> any(Random random, int most) {
    NavigableSet<Long> ids = new TreeSet<>(Long::compareUnsigned);
    for (int i = random.nextInt(most); i > 0; i--) {
      long id = Unsigned.any(random);
      for (int run = random.nextInt(20); run >= 0; run--) {
        ids.add(id + run);
      }
    }
    return ids;
  }

  private static byte[] bytes(Collection<Long> ascending) {
    BitmapBuilder builder = new BitmapBuilder();
    ascending.forEach(builder::add);
    return builder.toBytes();
  }

  private static MappedBitmap mapped(byte[] bytes) {
    return MappedBitmap.of(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
  }

  private static List<Long> idsOf(MappedBitmap bitmap) {
    List<Long> ids = new ArrayList<>();
    for (MappedBitmap.Cursor cursor = bitmap.cursor(); cursor.hasNext(); ) {
      ids.add(cursor.next());
    }
    return ids;
  }

  @ParameterizedTest
  @EnumSource
  void shouldDoWhatASortedSetDoes(BlockSets sets) {
    Seeds.each(
        200,
        random -> {
          NavigableSet<Long> model = any(random, 30);
          byte[] base = bytes(model);
          byte[] before = base.clone();
          BlockSet set = sets.of(mapped(base));

          for (int step = random.nextInt(20); step > 0; step--) {
            NavigableSet<Long> ids = any(random, 10);
            if (random.nextBoolean() && !model.isEmpty()) {
              ids.addAll(model.headSet(Unsigned.any(random)));
            }
            MappedBitmap argument = mapped(bytes(ids));
            MappedBitmap image = set.image();
            List<Long> imageBefore = idsOf(image);
            switch (random.nextInt(8)) {
              case 0 -> {
                set.retainAll(argument);
                model.retainAll(ids);
              }
              case 1 -> {
                set.clear();
                model.clear();
              }
              case 2, 3, 4 -> {
                set.removeAll(argument);
                model.removeAll(ids);
              }
              default -> {
                set.addAll(argument);
                model.addAll(ids);
              }
            }
            assertEquals(imageBefore, idsOf(image), "an image does not change");
            assertEquals(new ArrayList<>(ids), idsOf(argument), "an argument does not change");
            assertEquals(model.size(), set.cardinality());
          }

          assertEquals(new ArrayList<>(model), idsOf(set.image()));
          for (long id : any(random, 10)) {
            assertEquals(model.contains(id), set.contains(id));
          }
          for (long id : model) {
            assertEquals(true, set.contains(id));
          }
          assertArrayEquals(before, base);
        });
  }
}
