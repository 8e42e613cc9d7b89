package io.tidemark.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever the values, they come back; the more alike, the fewer bytes. */
class PackedColumnsTest {
  private static final int PAGE_ROWS = 32;

  private static byte[] pack(long[][] rows, int columns) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SectionOutput out = new SectionOutput(bytes, 2);
    PackedColumnsWriter writer = new PackedColumnsWriter(out, columns, PAGE_ROWS);
    out.begin();
    for (long[] row : rows) {
      for (int column = 0; column < columns; column++) {
        writer.set(column, row[column]);
      }
      writer.endRow();
    }
    writer.finish();
    out.end(0);
    out.begin();
    writer.writePageOffsets();
    out.end(1);
    out.flush();
    return bytes.toByteArray();
  }

  private static PackedColumns open(byte[] packed, int columns, int rows) {
    int pages = (rows + PAGE_ROWS - 1) / PAGE_ROWS;
    int length = packed.length - pages * Integer.BYTES;
    ByteBuffer all = ByteBuffer.wrap(packed);
    return new PackedColumns(
        all.slice(0, length).order(ByteOrder.LITTLE_ENDIAN),
        all.slice(length, pages * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN),
        columns,
        PAGE_ROWS,
        rows);
  }

  /** Returns values of one kind: edges, small, of any width, or multiples behind a base. */
  private static long any(Random random, int kind) {
    return switch (kind) {
      case 0 -> Unsigned.any(random);
      case 1 -> random.nextInt(3);
      case 2 -> random.nextLong() >>> random.nextInt(Long.SIZE);
      case 3 -> 1L << kind | 137L * random.nextInt(1000);
      case 4 -> -5 - 1000L * random.nextInt(1000);
      default -> 42;
    };
  }

  @Test
  void shouldGiveBackEveryValueInAnyOrder() {
    Seeds.each(
        500,
        random -> {
          int columns = 1 + random.nextInt(6);
          long[][] rows = new long[random.nextInt(200)][columns];
          for (int column = 0; column < columns; column++) {
            int kind = random.nextInt(6);
            for (long[] row : rows) {
              row[column] = any(random, kind);
            }
          }

          PackedColumns packed = open(pack(rows, columns), columns, rows.length);

          for (int row = 0; row < rows.length; row++) {
            for (int column = 0; column < columns; column++) {
              assertEquals(rows[row][column], packed.get(column, row));
            }
          }
          for (int i = 0; rows.length > 0 && i < 100; i++) {
            int row = random.nextInt(rows.length);
            int column = random.nextInt(columns);
            assertEquals(rows[row][column], packed.get(column, row));
          }
        });
  }

  @Test
  void shouldTakeAByteForAPageOfZerosAndFewBitsForMultiples() throws IOException {
    long[][] zeros = new long[PAGE_ROWS][1];
    long[][] multiples = new long[PAGE_ROWS][1];
    for (int row = 0; row < PAGE_ROWS; row++) {
      multiples[row][0] = 1_700_000_000_000_000_000L + row % 4 * 1_000_000L;
    }
    int overhead = Long.BYTES + Integer.BYTES;

    int zerosLength = pack(zeros, 1).length - overhead;
    int multiplesLength = pack(multiples, 1).length - overhead;

    assertEquals(1, zerosLength);
    assertTrue(multiplesLength <= 1 + 2 * Long.BYTES + 2 * PAGE_ROWS / Byte.SIZE);
  }
}
