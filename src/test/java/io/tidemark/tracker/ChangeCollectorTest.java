package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.ControlCompactor;
import io.tidemark.segment.OpenSegment;
import io.tidemark.segment.SegmentMerger;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.testing.Event;
import io.tidemark.testing.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers from segments with and without their events, against a list of the events. */
class ChangeCollectorTest {
  private static final long STORE_ID = 4711;

  @TempDir Path directory;
  private int files;

  /** A made-up history in adjoining segments; some have lost their events. */
  private final class History {
    final List<Event> events = new ArrayList<>();
    final List<ChangeSegment> segments = new ArrayList<>();
    boolean hasAllEvents = true;

    History(Random random, boolean mayDropEvents) throws IOException {
      int offset = 100;
      int position = 1;
      for (int count = 1 + random.nextInt(4); count > 0; count--) {
        int generation = random.nextInt(4) == 0 ? 2 : 1;
        OpenSegment open = new OpenSegment(generation, position, 1);
        for (int left = 1 + random.nextInt(40); left > 0; left--) {
          offset += random.nextInt(3);
          Event event =
              new Event(
                  BlockEventType.ofCode(random.nextInt(4)),
                  random.nextInt(6),
                  generation,
                  offset - random.nextInt(20),
                  random.nextInt(60));
          events.add(event);
          open.onEvent(
              position++,
              generation,
              event.type(),
              event.blockId(),
              event.walOffset(),
              event.timestampNs());
        }
        ChangeSegment segment = open.toSegment();
        boolean drops = mayDropEvents && random.nextInt(4) > 0;
        hasAllEvents &= !drops;
        segments.add(drops ? withoutEvents(segment) : segment);
      }
    }

    Map<Long, List<Event>> changesIn(RangeFilter range) {
      Map<Long, List<Event>> result = new HashMap<>();
      for (Event event : events) {
        if (event.type().isChange()
            && range.accepts(event.generation(), event.walOffset(), event.timestampNs())) {
          result.computeIfAbsent(event.blockId(), id -> new ArrayList<>()).add(event);
        }
      }
      result
          .values()
          .forEach(
              list ->
                  list.sort(
                      Comparator.comparing(Event::position)
                          .thenComparing(event -> event.type().rank())));
      return result;
    }
  }

  private ChangeSegment withoutEvents(ChangeSegment segment) throws IOException {
    Path file = directory.resolve(files++ % 20 + ".seg");
    new SegmentMerger(List.of(segment), false, ControlCompactor.KEEP_ALL)
        .publish(FileStorageIO.INSTANCE, file, STORE_ID);
    return ChangeSegment.open(file, STORE_ID);
  }

  private static RangeFilter anyRange(Random random) {
    WalPosition a = new WalPosition(1 + random.nextInt(2), 70 + random.nextInt(200));
    WalPosition b = new WalPosition(1 + random.nextInt(2), 70 + random.nextInt(200));
    long s = random.nextInt(60);
    return switch (random.nextInt(5)) {
      case 0 -> RangeFilter.all();
      case 1 -> RangeFilter.positions(a, WalPosition.AFTER_ALL);
      case 2 -> RangeFilter.positions(WalPosition.BEFORE_ALL, b);
      case 3 -> RangeFilter.timestamps(s, s + random.nextInt(30));
      default -> a.compareTo(b) < 0 ? RangeFilter.positions(a, b) : RangeFilter.positions(b, a);
    };
  }

  private static boolean isOneSided(RangeFilter range) {
    boolean isOpen =
        range.first().equals(WalPosition.BEFORE_ALL) || range.last().equals(WalPosition.AFTER_ALL);
    return isOpen && !isTimed(range);
  }

  private static ChangeKind kind(List<Event> changes) {
    return ChangeKind.of(
        changes.get(changes.size() - 1).type(),
        changes.stream().anyMatch(event -> event.type() == BlockEventType.DELETE),
        changes.stream().anyMatch(event -> event.type() == BlockEventType.CREATE));
  }

  private static void assertAnswers(History history, RangeFilter range) {
    ChangeCollector collector = new ChangeCollector(range);
    history.segments.forEach(collector::collect);
    Map<Long, List<Event>> expected = history.changesIn(range);
    List<BlockChange> actual = collector.changes();

    for (long maxGathered : new long[] {0, 5, Long.MAX_VALUE}) {
      IdCollector ids = new IdCollector(range, maxGathered);
      history.segments.forEach(ids::collect);
      IdCollector.Found found = ids.found();
      assertEquals(actual.stream().map(BlockChange::blockId).toList(), IdAnswers.list(found.ids()));
      assertEquals(collector.surplus(), found.surplus());
    }

    Map<Long, BlockChange> byId = new HashMap<>();
    actual.forEach(change -> byId.put(change.blockId(), change));
    assertTrue(byId.keySet().containsAll(expected.keySet()), "a change is missing");
    assertEquals(actual.size(), collector.size());
    long extra = byId.keySet().stream().filter(id -> !expected.containsKey(id)).count();
    assertTrue(extra <= collector.surplus(), "more surplus than said");
    if (history.hasAllEvents || isOneSided(range)) {
      assertEquals(expected.keySet(), byId.keySet());
      assertEquals(0, collector.surplus());
    }
    byId.forEach(
        (id, change) -> {
          List<Event> changes = expected.get(id);
          if (changes == null) {
            assertEquals(ChangeKind.REPLACED, change.kind());
            return;
          }
          Event first = changes.get(0);
          Event last = changes.get(changes.size() - 1);
          if (history.hasAllEvents) {
            assertEquals(kind(changes), change.kind());
            assertEquals(first.position(), change.first());
            assertEquals(last.position(), change.last());
          } else {
            boolean isSafe = change.kind() == ChangeKind.REPLACED;
            assertTrue(isSafe || change.kind() == kind(changes), change + " of " + changes);
            assertTrue(change.first().compareTo(first.position()) <= 0);
            assertTrue(change.last().compareTo(last.position()) >= 0);
          }
        });
  }

  private static boolean isTimed(RangeFilter range) {
    return !range.acceptsTimestamp(Long.MIN_VALUE);
  }

  @Test
  void shouldAnswerExactlyFromEvents() {
    Seeds.each(
        300,
        random -> {
          History history = new History(random, false);
          for (int i = 0; i < 20; i++) {
            assertAnswers(history, anyRange(random));
          }
        });
  }

  @Test
  void shouldNeverMissAChangeWithoutEvents() {
    Seeds.each(
        400,
        random -> {
          History history = new History(random, true);
          for (int i = 0; i < 20; i++) {
            assertAnswers(history, anyRange(random));
          }
        });
  }

  private BlockChange onlyChange(RangeFilter range, long surplus, Event... events)
      throws IOException {
    OpenSegment open = new OpenSegment(1, 1, 1);
    long position = 1;
    for (Event event : events) {
      open.onEvent(
          position++, 1, event.type(), event.blockId(), event.walOffset(), event.timestampNs());
    }
    ChangeCollector collector = new ChangeCollector(range);
    collector.collect(withoutEvents(open.toSegment()));
    assertEquals(surplus, collector.surplus());
    assertEquals(1, collector.changes().size());
    return collector.changes().get(0);
  }

  private static Event event(BlockEventType type, long walOffset) {
    return new Event(type, 7, 1, walOffset, 10 * walOffset);
  }

  private static RangeFilter positions(long first, long last) {
    return RangeFilter.positions(new WalPosition(1, first), new WalPosition(1, last));
  }

  @Test
  void shouldCountABlockWhoseChangesLieAroundTheRangeAsSurplus() throws IOException {
    BlockChange change =
        onlyChange(
            positions(20, 30),
            1,
            event(BlockEventType.UPDATE, 10),
            event(BlockEventType.UPDATE, 40));

    assertEquals(ChangeKind.REPLACED, change.kind());
    assertEquals(new WalPosition(1, 20), change.first());
    assertEquals(new WalPosition(1, 30), change.last());
  }

  @Test
  void shouldCountABlockWhoseTimestampsLieAroundTheRangeAsSurplus() throws IOException {
    BlockChange change =
        onlyChange(
            RangeFilter.timestamps(150, 250),
            1,
            event(BlockEventType.UPDATE, 10),
            event(BlockEventType.UPDATE, 40));

    assertEquals(ChangeKind.REPLACED, change.kind());
    assertEquals(250, change.timestampNs());
  }

  @Test
  void shouldBeCertainOfABlockWhoseLastCreateLiesInTheRange() throws IOException {
    BlockChange change =
        onlyChange(
            positions(20, 30),
            0,
            event(BlockEventType.UPDATE, 10),
            event(BlockEventType.CREATE, 25),
            event(BlockEventType.UPDATE, 40));

    assertEquals(ChangeKind.NEW, change.kind());
  }

  @Test
  void shouldTellTheKindFromAPositionOnExactly() throws IOException {
    RangeFilter range = RangeFilter.positions(new WalPosition(1, 20), WalPosition.AFTER_ALL);
    Event created = event(BlockEventType.CREATE, 10);
    Event updated = event(BlockEventType.UPDATE, 40);

    assertEquals(ChangeKind.DIRTY, onlyChange(range, 0, created, updated).kind());
    assertEquals(
        ChangeKind.REPLACED,
        onlyChange(range, 0, created, event(BlockEventType.DELETE, 20), updated).kind());
    assertEquals(
        ChangeKind.NEW,
        onlyChange(
                range,
                0,
                event(BlockEventType.DELETE, 10),
                event(BlockEventType.CREATE, 21),
                updated)
            .kind());
    assertEquals(
        ChangeKind.DELETED, onlyChange(range, 0, created, event(BlockEventType.DELETE, 40)).kind());
  }
}
