package io.tidemark.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.testing.Seeds;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Events as differences to the one before. */
class RecordEventsTest {
  private static final List<BlockEventType> TYPES =
      List.of(
          BlockEventType.CREATE,
          BlockEventType.UPDATE,
          BlockEventType.FLUSH,
          BlockEventType.DELETE);
  private static final int CAPACITY = 1 << 16;

  private record PackedEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {}

  private final ByteBuffer buffer =
      ByteBuffer.allocate(CAPACITY + RecordEvents.SPOILED_LENGTH).order(ByteOrder.LITTLE_ENDIAN);

  private int write(List<PackedEvent> events) {
    RecordEvents packed = new RecordEvents();
    int at = 0;
    for (PackedEvent event : events) {
      int end =
          packed.write(buffer, at, event.type, event.blockId, event.walOffset, event.timestampNs);
      assertTrue(RecordEvents.isPacked(buffer.get(at)));
      assertEquals(end - at, RecordEvents.length(buffer.get(at)));
      assertTrue(end - at <= RecordEvents.MAX_LENGTH);
      at = end;
    }
    return at;
  }

  private List<PackedEvent> read(ByteBuffer in, int count) {
    RecordEvents packed = new RecordEvents();
    List<PackedEvent> events = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < count; i++) {
      at = packed.read(in, at);
      events.add(
          new PackedEvent(
              packed.type(), packed.blockId(), packed.walOffset(), packed.timestampNs()));
    }
    assertEquals(in.limit(), at);
    return events;
  }

  /** Reads events with no byte behind them. */
  private void assertReadsBack(List<PackedEvent> events) {
    int end = write(events);
    ByteBuffer in = ByteBuffer.allocate(end).order(ByteOrder.LITTLE_ENDIAN);
    in.put(0, buffer, 0, end);
    assertEquals(events, read(in, events.size()));
  }

  /** The lowest and highest differences of each number of bytes, both signs. */
  private static List<Long> differences() {
    List<Long> differences = new ArrayList<>(List.of(0L, Long.MIN_VALUE, Long.MAX_VALUE));
    for (int bits = 0; bits < Long.SIZE; bits++) {
      for (long around = -1; around <= 1; around++) {
        differences.add((1L << bits) + around);
        differences.add(-(1L << bits) + around);
      }
    }
    return differences;
  }

  @Test
  void shouldReadBackDifferencesOfEveryLength() {
    for (long difference : differences()) {
      for (long start : new long[] {0, 1, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
        PackedEvent first = new PackedEvent(BlockEventType.CREATE, start, ~start, start);
        long next = start + difference;
        assertReadsBack(
            List.of(first, new PackedEvent(BlockEventType.UPDATE, next, ~start, start)));
        assertReadsBack(
            List.of(
                first, new PackedEvent(BlockEventType.FLUSH, start, ~start + difference, start)));
        assertReadsBack(
            List.of(first, new PackedEvent(BlockEventType.DELETE, start, ~start, next)));
        assertReadsBack(
            List.of(
                first, new PackedEvent(BlockEventType.UPDATE, next, ~start + difference, next)));
      }
    }
  }

  @Test
  void shouldReadBackWhateverWasWritten() {
    List<Long> differences = differences();
    Seeds.each(
        300,
        random -> {
          List<PackedEvent> events = new ArrayList<>();
          long id = random.nextLong();
          long offset = random.nextLong();
          long timestamp = random.nextLong();
          for (int count = 1 + random.nextInt(40); count > 0; count--) {
            id += differences.get(random.nextInt(differences.size()));
            offset += differences.get(random.nextInt(differences.size()));
            timestamp += differences.get(random.nextInt(differences.size()));
            events.add(
                new PackedEvent(TYPES.get(random.nextInt(TYPES.size())), id, offset, timestamp));
          }
          assertReadsBack(events);
        });
  }

  @Test
  void shouldTakeFewBytesForEventsNearTheOneBefore() {
    PackedEvent first = new PackedEvent(BlockEventType.UPDATE, 1 << 20, 1 << 20, 1 << 20);
    int before = write(List.of(first));

    assertEquals(2, bytesOf(first, before, 1, 0, 0), "the same write of the engine");
    assertEquals(5, bytesOf(first, before, 1, 1, 1000), "offsets that count, microseconds");
    assertEquals(6, bytesOf(first, before, 1, 137, 1000), "offsets that are bytes");
    assertEquals(6, bytesOf(first, before, 1, 1, 1_000_000), "milliseconds");
    assertEquals(9, bytesOf(first, before, 1_000_000_000, 137, 1000), "ids far away");
    assertEquals(25, bytesOf(first, before, Long.MIN_VALUE, 137, Long.MIN_VALUE), "never longer");
  }

  private int bytesOf(PackedEvent first, int before, long id, long offset, long timestamp) {
    PackedEvent next =
        new PackedEvent(
            BlockEventType.UPDATE,
            first.blockId + id,
            first.walOffset + offset,
            first.timestampNs + timestamp);
    return write(List.of(first, next)) - before;
  }

  @Test
  void shouldSayThatAnEventIsCutWhereverItEnds() {
    for (long difference : differences()) {
      int length =
          write(
              List.of(new PackedEvent(BlockEventType.UPDATE, difference, difference, difference)));
      for (int limit = 1; limit < length; limit++) {
        ByteBuffer cut = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN).limit(limit);
        assertThrows(
            BufferUnderflowException.class,
            () -> new RecordEvents().read(cut, 0),
            "difference " + difference + ", limit " + limit);
      }
    }
  }

  @Test
  void shouldBeginAgainAfterAReset() {
    RecordEvents packed = new RecordEvents();
    packed.write(buffer, 0, BlockEventType.UPDATE, 7, 8, 9);
    packed.reset();

    int end = packed.write(buffer, 0, BlockEventType.UPDATE, 7, 8, 9);

    assertEquals(
        List.of(new PackedEvent(BlockEventType.UPDATE, 7, 8, 9)), read(buffer.limit(end), 1));
  }
}
