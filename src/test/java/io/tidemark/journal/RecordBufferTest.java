package io.tidemark.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.UnsupportedFormatException;
import io.tidemark.testing.EntryLog;
import io.tidemark.testing.Seeds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records as they are built, sealed and read. */
class RecordBufferTest {
  private static final long STORE_ID = 0xFEDC_BA98_7654_3210L;
  private static final long EPOCH = 12;
  private static final long FIRST = 100;
  private static final long DURABLE = 90;

  private RecordBuffer buffer;

  @BeforeEach
  void createBuffer() {
    buffer = new RecordBuffer();
  }

  private JournalRecord sealed() {
    ByteBuffer bytes = buffer.seal(STORE_ID, EPOCH, FIRST, DURABLE);
    assertEquals(bytes.limit(), JournalRecord.intactLength(bytes, 0));
    return new JournalRecord().wrap(bytes);
  }

  private static List<String> linesOf(JournalRecord record) {
    EntryLog log = new EntryLog();
    record.forEach(log);
    return log.lines();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void addOneOfEach() {
    buffer.event(BlockEventType.CREATE, 0, 0, 0);
    buffer.event(BlockEventType.UPDATE, -1, Long.MIN_VALUE, -1);
    buffer.event(BlockEventType.FLUSH, Long.MAX_VALUE, 1, Long.MAX_VALUE);
    buffer.event(BlockEventType.DELETE, 1L << 32, -1, Long.MIN_VALUE);
    buffer.flushAll(-1, -5);
    buffer.assign(-1, utf8("d1.t1"));
    buffer.cover(0, -1, new byte[] {1, (byte) 0xFF});
    buffer.gap(Long.MIN_VALUE, -1, "größer");
    buffer.beginGeneration(Long.MIN_VALUE);
    buffer.commit("nightly", 99);
    buffer.tombstone(7, new byte[0]);
  }

  private static final List<String> ONE_OF_EACH =
      List.of(
          "100 gen=4294967295 CREATE id=0 wal=0 ts=0",
          "101 gen=4294967295 UPDATE id=18446744073709551615 wal=9223372036854775808 ts=-1",
          "102 gen=4294967295 FLUSH id=9223372036854775807 wal=1 ts=9223372036854775807",
          "103 gen=4294967295 DELETE id=4294967296 wal=18446744073709551615"
              + " ts=-9223372036854775808",
          "104 gen=4294967295 FLUSH_ALL wal=18446744073709551615 ts=-5",
          "105 gen=4294967295 ASSIGN id=18446744073709551615 name=64312e7431",
          "106 gen=4294967295 COVER 0-18446744073709551615 mark=01ff",
          "107 gen=4294967295 GAP 9223372036854775808-18446744073709551615"
              + " reason=6772c3b6c39f6572",
          "108 gen=4294967295 GENERATION common=9223372036854775808",
          "109 gen=4294967295 COMMIT chain=nightly cursor=99",
          "110 gen=4294967295 TOMBSTONE wal=7 bytes=");

  @Test
  void shouldReadBackEveryTypeOfEntry() {
    buffer.generation(-1);
    addOneOfEach();

    JournalRecord record = sealed();

    assertEquals(ONE_OF_EACH, linesOf(record));
    assertEquals(11, record.count());
    assertEquals(-1, record.generation());
    assertEquals(STORE_ID, record.storeId());
    assertEquals(EPOCH, record.epoch());
    assertEquals(FIRST, record.firstPosition());
    assertEquals(FIRST + 10, record.lastPosition());
    assertEquals(DURABLE, record.durableMark());
  }

  @Test
  void shouldPassOnTheEntriesOfAnInterval() {
    buffer.generation(-1);
    addOneOfEach();
    JournalRecord record = sealed();

    for (int from = 0; from <= ONE_OF_EACH.size(); from++) {
      for (int to = from; to <= ONE_OF_EACH.size(); to++) {
        EntryLog log = new EntryLog();
        record.forEach(FIRST + from, FIRST + to - 1, log);
        assertEquals(ONE_OF_EACH.subList(from, to), log.lines());
      }
    }
    EntryLog all = new EntryLog();
    record.forEach(0, Long.MAX_VALUE, all);
    assertEquals(ONE_OF_EACH, all.lines());
  }

  @Test
  void shouldPassOnItsOwnEntriesAfterItWasSealed() {
    buffer.generation(-1);
    addOneOfEach();
    buffer.seal(STORE_ID, EPOCH, FIRST, DURABLE);
    EntryLog log = new EntryLog();

    buffer.forEach(log);

    assertEquals(ONE_OF_EACH, log.lines());
  }

  @Test
  void shouldBeEmptyAndOfTheSameGenerationWhenCleared() {
    buffer.generation(7);
    addOneOfEach();
    sealed();

    buffer.clear();

    assertEquals(0, buffer.count());
    assertFalse(buffer.needsForce());
    buffer.flushAll(5, 6);
    assertEquals(List.of("100 gen=7 FLUSH_ALL wal=5 ts=6"), linesOf(sealed()));
  }

  @Test
  void shouldAskForAForceWhenSomebodyMayActOnAnEntry() {
    assertFalse(needsForce(b -> b.event(BlockEventType.UPDATE, 1, 1, 1)));
    assertFalse(needsForce(b -> b.flushAll(1, 1)));
    assertFalse(needsForce(b -> b.cover(1, 1, new byte[0])));
    assertFalse(needsForce(b -> b.tombstone(1, new byte[0])));
    assertTrue(needsForce(b -> b.assign(1, new byte[0])));
    assertTrue(needsForce(b -> b.gap(1, 1, "lost")));
    assertTrue(needsForce(b -> b.beginGeneration(1)));
    assertTrue(needsForce(b -> b.commit("nightly", 1)));
  }

  private static boolean needsForce(Consumer<RecordBuffer> entry) {
    RecordBuffer buffer = new RecordBuffer();
    entry.accept(buffer);
    return buffer.needsForce();
  }

  @Test
  void shouldRefuseAnotherGenerationOnceItHasEntries() {
    buffer.flushAll(1, 1);

    IllegalStateException e = assertThrows(IllegalStateException.class, () -> buffer.generation(2));

    assertEquals("record has entries of another generation: count=1", e.getMessage());
  }

  @Test
  void shouldRefuseToSealNothing() {
    IllegalStateException e = assertThrows(IllegalStateException.class, this::sealed);

    assertEquals("record is empty: firstPosition=100", e.getMessage());
  }

  @Test
  void shouldTakeTheLongestText() {
    byte[] longest = new byte[JournalEntries.MAX_TEXT_LENGTH];
    longest[longest.length - 1] = 1;

    buffer.tombstone(3, longest);

    assertTrue(
        linesOf(sealed()).get(0).endsWith("0001"), "the last byte of the longest text is there");
  }

  @Test
  void shouldStayReadableWhenALongerTextWasRefused() {
    byte[] tooLong = new byte[JournalEntries.MAX_TEXT_LENGTH + 1];
    String tooLongText = "x".repeat(tooLong.length);
    List<Consumer<RecordBuffer>> entries =
        List.of(
            b -> b.assign(1, tooLong),
            b -> b.cover(1, 2, tooLong),
            b -> b.gap(1, 2, tooLongText),
            b -> b.commit(tooLongText, 1),
            b -> b.tombstone(1, tooLong));

    for (Consumer<RecordBuffer> entry : entries) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> entry.accept(buffer));
      assertEquals("journal entry is too long: limit=65535, length=65536", e.getMessage());
    }

    assertEquals(0, buffer.count());
    assertFalse(buffer.needsForce());
    buffer.flushAll(5, 6);
    assertEquals(List.of("100 gen=1 FLUSH_ALL wal=5 ts=6"), linesOf(sealed()));
  }

  @Test
  void shouldRefuseWhatDoesNotFitAndKeepTheRest() {
    int events = 0;
    while (buffer.hasRoom()) {
      longestEvent(events);
      events++;
    }
    assertTrue(buffer.isFull());
    buffer.tombstone(1, new byte[JournalEntries.MAX_TEXT_LENGTH]);
    int full = events + 1;

    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> buffer.tombstone(3, new byte[0]));

    assertEquals("record is full: capacity=1048576, count=" + full, e.getMessage());
    assertEquals(full, buffer.count());
    assertEquals(full, linesOf(sealed()).size());
  }

  /** Adds an event that no other is near, so that it is as long as events get. */
  private void longestEvent(int number) {
    long far = Long.MIN_VALUE * (number & 1) + number;
    buffer.event(BlockEventType.UPDATE, far, far, far);
  }

  @Test
  void shouldTakeTheLongestEventsUpToTheLastByte() {
    buffer.event(BlockEventType.UPDATE, 0, 0, 0);
    int shortest = buffer.length() - RecordDescriptor.HEADER_LENGTH;
    for (int i = 1; i < RecordBuffer.MAX_EVENTS; i++) {
      longestEvent(i);
    }
    assertEquals(
        RecordDescriptor.HEADER_LENGTH
            + shortest
            + (RecordBuffer.MAX_EVENTS - 1) * JournalEntries.EVENT_LENGTH,
        buffer.length());
    assertTrue(RecordDescriptor.MAX_LENGTH - buffer.length() < 2 * JournalEntries.EVENT_LENGTH);

    assertThrows(IllegalStateException.class, () -> longestEvent(0));

    JournalRecord record = sealed();
    assertEquals(RecordBuffer.MAX_EVENTS, linesOf(record).size());
    assertEquals(
        "42039 gen=1 UPDATE id=9223372036854817747 wal=9223372036854817747"
            + " ts=-9223372036854733869",
        linesOf(record).get(RecordBuffer.MAX_EVENTS - 1));
  }

  @Test
  void shouldTakeNoMoreEntriesHoweverShortTheyAre() {
    for (int i = 0; i < RecordBuffer.MAX_EVENTS; i++) {
      assertEquals(i <= RecordBuffer.MAX_EVENTS - 2, buffer.hasRoom(), "entries " + i);
      buffer.event(BlockEventType.UPDATE, i, i, i);
    }

    assertThrows(IllegalStateException.class, () -> buffer.beginGeneration(1));

    assertTrue(buffer.isFull());
    assertEquals(RecordBuffer.MAX_EVENTS, linesOf(sealed()).size());
  }

  @Test
  void shouldPassOnControlsWithoutTheEventsAroundThem() {
    buffer.event(BlockEventType.CREATE, 5, 1, 1);
    buffer.event(BlockEventType.CLEAR, 5, 1, 1);
    buffer.flushAll(1, 2);
    buffer.event(BlockEventType.UPDATE, -1, -1, -1);
    buffer.event(BlockEventType.CLEAR, 6, 1, 1);
    buffer.cover(1, 9, new byte[] {1});
    buffer.event(BlockEventType.DELETE, 7, 1, 1);
    buffer.seal(STORE_ID, EPOCH, FIRST, DURABLE);
    EntryLog controls = new EntryLog();

    buffer.forEachControl(controls);

    assertEquals(
        List.of("102 gen=1 FLUSH_ALL wal=1 ts=2", "105 gen=1 COVER 1-9 mark=01"), controls.lines());
    EntryLog all = new EntryLog();
    buffer.forEach(all);
    assertEquals(7, all.lines().size());
  }

  @Test
  void shouldKnowThatItHoldsNoControls() {
    buffer.flushAll(1, 2);
    buffer.clear();
    buffer.event(BlockEventType.UPDATE, 1, 1, 1);
    buffer.seal(STORE_ID, EPOCH, FIRST, DURABLE);
    EntryLog controls = new EntryLog();

    buffer.forEachControl(controls);

    assertEquals(List.of(), controls.lines());
  }

  @Test
  void shouldForgetTheEventBeforeWhenCleared() {
    buffer.event(BlockEventType.UPDATE, 1L << 40, 1L << 41, 1L << 42);
    buffer.clear();

    buffer.event(BlockEventType.UPDATE, 3, 4, 5);

    assertEquals(List.of("100 gen=1 UPDATE id=3 wal=4 ts=5"), linesOf(sealed()));
  }

  @Test
  void shouldNotTakeAnyAlteredByteForIntact() {
    buffer.event(BlockEventType.UPDATE, 1, 2, 3);
    buffer.gap(4, 5, "why");
    ByteBuffer bytes = buffer.seal(STORE_ID, EPOCH, FIRST, DURABLE);
    int length = bytes.limit();

    for (int bit = Long.SIZE; bit < length * Byte.SIZE; bit++) {
      int at = bit / Byte.SIZE;
      byte intact = bytes.get(at);
      bytes.put(at, (byte) (intact ^ 1 << bit % Byte.SIZE));
      assertTrue(JournalRecord.intactLength(bytes, 0) <= 0, "bit " + bit);
      bytes.put(at, intact);
    }
    for (int limit = 0; limit < length; limit++) {
      int needed = limit < RecordDescriptor.HEADER_LENGTH ? RecordDescriptor.HEADER_LENGTH : length;
      assertEquals(
          -needed,
          JournalRecord.intactLength(
              bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).limit(limit), 0),
          "limit " + limit);
    }
  }

  @Test
  void shouldNeverReadBehindARecordOfRandomBytes() {
    Seeds.each(
        200,
        random -> {
          byte[] bytes = new byte[64 + random.nextInt(200)];
          random.nextBytes(bytes);
          ByteBuffer garbage = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);

          int length = JournalRecord.intactLength(garbage, 0);

          assertTrue(length <= 0, "length " + length);
        });
  }

  /** A record whose CRC is right although its content is not: what a faulty writer would leave. */
  private JournalRecord rewritten(Consumer<ByteBuffer> change) {
    ByteBuffer bytes = buffer.seal(STORE_ID, EPOCH, FIRST, DURABLE);
    ByteBuffer copy =
        ByteBuffer.allocate(bytes.limit()).order(ByteOrder.LITTLE_ENDIAN).put(bytes.duplicate());
    change.accept(copy);
    int length = copy.getInt(RecordDescriptor.LENGTH_OFFSET);
    copy.putInt(RecordDescriptor.CRC_OFFSET, JournalRecord.crc(copy, length));
    return new JournalRecord().wrap(copy);
  }

  @Test
  void shouldSayThatEntriesAreCut() {
    buffer.flushAll(1, 2);
    JournalRecord record = rewritten(bytes -> bytes.putInt(RecordDescriptor.COUNT_OFFSET, 2));

    CorruptFileException e =
        assertThrows(CorruptFileException.class, () -> record.forEach(new EntryLog()));

    assertEquals("corrupt journal record: entries are cut: position=101", e.getMessage());
  }

  @Test
  void shouldSayThatBytesFollowTheEntries() {
    buffer.flushAll(1, 2);
    buffer.flushAll(3, 4);
    JournalRecord record = rewritten(bytes -> bytes.putInt(RecordDescriptor.COUNT_OFFSET, 1));

    CorruptFileException e =
        assertThrows(CorruptFileException.class, () -> record.forEach(new EntryLog()));

    assertEquals("corrupt journal record: bytes behind the entries: position=101", e.getMessage());
  }

  @Test
  void shouldSayThatAnEntryIsOfUnknownType() {
    buffer.flushAll(1, 2);
    JournalRecord record = rewritten(bytes -> bytes.put(RecordDescriptor.HEADER_LENGTH, (byte) 15));

    CorruptFileException e =
        assertThrows(CorruptFileException.class, () -> record.forEach(new EntryLog()));

    assertEquals("corrupt journal entry: unknown type: position=100, type=15", e.getMessage());
  }

  @Test
  void shouldRefuseANewerVersion() {
    buffer.flushAll(1, 2);

    UnsupportedFormatException e =
        assertThrows(
            UnsupportedFormatException.class,
            () -> rewritten(bytes -> bytes.putShort(RecordDescriptor.VERSION_OFFSET, (short) 3)));

    assertEquals(
        "journal record is of a version that this program does not read: oldest=1, newest=2,"
            + " actual=3, position=100",
        e.getMessage());
  }

  @Test
  void shouldRefuseAVersionThatNeverWas() {
    buffer.flushAll(1, 2);

    assertThrows(
        UnsupportedFormatException.class,
        () -> rewritten(bytes -> bytes.putShort(RecordDescriptor.VERSION_OFFSET, (short) 0)));
  }

  @Test
  void shouldNotTakeAnEntryOfVersion1ForAPackedEvent() {
    buffer.event(BlockEventType.CREATE, 1, 2, 3);
    JournalRecord record =
        rewritten(bytes -> bytes.putShort(RecordDescriptor.VERSION_OFFSET, (short) 1));

    CorruptFileException e =
        assertThrows(CorruptFileException.class, () -> record.forEach(new EntryLog()));

    assertEquals("corrupt journal entry: unknown type: position=100, type=-127", e.getMessage());
  }

  @Test
  void shouldSayThatAPackedEventIsCut() {
    buffer.event(BlockEventType.UPDATE, 1, 2, 3);
    buffer.event(BlockEventType.UPDATE, 1000, 2000, 3000);
    JournalRecord record =
        rewritten(
            bytes -> {
              int length = bytes.getInt(RecordDescriptor.LENGTH_OFFSET);
              bytes.putInt(RecordDescriptor.LENGTH_OFFSET, length - 1);
            });

    CorruptFileException e =
        assertThrows(CorruptFileException.class, () -> record.forEach(new EntryLog()));

    assertEquals("corrupt journal record: entries are cut: position=101", e.getMessage());
  }
}
