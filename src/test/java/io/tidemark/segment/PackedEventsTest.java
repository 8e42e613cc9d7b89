package io.tidemark.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.testing.Event;
import io.tidemark.testing.Events;
import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The log of changes in a segment, against a list of them. */
class PackedEventsTest {
  private static final int GENERATION = 7;
  private static final int PAGE = EventCursor.PAGE_EVENTS;
  private static final List<BlockEventType> TYPES =
      List.of(BlockEventType.CREATE, BlockEventType.UPDATE, BlockEventType.DELETE);

  private static ChangeSegment segment(List<Event> events) {
    OpenSegment open = new OpenSegment(GENERATION, 1, 1);
    long position = 1;
    for (Event event : events) {
      open.onEvent(
          position++,
          GENERATION,
          event.type(),
          event.blockId(),
          event.walOffset(),
          event.timestampNs());
    }
    return open.toSegment();
  }

  /** Numbers as some engine might give them: all the same, ascending, in runs, late, anything. */
  private static long[] anyNumbers(Random random, int count) {
    long[] numbers = new long[count];
    long next = random.nextBoolean() ? Unsigned.any(random) : random.nextInt(1000);
    int kind = random.nextInt(7);
    long step = random.nextBoolean() ? 1 : random.nextInt(2000);
    for (int i = 0; i < count; i++) {
      next +=
          switch (kind) {
            case 0 -> 0;
            case 1 -> step;
            case 2 -> random.nextInt(40) == 0 ? random.nextInt(1 << 30) : 1;
            case 3 -> random.nextInt(5) * step;
            case 4 -> random.nextInt(9) - 4;
            case 5 -> random.nextLong();
            default -> random.nextInt(1 << 20) - (1 << 19);
          };
      numbers[i] = random.nextInt(500) == 0 ? Unsigned.any(random) : next;
    }
    return numbers;
  }

  private static List<Event> anyEvents(Random random, int count) {
    long[] ids = anyNumbers(random, count);
    long[] offsets = anyNumbers(random, count);
    long[] timestampsNs = anyNumbers(random, count);
    boolean hasOneType = random.nextBoolean();
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new Event(
                    TYPES.get(hasOneType ? 1 : random.nextInt(TYPES.size())),
                    ids[i],
                    GENERATION,
                    offsets[i],
                    timestampsNs[i]))
        .toList();
  }

  @Test
  void shouldGiveBackEveryChangeInOrderOfArrival() {
    Seeds.each(
        400,
        random -> {
          int around = PAGE * random.nextInt(3) + random.nextInt(5) - 2;
          List<Event> events =
              anyEvents(
                  random, random.nextBoolean() ? Math.max(1, around) : 1 + random.nextInt(99));

          assertEquals(events, Events.of(segment(events)));
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 1023, 1024, 1025, 2048, 2049})
  void shouldFillPages(int count) {
    List<Event> events = anyEvents(new Random(count), count);

    ChangeSegment segment = segment(events);

    assertEquals((count + PAGE - 1) / PAGE, segment.payload().events().pageCount());
    assertEquals(events, Events.of(segment));
  }

  @Test
  void shouldPassOverPagesThatTheFilterDoesNotWant() {
    int pages = 3 * PackedEvents.GROUP_PAGES + 5;
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < pages * PAGE; i++) {
      events.add(new Event(BlockEventType.UPDATE, i % 100, GENERATION, i, 10L * i));
    }
    ChangeSegment segment = segment(events);
    int wanted = 70 * PAGE + 3;
    int[] asked = {0};

    List<Event> byOffset =
        Events.of(
            segment,
            (minOffset, maxOffset, minNs, maxNs) -> {
              asked[0]++;
              return minOffset <= wanted && wanted <= maxOffset;
            });
    List<Event> byTime =
        Events.of(segment, (minOffset, maxOffset, minNs, maxNs) -> maxNs >= 10L * wanted);

    assertEquals(events.subList(70 * PAGE, 71 * PAGE), byOffset);
    assertEquals(4 + PackedEvents.GROUP_PAGES, asked[0], "groups and the pages of one of them");
    assertEquals(events.subList(70 * PAGE, events.size()), byTime);
  }

  @Test
  void shouldFindLateChangesAndSkewedClocks() {
    Seeds.each(
        30,
        random -> {
          List<Event> events = new ArrayList<>();
          for (int i = 0; i < 5 * PAGE; i++) {
            long offset = random.nextInt(1000) == 0 ? random.nextInt(i + 1) : i;
            long timestampNs = random.nextInt(1000) == 0 ? random.nextInt(i + 1) : 2L * i;
            events.add(new Event(BlockEventType.UPDATE, i, GENERATION, offset, timestampNs));
          }
          long first = random.nextInt(5 * PAGE);
          long last = first + random.nextInt(2 * PAGE);

          List<Event> byOffset =
              Events.of(segment(events), (min, max, minNs, maxNs) -> min <= last && max >= first);
          List<Event> byTime =
              Events.of(
                  segment(events), (min, max, minNs, maxNs) -> minNs <= last && maxNs >= first);

          Predicate<Event> isInOffsets = e -> e.walOffset() >= first && e.walOffset() <= last;
          Predicate<Event> isInTimes = e -> e.timestampNs() >= first && e.timestampNs() <= last;
          assertEquals(
              events.stream().filter(isInOffsets).toList(),
              byOffset.stream().filter(isInOffsets).toList());
          assertEquals(
              events.stream().filter(isInTimes).toList(),
              byTime.stream().filter(isInTimes).toList());
        });
  }

  @Test
  void shouldTakeLittleRoomForRunsOfIdsAndEvenSteps() {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 64 * PAGE; i++) {
      long id = (i / 16 * 7919L % (1 << 20)) * 16 + i % 16;
      events.add(new Event(BlockEventType.UPDATE, id, GENERATION, i, 1_000_000L + 1000L * i));
    }

    int length = segment(events).payload().section(SegmentDescriptor.EVENTS).capacity();

    assertTrue(length < events.size() / 2, "bytes of " + events.size() + " changes: " + length);
  }

  /** Returns a copy of a segment with other bytes in a section; its CRCs are taken as right. */
  private static ChangeSegment altered(ChangeSegment segment, int section, byte[] content) {
    ByteBuffer payload = segment.payload().bytes();
    int directory =
        payload.capacity()
            - SegmentDescriptor.TRAILER_LENGTH
            + SegmentDescriptor.DIRECTORY_OFFSET
            + section * SegmentDescriptor.DIRECTORY_ENTRY_LENGTH;
    byte[] copy = new byte[payload.capacity()];
    payload.get(0, copy);
    System.arraycopy(content, 0, copy, (int) payload.getLong(directory), content.length);
    return ChangeSegment.of(segment.firstPosition(), segment.lastPosition(), ByteBuffer.wrap(copy));
  }

  private static byte[] bytes(ChangeSegment segment, int section) {
    ByteBuffer content = segment.payload().section(section);
    byte[] bytes = new byte[content.capacity()];
    content.get(0, bytes);
    return bytes;
  }

  /** Returns copies of a segment, each with one bit of a section altered. */
  private static List<ChangeSegment> altered(ChangeSegment segment, int section) {
    List<ChangeSegment> copies = new ArrayList<>();
    byte[] content = bytes(segment, section);
    for (int bit = 0; bit < content.length * Byte.SIZE; bit++) {
      byte[] other = content.clone();
      other[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      copies.add(altered(segment, section, other));
    }
    return copies;
  }

  /** Returns a segment of one change of each of some blocks: its rows hold all there is. */
  private static ChangeSegment smallSegment() {
    Random random = new Random(5);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      events.add(new Event(TYPES.get(i % 3), 100 + i, GENERATION, i, 1000L * i));
    }
    for (long id : Unsigned.EDGES) {
      events.add(Event.any(random, id, GENERATION, Unsigned.any(random)));
    }
    return segment(events);
  }

  @Test
  void shouldTellEveryAlteredBoundCountAndOffset() {
    for (int section : new int[] {SegmentDescriptor.EVENT_PAGES, SegmentDescriptor.EVENT_GROUPS}) {
      for (ChangeSegment copy : altered(smallSegment(), section)) {
        assertNotNull(SegmentCheck.difference(copy));
      }
    }
  }

  @Test
  void shouldTellEveryAlteredPageThatSaysSomethingElse() {
    ChangeSegment segment = smallSegment();
    List<Event> events = Events.of(segment);
    int told = 0;
    List<ChangeSegment> copies = altered(segment, SegmentDescriptor.EVENTS);

    for (ChangeSegment copy : copies) {
      if (SegmentCheck.difference(copy) == null) {
        assertEquals(events, Events.of(copy));
      } else {
        told++;
      }
    }

    int padding = Long.SIZE + 4 * Byte.SIZE;
    assertTrue(told >= copies.size() - padding, "told " + told + " of " + copies.size());
  }

  @Test
  void shouldTellRowsThatSayAnythingElseThanTheChanges() {
    Event change = new Event(BlockEventType.UPDATE, 5, GENERATION, 10, 100);
    List<Event> others =
        List.of(
            new Event(BlockEventType.CREATE, 5, GENERATION, 10, 100),
            new Event(BlockEventType.DELETE, 5, GENERATION, 10, 100),
            new Event(BlockEventType.UPDATE, 5, GENERATION, 11, 100),
            new Event(BlockEventType.UPDATE, 5, GENERATION, 10, 99));
    for (Event other : others) {
      for (Event more : List.of(change, new Event(BlockEventType.UPDATE, 5, GENERATION, 9, 100))) {
        ChangeSegment segment = segment(List.of(more, change));
        byte[] rows = bytes(segment(List.of(more, other)), SegmentDescriptor.ROWS);
        if (rows.length == bytes(segment, SegmentDescriptor.ROWS).length) {
          assertEquals(
              "row and changes differ: block=5",
              SegmentCheck.difference(altered(segment, SegmentDescriptor.ROWS, rows)));
        }
      }
    }
  }

  @Test
  void shouldTellAChangeOfABlockWithoutARow() {
    ChangeSegment segment =
        segment(List.of(new Event(BlockEventType.UPDATE, 5, GENERATION, 10, 100)));
    byte[] events =
        bytes(
            segment(List.of(new Event(BlockEventType.UPDATE, 6, GENERATION, 10, 100))),
            SegmentDescriptor.EVENTS);

    String difference = SegmentCheck.difference(altered(segment, SegmentDescriptor.EVENTS, events));

    assertEquals("change of a block without a row: block=6", difference);
  }

  @Test
  void shouldRefuseSectionsThatDoNotFit() {
    ByteBuffer eight = ByteBuffer.allocate(8);
    ByteBuffer page = ByteBuffer.allocate(PackedEvents.PAGE_ENTRY_LENGTH);
    ByteBuffer group = ByteBuffer.allocate(PackedEvents.ZONE_LENGTH);
    ByteBuffer none = ByteBuffer.allocate(0);

    assertEquals(1, new PackedEvents(eight, page, group).pageCount());
    assertThrows(CorruptFileException.class, () -> new PackedEvents(eight, page, none));
    assertThrows(CorruptFileException.class, () -> new PackedEvents(eight, none, group));
    assertThrows(CorruptFileException.class, () -> new PackedEvents(none, page, group));
    CorruptFileException e =
        assertThrows(CorruptFileException.class, () -> new PackedEvents(eight, eight, none));
    assertEquals(
        "corrupt segment: sections of events do not fit: events=8, pages=8, groups=0",
        e.getMessage());
  }

  @Test
  void shouldCopyFullPagesAndFillShortOnes() throws IOException {
    Random random = new Random(3);
    List<Event> events = anyEvents(random, 2 * PAGE + 10);
    ChangeSegment first = segment(events.subList(0, 2 * PAGE));
    ChangeSegment second = segment(events.subList(2 * PAGE, events.size()));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SectionOutput sections = new SectionOutput(out, 1);
    sections.begin();

    PackedEventsWriter writer = new PackedEventsWriter(sections);
    for (ChangeSegment segment : List.of(second, second, first, second)) {
      writer.add(segment.payload().events().cursor(ZoneFilter.ALL));
    }
    writer.finish();
    sections.flush();

    byte[] copied = bytes(first, SegmentDescriptor.EVENTS);
    int length = copied.length - Long.BYTES;
    byte[] written = out.toByteArray();
    int twice = pageLength(List.of(second, second));
    int once = pageLength(List.of(second));
    assertEquals(twice + length + once + Long.BYTES, written.length);
    assertArrayEquals(
        Arrays.copyOf(copied, length), Arrays.copyOfRange(written, twice, twice + length));
  }

  /** Returns how long the changes of some segments are, packed on one page. */
  private static int pageLength(List<ChangeSegment> segments) {
    List<Event> events = new ArrayList<>();
    segments.forEach(segment -> events.addAll(Events.of(segment)));
    return bytes(segment(events), SegmentDescriptor.EVENTS).length - Long.BYTES;
  }
}
