package io.tidemark.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.tidemark.block.BlockEventType;
import io.tidemark.testing.EntryLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Records that an earlier build wrote say what went into them.
 *
 * <p>They are never written again: a change that cannot read them is a new format version.
 */
class JournalFormatsTest {
  private static final long STORE_ID = 0x5EED_0000_0000_0001L;
  private static final long EPOCH = 2;
  private static final long FIRST_POSITION = 100;
  private static final long DURABLE_MARK = 90;

  /** What the records were made of. */
  private static RecordBuffer content() {
    RecordBuffer record = new RecordBuffer();
    record.generation(3);
    record.assign(5, "d1.meters".getBytes(StandardCharsets.UTF_8));
    record.event(BlockEventType.CREATE, 5, 1000, 1_700_000_000_000_000_000L);
    record.event(BlockEventType.UPDATE, 6, 1001, 1_700_000_000_000_001_000L);
    record.event(BlockEventType.UPDATE, 5, 1001, 1_699_999_999_999_999_000L);
    record.event(BlockEventType.DELETE, -1, Long.MIN_VALUE, -7);
    record.flushAll(995, 1);
    record.event(BlockEventType.FLUSH, 1L << 40, -1, Long.MIN_VALUE);
    record.event(BlockEventType.CLEAR, 5, 998, Long.MAX_VALUE);
    record.event(BlockEventType.UPDATE, 0, 0, 0);
    record.beginGeneration(900);
    record.gap(0, 10, "log was lost");
    record.tombstone(1001, new byte[] {1, 2, (byte) 0xFF});
    record.prepare("nightly", 99);
    record.commit("nightly", 99);
    record.abort("weekly", 98);
    record.drop("weekly");
    record.cover(11, 1001, new byte[] {7});
    return record;
  }

  private static final List<String> CONTENT =
      List.of(
          "100 gen=3 ASSIGN id=5 name=64312e6d6574657273",
          "101 gen=3 CREATE id=5 wal=1000 ts=1700000000000000000",
          "102 gen=3 UPDATE id=6 wal=1001 ts=1700000000000001000",
          "103 gen=3 UPDATE id=5 wal=1001 ts=1699999999999999000",
          "104 gen=3 DELETE id=18446744073709551615 wal=9223372036854775808 ts=-7",
          "105 gen=3 FLUSH_ALL wal=995 ts=1",
          "106 gen=3 FLUSH id=1099511627776 wal=18446744073709551615 ts=-9223372036854775808",
          "107 gen=3 CLEAR id=5 wal=998 ts=9223372036854775807",
          "108 gen=3 UPDATE id=0 wal=0 ts=0",
          "109 gen=3 GENERATION common=900",
          "110 gen=3 GAP 0-10 reason=6c6f6720776173206c6f7374",
          "111 gen=3 TOMBSTONE wal=1001 bytes=0102ff",
          "112 gen=3 PREPARE chain=nightly end=99",
          "113 gen=3 COMMIT chain=nightly cursor=99",
          "114 gen=3 ABORT chain=weekly end=98",
          "115 gen=3 DROP chain=weekly",
          "116 gen=3 COVER 11-1001 mark=07");

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = JournalFormatsTest.class.getResourceAsStream("/formats/" + name)) {
      assertNotNull(in, name);
      return in.readAllBytes();
    }
  }

  private static void assertHoldsTheContent(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(bytes.length, JournalRecord.intactLength(buffer, 0));
    JournalRecord record = new JournalRecord().wrap(buffer);
    EntryLog entries = new EntryLog();

    record.forEach(entries);

    assertEquals(CONTENT, entries.lines());
    assertEquals(STORE_ID, record.storeId());
    assertEquals(EPOCH, record.epoch());
    assertEquals(FIRST_POSITION, record.firstPosition());
    assertEquals(DURABLE_MARK, record.durableMark());
    for (int i = 0; i < CONTENT.size(); i++) {
      EntryLog one = new EntryLog();
      record.forEach(FIRST_POSITION + i, FIRST_POSITION + i, one);
      assertEquals(List.of(CONTENT.get(i)), new ArrayList<>(one.lines()));
    }
  }

  @Test
  void shouldReadVersion1Record() throws IOException {
    assertHoldsTheContent(resource("journal-record-1.bin"));
  }

  @Test
  void shouldReadVersion2Record() throws IOException {
    assertHoldsTheContent(resource("journal-record-2.bin"));
  }

  @Test
  void shouldStillWriteTheSameBytes() throws IOException {
    ByteBuffer written = content().seal(STORE_ID, EPOCH, FIRST_POSITION, DURABLE_MARK);
    byte[] bytes = new byte[written.remaining()];
    written.get(bytes);

    assertArrayEquals(resource("journal-record-2.bin"), bytes);
  }
}
