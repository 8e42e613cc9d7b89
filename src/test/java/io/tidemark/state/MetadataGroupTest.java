package io.tidemark.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Packed rows of neighbouring blocks. */
class MetadataGroupTest {
  private static final long GROUP_ID = 0x1234_5678_9ABCL;
  private static final long TIMESTAMP_NS = 1_790_000_000_000_000_000L;

  private final ByteBuffer buffer = MetadataGroup.newBuffer();

  private static BlockMaxima anyMaxima(Random random, long scale) {
    BlockMaxima maxima = new BlockMaxima();
    for (BlockEventType type : BlockEventType.values()) {
      if (random.nextInt(3) == 0) {
        int generation = random.nextInt(20) == 0 ? random.nextInt() : 1;
        long offset = random.nextInt(20) == 0 ? random.nextLong() : random.nextLong() & scale;
        maxima.fold(type, generation, offset);
      }
    }
    return maxima;
  }

  private static boolean hasChange(BlockMaxima maxima) {
    return maxima.has(BlockEventType.CREATE)
        || maxima.has(BlockEventType.UPDATE)
        || maxima.has(BlockEventType.DELETE);
  }

  @Test
  void shouldFoldAndPackLikeRowsOfTheirOwn() {
    Seeds.each(
        3000,
        random -> {
          MetadataGroup group = new MetadataGroup();
          MetadataRow[] rows = new MetadataRow[MetadataGroup.ROWS];
          long scale = (1L << random.nextInt(64)) - 1;
          for (int folds = random.nextInt(200); folds > 0; folds--) {
            int row = random.nextInt(MetadataGroup.ROWS);
            BlockMaxima maxima = anyMaxima(random, scale);
            long timestampNs = hasChange(maxima) ? random.nextLong() & scale : Long.MIN_VALUE;
            group.fold(row, maxima, timestampNs);
            if (rows[row] == null) {
              rows[row] = new MetadataRow();
            }
            rows[row].fold(maxima, timestampNs);
            if (random.nextInt(10) == 0) {
              int length = group.encode(GROUP_ID, buffer);
              group = new MetadataGroup();
              assertTrue(group.decode(GROUP_ID, buffer, length));
            }
          }

          MetadataRow read = new MetadataRow();
          for (int row = 0; row < MetadataGroup.ROWS; row++) {
            boolean isPresent = group.read(row, read);

            MetadataRow expected = rows[row] == null ? new MetadataRow() : rows[row];
            assertEquals(
                MetadataRows.describe(expected.maxima(), expected.timestampNs()),
                MetadataRows.describe(read.maxima(), read.timestampNs()),
                "row " + row);
            assertEquals(isPresent(expected.maxima()), isPresent, "row " + row);
          }
        });
  }

  private static boolean isPresent(BlockMaxima maxima) {
    return hasChange(maxima) || maxima.has(BlockEventType.FLUSH);
  }

  /** A full group of blocks that were created and then updated. */
  private static MetadataGroup ordinaryGroup() {
    MetadataGroup group = new MetadataGroup();
    for (int row = 0; row < MetadataGroup.ROWS; row++) {
      BlockMaxima maxima = new BlockMaxima();
      maxima.fold(BlockEventType.CREATE, 1, 1_000_000_000L + row * 1000L);
      maxima.fold(BlockEventType.UPDATE, 1, 5_000_000_000L + row * 100_000L);
      group.fold(row, maxima, TIMESTAMP_NS + row * 1_000_000_000L);
    }
    return group;
  }

  @Test
  void shouldTakeSeventeenBytesForAnOrdinaryRow() {
    int length = ordinaryGroup().encode(GROUP_ID, buffer);

    assertTrue(length <= 17 * MetadataGroup.ROWS, "length " + length);
  }

  @Test
  void shouldHoldTheWidestRows() {
    MetadataGroup group = new MetadataGroup();
    for (int row = 0; row < MetadataGroup.ROWS; row++) {
      BlockMaxima maxima = new BlockMaxima();
      boolean isHigh = row % 2 == 1;
      for (BlockEventType type : BlockEventType.values()) {
        long ofType = type == BlockEventType.UPDATE ? 0 : 1;
        maxima.fold(type, isHigh ? -1 : 0, isHigh ? -1 - ofType : 1 - ofType);
      }
      group.fold(row, maxima, isHigh ? Long.MAX_VALUE : Long.MIN_VALUE + 1);
    }

    int length = group.encode(GROUP_ID, buffer);

    assertEquals(MetadataGroup.MAX_LENGTH, length);
    MetadataGroup again = new MetadataGroup();
    assertTrue(again.decode(GROUP_ID, buffer, length));
    MetadataRow row = new MetadataRow();
    assertTrue(again.read(63, row));
    assertEquals(
        "CREATE=-1/18446744073709551614 FLUSH=-1/18446744073709551614"
            + " DELETE=-1/18446744073709551614 CLEAR=-1/18446744073709551614"
            + " last=4294967295/18446744073709551615 CLEAN ts=9223372036854775807",
        MetadataRows.describe(row.maxima(), row.timestampNs()).replace("DIRTY", "CLEAN"));
  }

  @Test
  void shouldNotTakeAGroupForAnother() {
    int length = ordinaryGroup().encode(GROUP_ID, buffer);

    assertFalse(new MetadataGroup().decode(GROUP_ID + 1, buffer, length));
    assertTrue(new MetadataGroup().decode(GROUP_ID, buffer, length));
  }

  @Test
  void shouldDetectEveryFlippedBitAndEveryOtherLength() {
    int length = ordinaryGroup().encode(GROUP_ID, buffer);
    for (int bit = 0; bit < length * Byte.SIZE; bit++) {
      int at = MetadataGroup.VALUE_OFFSET + bit / Byte.SIZE;
      byte was = buffer.get(at);
      buffer.put(at, (byte) (was ^ 1 << bit % Byte.SIZE));
      assertFalse(new MetadataGroup().decode(GROUP_ID, buffer, length), "bit " + bit);
      buffer.put(at, was);
    }
    for (int other = -1; other <= MetadataGroup.MAX_LENGTH + 1; other++) {
      assertEquals(other == length, new MetadataGroup().decode(GROUP_ID, buffer, other));
    }
  }
}
