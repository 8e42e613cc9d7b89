package io.tidemark.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.errors.UnsupportedFormatException;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import io.tidemark.testing.EntryLog;
import io.tidemark.testing.Event;
import io.tidemark.testing.Events;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sealed segment says, against a list of the entries that went in. */
class ChangeSegmentTest {
  private static final long STORE_ID = 4711;
  private static final long FIRST = 1000;
  private static final int GENERATION = -2;

  @TempDir Path directory;

  /** An open segment and, beside it, everything that was folded into it. */
  private static final class Fed {
    final OpenSegment open = new OpenSegment(GENERATION, FIRST, 1);
    final List<Event> events = new ArrayList<>();
    final EntryLog controls = new EntryLog();
    final List<Long> flushAlls = new ArrayList<>();
    long position = FIRST;

    void event(Event event) {
      open.onEvent(
          position++,
          GENERATION,
          event.type(),
          event.blockId(),
          event.walOffset(),
          event.timestampNs());
      events.add(event);
    }

    void flushAll(long walOffset) {
      open.onFlushAll(position, GENERATION, walOffset, -walOffset);
      controls.onFlushAll(position++, GENERATION, walOffset, -walOffset);
      flushAlls.add(walOffset);
    }

    /** Adds one random entry. */
    void any(Random random) {
      byte[] bytes = new byte[random.nextInt(30)];
      random.nextBytes(bytes);
      long offset = Unsigned.any(random);
      switch (random.nextInt(24)) {
        case 0 -> flushAll(offset);
        case 1 -> {
          open.onAssign(position, GENERATION, bytes.length, bytes);
          controls.onAssign(position++, GENERATION, bytes.length, bytes);
        }
        case 2 -> {
          open.onCover(position, GENERATION, 3, offset, bytes);
          controls.onCover(position++, GENERATION, 3, offset, bytes);
        }
        case 3 -> {
          open.onGap(position, GENERATION, offset, -1, "größer");
          controls.onGap(position++, GENERATION, offset, -1, "größer");
        }
        case 4 -> {
          open.onGeneration(position, GENERATION, offset);
          controls.onGeneration(position++, GENERATION, offset);
        }
        case 5 -> {
          open.onCommit(position, GENERATION, "nightly", 17);
          controls.onCommit(position++, GENERATION, "nightly", 17);
        }
        case 6 -> {
          open.onTombstone(position, GENERATION, offset, bytes);
          controls.onTombstone(position++, GENERATION, offset, bytes);
        }
        default -> event(Event.any(random, Unsigned.any(random), GENERATION, offset));
      }
    }

    /** Returns the events of each block in unsigned order of ids, each list in WAL order. */
    SortedMap<Long, List<Event>> byBlock() {
      SortedMap<Long, List<Event>> result = new TreeMap<>(Long::compareUnsigned);
      for (Event event : events) {
        result.computeIfAbsent(event.blockId(), id -> new ArrayList<>()).add(event);
      }
      Comparator<Event> order =
          Comparator.comparing(Event::position).thenComparing(event -> event.type().rank());
      result.values().forEach(list -> list.sort(order));
      return result;
    }
  }

  private static Fed feed(Random random) {
    Fed fed = new Fed();
    for (int entries = random.nextInt(400); entries > 0; entries--) {
      fed.any(random);
    }
    return fed;
  }

  private static List<Event> changes(List<Event> events) {
    return events.stream().filter(event -> event.type().isChange()).toList();
  }

  private static void assertSaysWhatWasFed(Fed fed, ChangeSegment segment) {
    assertEquals(FIRST, segment.firstPosition());
    assertEquals(fed.position - 1, segment.lastPosition());
    assertEquals(GENERATION, segment.generation());
    assertBounds(changes(fed.events), segment);
    assertFlushAll(fed.flushAlls, segment);
    assertCursor(fed, segment);
    if (segment.hasChanges()) {
      assertEquals(changes(fed.events), Events.of(segment));
    }
    assertNull(SegmentCheck.difference(segment));
    assertMaxima(fed, segment);
    EntryLog controls = new EntryLog();
    segment.forEachControl(controls);
    assertEquals(fed.controls.lines(), controls.lines());
  }

  private static void assertBounds(List<Event> changes, ChangeSegment segment) {
    assertEquals(changes.size(), segment.eventCount());
    if (!changes.isEmpty()) {
      List<Long> offsets =
          changes.stream().map(Event::walOffset).sorted(Long::compareUnsigned).toList();
      List<Long> timestamps = changes.stream().map(Event::timestampNs).sorted().toList();
      assertEquals(offsets.get(0), segment.minWalOffset());
      assertEquals(offsets.get(offsets.size() - 1), segment.maxWalOffset());
      assertEquals(timestamps.get(0), segment.minTimestampNs());
      assertEquals(timestamps.get(timestamps.size() - 1), segment.maxTimestampNs());
    }
  }

  private static void assertFlushAll(List<Long> flushAlls, ChangeSegment segment) {
    assertEquals(!flushAlls.isEmpty(), segment.hasFlushAll());
    if (segment.hasFlushAll()) {
      assertEquals(
          flushAlls.stream().max(Long::compareUnsigned).orElseThrow(), segment.flushAllOffset());
    }
  }

  private static void assertCursor(Fed fed, ChangeSegment segment) {
    ChangeCursor cursor = segment.changes();
    int blocks = 0;
    for (var block : fed.byBlock().entrySet()) {
      List<Event> changes = changes(block.getValue());
      if (changes.isEmpty()) {
        continue;
      }
      blocks++;
      assertTrue(cursor.next(), () -> "no block " + Long.toUnsignedString(block.getKey()));
      Event last = changes.get(changes.size() - 1);
      List<Long> timestamps = changes.stream().map(Event::timestampNs).sorted().toList();
      assertEquals(block.getKey(), cursor.blockId());
      assertEquals(changes.get(0).walOffset(), cursor.firstOffset());
      assertEquals(last.walOffset(), cursor.lastOffset());
      assertEquals(last.type(), cursor.lastType());
      assertEquals(last.timestampNs(), cursor.lastTimestampNs());
      assertEquals(timestamps.get(0), cursor.minTimestampNs());
      assertEquals(timestamps.get(timestamps.size() - 1), cursor.maxTimestampNs());
      assertEquals(has(changes, BlockEventType.CREATE), cursor.isCreated());
      assertEquals(has(changes, BlockEventType.DELETE), cursor.isDeleted());
    }
    assertFalse(cursor.next());
    assertEquals(blocks, segment.changedCount());
  }

  private static boolean has(List<Event> events, BlockEventType type) {
    return events.stream().anyMatch(event -> event.type() == type);
  }

  /** The maxima need not name an UPDATE that a later change hides: it decides nothing. */
  private static void assertMaxima(Fed fed, ChangeSegment segment) {
    List<String> expected = new ArrayList<>();
    for (var block : fed.byBlock().entrySet()) {
      BlockMaxima maxima = new BlockMaxima();
      block.getValue().forEach(event -> maxima.fold(event.type(), GENERATION, event.walOffset()));
      List<Event> changes = changes(block.getValue());
      expected.add(
          describe(
              block.getKey(),
              maxima,
              changes.isEmpty() ? Long.MIN_VALUE : changes.get(changes.size() - 1).timestampNs()));
    }
    List<String> actual = new ArrayList<>();
    segment.forEachMaxima(
        (id, maxima, timestampNs) -> {
          actual.add(describe(id, maxima, timestampNs));
          if (maxima.has(BlockEventType.UPDATE)) {
            assertEquals(maxima.lastChange().walOffset(), maxima.walOffset(BlockEventType.UPDATE));
          }
        });
    assertEquals(expected, actual);
  }

  private static String describe(long id, BlockMaxima maxima, long timestampNs) {
    StringBuilder line = new StringBuilder(Long.toUnsignedString(id));
    for (BlockEventType type : BlockEventType.values()) {
      if (type != BlockEventType.UPDATE && maxima.has(type)) {
        line.append(' ').append(type).append('=').append(maxima.generation(type)).append('/');
        line.append(Long.toUnsignedString(maxima.walOffset(type)));
      }
    }
    line.append(" last=").append(maxima.lastChange()).append(' ').append(maxima.state());
    return line.append(" ts=").append(timestampNs).toString();
  }

  @Test
  void shouldSayWhatWasFed() {
    Seeds.each(
        Rounds.share(500),
        random -> {
          Fed fed = feed(random);

          assertSaysWhatWasFed(fed, fed.open.toSegment());
        });
  }

  @Test
  void shouldSayTheSameFromAFile() {
    Seeds.each(
        60,
        random -> {
          Fed fed = feed(random);
          Path file = directory.resolve("segment.seg");

          fed.open.publish(FileStorageIO.INSTANCE, file, STORE_ID);

          assertSaysWhatWasFed(fed, ChangeSegment.open(file, STORE_ID));
        });
  }

  @Test
  void shouldSayTheSameHoweverFarItWasPreparedAndWhen() {
    Seeds.each(
        Rounds.share(60),
        random -> {
          Fed fed = new Fed();
          for (int entries = random.nextInt(5000); entries > 0; entries--) {
            fed.any(random);
            if (random.nextInt(500) == 0) {
              prepare(fed.open, random.nextInt(8));
            }
          }
          prepare(fed.open, random.nextInt(8));

          assertSaysWhatWasFed(fed, fed.open.toSegment());
          assertSaysWhatWasFed(fed, fed.open.toSegment());
        });
  }

  private static void prepare(OpenSegment open, int steps) {
    for (int i = 0; i < steps && open.prepare(); i++) {
      // Goes on.
    }
  }

  private static void assertSnapshot(List<Event> changes, long last, OpenSnapshot snapshot) {
    assertEquals(FIRST, snapshot.firstPosition());
    assertEquals(last, snapshot.lastPosition());
    assertEquals(!changes.isEmpty(), snapshot.hasChanges());
    if (!changes.isEmpty()) {
      List<Long> offsets =
          changes.stream().map(Event::walOffset).sorted(Long::compareUnsigned).toList();
      assertEquals(changes, Events.of(snapshot));
      assertEquals(new WalPosition(GENERATION, offsets.get(0)), snapshot.firstChange());
      assertEquals(
          new WalPosition(GENERATION, offsets.get(offsets.size() - 1)), snapshot.lastChange());
      assertEquals(
          changes.stream().mapToLong(Event::timestampNs).min().orElseThrow(),
          snapshot.minTimestampNs());
      assertEquals(
          changes.stream().mapToLong(Event::timestampNs).max().orElseThrow(),
          snapshot.maxTimestampNs());
    }
  }

  @Test
  void shouldKeepSnapshotsWhileTheSegmentGrows() {
    Random random = new Random(7);
    Fed fed = new Fed();
    List<Integer> sizes = new ArrayList<>();
    List<OpenSnapshot> snapshots = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      if (i < 3 || i % 1024 < 2 || i % 1024 == 1023 || random.nextInt(200) == 0) {
        sizes.add(fed.events.size());
        snapshots.add(fed.open.snapshot());
      }
      fed.event(Event.any(random, Unsigned.any(random), GENERATION, Unsigned.any(random)));
    }
    fed.open.release();
    OpenSegment next = fed.open.next(GENERATION);
    for (int i = 0; i < 3000; i++) {
      next.onEvent(fed.position + i, GENERATION, BlockEventType.UPDATE, -1, -1, -1);
    }

    for (int i = 0; i < snapshots.size(); i++) {
      List<Event> before = changes(fed.events.subList(0, sizes.get(i)));
      assertSnapshot(before, FIRST + sizes.get(i) - 1, snapshots.get(i));
    }
  }

  @Test
  void shouldSayTheSameInMemoryThatSegmentsGaveBack() {
    OpenSegment first = new OpenSegment(GENERATION, 1, 1);
    Random random = new Random(7);
    for (int i = 1; i <= 5000; i++) {
      Event event = Event.any(random, Unsigned.any(random), GENERATION, Unsigned.any(random));
      first.onEvent(
          i, GENERATION, event.type(), event.blockId(), event.walOffset(), event.timestampNs());
    }
    first.release();

    OpenSegment next = first.next(3);
    next.onEvent(5001, 3, BlockEventType.UPDATE, 9, 50, -1);

    assertEquals(5001, next.firstPosition());
    assertEquals(
        List.of(new Event(BlockEventType.UPDATE, 9, 3, 50, -1)), Events.of(next.snapshot()));
    assertEquals(50, next.snapshot().firstChange().walOffset());
    assertEquals(-1, next.snapshot().maxTimestampNs());
    assertNull(SegmentCheck.difference(next.toSegment()));
  }

  @Test
  void shouldPassOnEveryEventAndTheHighestFlushOfAll() {
    Fed fed = new Fed();
    Random random = new Random(11);
    for (int i = 0; i < 3000; i++) {
      fed.any(random);
    }
    List<Event> passed = new ArrayList<>();

    fed.open.forEachEvent(
        (type, id, offset, timestampNs) ->
            passed.add(new Event(type, id, GENERATION, offset, timestampNs)));

    List<Event> expected = new ArrayList<>(changes(fed.events));
    fed.events.stream().filter(event -> !event.type().isChange()).forEach(expected::add);
    assertEquals(expected, passed);
    assertEquals(
        fed.flushAlls.stream().max(Long::compareUnsigned).orElseThrow(), fed.open.flushAllOffset());
  }

  @Test
  void shouldBeEmptyBeforeTheFirstEntry() {
    Fed fed = new Fed();

    assertTrue(fed.open.isEmpty());
    assertSaysWhatWasFed(fed, fed.open.toSegment());

    fed.flushAll(0);

    assertFalse(fed.open.isEmpty());
    assertEquals(0, fed.open.eventCount());
    assertSaysWhatWasFed(fed, fed.open.toSegment());
  }

  @Test
  void shouldGrowBeyondItsFirstCapacity() {
    Fed fed = new Fed();
    Random random = new Random(1);
    byte[] longest = new byte[65_535];
    for (int i = 0; i < 5000; i++) {
      fed.event(Event.any(random, random.nextInt(3000), GENERATION, i));
    }
    for (int i = 0; i < 40; i++) {
      fed.open.onTombstone(fed.position, GENERATION, i, longest);
      fed.controls.onTombstone(fed.position++, GENERATION, i, longest);
    }

    assertEquals(5000, fed.open.eventCount());
    assertSaysWhatWasFed(fed, fed.open.toSegment());
  }

  @Test
  void shouldRaiseTheNextBlockIdAboveEveryAssignedOne() {
    OpenSegment open = new OpenSegment(1, 1, 10);
    byte[] name = "t1".getBytes(StandardCharsets.UTF_8);
    open.onAssign(1, 1, 3, name);
    assertEquals(10, open.nextBlockId());

    open.onAssign(2, 1, Long.MIN_VALUE, name);
    open.onAssign(3, 1, 12, name);

    assertEquals(Long.MIN_VALUE + 1, open.nextBlockId());
    assertEquals(Long.MIN_VALUE + 1, open.toSegment().nextBlockId());
  }

  @Test
  void shouldRefuseToGoBackOrToMixGenerations() {
    OpenSegment open = new OpenSegment(2, 5, 1);
    open.onFlushAll(5, 2, 1, 1);

    AssertionError back = assertThrows(AssertionError.class, () -> open.onFlushAll(5, 2, 1, 1));
    AssertionError mixed = assertThrows(AssertionError.class, () -> open.onFlushAll(6, 3, 1, 1));

    assertEquals("journal went back: last=5, next=5", back.getMessage());
    assertEquals("segment of two generations: first=2, next=3", mixed.getMessage());
  }

  @Test
  void shouldDetectEveryDamagedByteOfAFile() throws IOException {
    Fed fed = new Fed();
    Random random = new Random(3);
    for (int i = 0; i < 20; i++) {
      fed.any(random);
    }
    Path file = directory.resolve("segment.seg");
    fed.open.toSegment().publish(file, STORE_ID);
    byte[] intact = Files.readAllBytes(file);

    for (int at = 0; at < intact.length; at++) {
      byte[] damaged = intact.clone();
      damaged[at] ^= (byte) (1 << at % Byte.SIZE);
      Files.write(file, damaged);
      assertThrows(
          CorruptFileException.class, () -> ChangeSegment.open(file, STORE_ID), "byte " + at);
    }
  }

  @Test
  void shouldDetectDamageWhenItIsTouchedIfOnlyTheHeaderWasChecked() throws IOException {
    Fed fed = new Fed();
    Random random = new Random(3);
    for (int i = 0; i < 40; i++) {
      fed.any(random);
    }
    Path file = directory.resolve("segment.seg");
    fed.open.toSegment().publish(file, STORE_ID);
    byte[] intact = Files.readAllBytes(file);
    touchAll(file);
    int padding = Integer.BYTES;

    for (int at = 0; at < intact.length - padding; at++) {
      byte[] damaged = intact.clone();
      damaged[at] ^= (byte) (1 << at % Byte.SIZE);
      Files.write(file, damaged);
      assertThrows(CorruptFileException.class, () -> touchAll(file), "byte " + at);
    }
  }

  private static void touchAll(Path file) throws IOException {
    PublishedFile published =
        PublishedFile.openHeader(
            FileStorageIO.INSTANCE,
            file,
            SegmentDescriptor.TYPE,
            SegmentDescriptor.VERSION,
            STORE_ID);
    SegmentPayload payload = new SegmentPayload(published.payload(), false, file.toString());
    for (int section = 0; section < SegmentDescriptor.SECTIONS; section++) {
      payload.section(section);
    }
  }

  @Test
  void shouldRefuseTheFormatThatWasNeverReleased() throws IOException {
    Path file = directory.resolve("segment.seg");
    PublishedFile.publish(file, FileType.SEGMENT, 1, STORE_ID, 1, 2, ByteBuffer.allocate(500));

    UnsupportedFormatException e =
        assertThrows(UnsupportedFormatException.class, () -> ChangeSegment.open(file, STORE_ID));

    assertEquals(
        "file format is older than this program reads: type=SEGMENT, oldest=3, actual=1, file="
            + file,
        e.getMessage());
  }

  @Test
  void shouldRefuseASegmentOfAnotherStore() throws IOException {
    Path file = directory.resolve("segment.seg");
    new Fed().open.toSegment().publish(file, STORE_ID);

    ForeignFileException e =
        assertThrows(ForeignFileException.class, () -> ChangeSegment.open(file, 1));

    assertEquals(
        "file belongs to another store: expected=0000000000000001, actual=0000000000001267, file="
            + file,
        e.getMessage());
  }
}
