package io.tidemark.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.storage.BitmapBuilder;
import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Bitmaps written a container at a time are those that Roaring writes, and are found again. */
class PortableBitmapWriterTest {
  private static final int IDS = 0;
  private static final int DIRECTORY = 1;

  /** What was written: the bitmap and where its containers are. */
  private record Written(ByteBuffer bitmap, ByteBuffer directory) {}

  private static Written write(Supplier<ContainerSource> ids) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SectionOutput out = new SectionOutput(bytes, 2);
    PortableBitmapWriter writer = new PortableBitmapWriter(out, ids);
    writer.write(IDS);
    int length = Math.toIntExact(out.length());
    writer.writeDirectory(DIRECTORY);
    out.flush();
    ByteBuffer all = ByteBuffer.wrap(bytes.toByteArray());
    return new Written(
        all.slice(0, length).order(ByteOrder.LITTLE_ENDIAN),
        all.slice(length, all.capacity() - length).order(ByteOrder.LITTLE_ENDIAN));
  }

  /** Makes ids up that lie alone, in runs, and densely, in containers near the edges. */
  private static long[] anyIds(Random random) {
    TreeSet<Long> ids = new TreeSet<>(Long::compareUnsigned);
    for (int groups = random.nextInt(8); groups > 0; groups--) {
      long start = Unsigned.any(random) + ((long) random.nextInt(4) << Character.SIZE);
      switch (random.nextInt(4)) {
        case 0 -> ids.add(start);
        case 1 -> {
          for (int i = random.nextInt(3000); i > 0; i--) {
            ids.add(start + i);
          }
        }
        case 2 -> {
          for (int i = random.nextInt(9000); i > 0; i--) {
            ids.add((start & ContainerSource.KEY_MASK) + random.nextInt(ContainerSource.SIZE));
          }
        }
        default -> {
          for (int i = random.nextInt(2500); i > 0; i--) {
            ids.add(start + 2L * i);
          }
        }
      }
    }
    return ids.stream().mapToLong(Long::longValue).toArray();
  }

  private static ByteBuffer roaring(long[] ids) {
    BitmapBuilder builder = new BitmapBuilder();
    for (long id : ids) {
      builder.add(id);
    }
    return ByteBuffer.wrap(builder.toBytes());
  }

  private static long[] read(ContainerSource source) {
    List<Long> ids = new ArrayList<>();
    while (source.next()) {
      char[] lows = source.lows();
      for (int i = 0; i < source.count(); i++) {
        ids.add(source.key() | lows[i]);
      }
    }
    return ids.stream().mapToLong(Long::longValue).toArray();
  }

  @Test
  void shouldWriteTheBytesThatRoaringWrites() {
    Seeds.each(
        200,
        random -> {
          long[] ids = anyIds(random);

          Written written = write(() -> new SortedContainers(ids, ids.length));

          assertEquals(roaring(ids), written.bitmap());
          assertArrayEquals(ids, read(new BitmapContainers(written.bitmap())));
        });
  }

  @Test
  void shouldUniteBitmaps() {
    Seeds.each(
        100,
        random -> {
          List<ByteBuffer> inputs = new ArrayList<>();
          TreeSet<Long> all = new TreeSet<>(Long::compareUnsigned);
          for (int i = random.nextInt(5); i > 0; i--) {
            long[] ids = anyIds(random);
            inputs.add(roaring(ids).order(ByteOrder.LITTLE_ENDIAN));
            Arrays.stream(ids).forEach(all::add);
          }

          Written written =
              write(() -> new UnionContainers(inputs.stream().map(BitmapContainers::new).toList()));

          assertEquals(
              roaring(all.stream().mapToLong(Long::longValue).toArray()), written.bitmap());
        });
  }

  @Test
  void shouldFindTheRowOfEachIdAndNoOther() {
    Seeds.each(
        100,
        random -> {
          long[] ids = anyIds(random);
          Written written = write(() -> new SortedContainers(ids, ids.length));
          IdDirectory directory =
              new IdDirectory(written.directory(), written.bitmap(), ids.length);

          IdDirectory.Cursor cursor = directory.cursor();
          for (int row = 0; row < ids.length; row++) {
            assertEquals(row, directory.find(ids[row]));
            assertEquals(true, cursor.next());
            assertEquals(ids[row], cursor.blockId());
            assertEquals(row, cursor.row());
          }
          assertEquals(false, cursor.next());
          for (int i = 0; i < 200; i++) {
            long id = ids.length > 0 && i % 2 == 0 ? ids[random.nextInt(ids.length)] + 1 : i;
            assertSeek(ids, directory, id);
          }
        });
  }

  private static void assertSeek(long[] ids, IdDirectory directory, long id) {
    int row = 0;
    while (row < ids.length && Long.compareUnsigned(ids[row], id) < 0) {
      row++;
    }
    boolean isIn = row < ids.length && ids[row] == id;
    assertEquals(isIn ? row : -1, directory.find(id));
    IdDirectory.Cursor cursor = directory.cursor();
    cursor.seek(id);
    assertEquals(row < ids.length, cursor.next());
    if (row < ids.length) {
      assertEquals(row, cursor.row());
      assertEquals(ids[row], cursor.blockId());
    }
  }
}
