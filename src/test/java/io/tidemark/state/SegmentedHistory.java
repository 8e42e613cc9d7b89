package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockState;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.OpenSegment;
import io.tidemark.testing.Event;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A history of events cut into segments, and what brute force says of every block. */
final class SegmentedHistory {

  /** An event of one block, or a flush of all if it names none. */
  private record Entry(@Nullable Event event, int generation, long walOffset) {}

  final List<ChangeSegment> segments = new ArrayList<>();
  final List<OpenSegment> opened = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final List<Long> positions = new ArrayList<>();
  private final List<WalPosition> flushAlls = new ArrayList<>();
  private @Nullable OpenSegment open;
  private long nextPosition = 1;

  /** Adds an event of one block. */
  void event(BlockEventType type, long blockId, int generation, long walOffset, long timestampNs) {
    event(new Event(type, blockId, generation, walOffset, timestampNs));
  }

  /** Adds an event of one block. */
  void event(Event event) {
    openFor(event.generation())
        .onEvent(
            nextPosition,
            event.generation(),
            event.type(),
            event.blockId(),
            event.walOffset(),
            event.timestampNs());
    positions.add(nextPosition++);
    events.add(event);
  }

  /** Adds a flush of all blocks. */
  void flushAll(int generation, long walOffset) {
    openFor(generation).onFlushAll(nextPosition++, generation, walOffset, 0);
    flushAlls.add(new WalPosition(generation, walOffset));
  }

  private OpenSegment openFor(int generation) {
    OpenSegment current = open;
    if (current != null && current.generation() != generation) {
      cut();
      current = null;
    }
    if (current == null) {
      current = new OpenSegment(generation, nextPosition, 1);
      open = current;
    }
    return current;
  }

  /** Ends the segment. */
  void cut() {
    OpenSegment current = open;
    if (current != null) {
      segments.add(current.toSegment());
      opened.add(current);
    }
    open = null;
  }

  /**
   * Makes a history up.
   *
   * @param isInOrder whether each segment lies behind all before it
   */
  static SegmentedHistory any(Random random, List<Long> ids, boolean isInOrder) {
    List<Entry> entries = new ArrayList<>();
    WalPosition at = new WalPosition(1, isInOrder ? 1 : 100);
    for (int count = random.nextInt(120); count > 0; count--) {
      if (random.nextInt(40) == 0) {
        at = new WalPosition(at.generation() + 1, at.walOffset() / 2);
      } else if (random.nextInt(60) == 0) {
        at = new WalPosition(at.generation(), at.walOffset() | Long.MIN_VALUE);
      } else if (random.nextInt(3) > 0) {
        at = at.next();
      }
      long late = isInOrder ? 0 : random.nextInt(30);
      long offset = at.walOffset() - late;
      entries.add(
          random.nextInt(15) == 0
              ? new Entry(null, at.generation(), offset)
              : new Entry(
                  Event.any(random, ids.get(random.nextInt(ids.size())), at.generation(), offset),
                  at.generation(),
                  offset));
    }
    SegmentedHistory history = new SegmentedHistory();
    WalPosition before = WalPosition.BEFORE_ALL;
    for (Entry entry : entries) {
      WalPosition position = new WalPosition(entry.generation(), entry.walOffset());
      if (random.nextInt(8) == 0 && (!isInOrder || position.compareTo(before) > 0)) {
        history.cut();
      }
      before = position;
      Event event = entry.event();
      if (event == null) {
        history.flushAll(entry.generation(), entry.walOffset());
      } else {
        history.event(event);
      }
    }
    history.cut();
    return history;
  }

  /** Returns the maxima of every block that had an event, without the flushes of all. */
  Map<Long, BlockMaxima> maxima() {
    Map<Long, BlockMaxima> result = new TreeMap<>(Long::compareUnsigned);
    for (Event event : events) {
      result
          .computeIfAbsent(event.blockId(), id -> new BlockMaxima())
          .fold(event.type(), event.generation(), event.walOffset());
    }
    return result;
  }

  /**
   * Returns the state of every block that had an event.
   *
   * @param cursor journal position that was committed
   */
  Map<Long, BlockState> states(long cursor) {
    Map<Long, BlockState> result = new HashMap<>();
    maxima()
        .forEach(
            (id, maxima) -> {
              for (WalPosition flush : flushAlls) {
                maxima.fold(BlockEventType.FLUSH, flush.generation(), flush.walOffset());
              }
              Set<BlockEventType> since = EnumSet.noneOf(BlockEventType.class);
              for (int i = 0; i < events.size(); i++) {
                if (positions.get(i) > cursor && events.get(i).blockId() == id) {
                  since.add(events.get(i).type());
                }
              }
              result.put(
                  id,
                  maxima.state(
                      since.stream().anyMatch(BlockEventType::isChange),
                      since.contains(BlockEventType.CREATE),
                      since.contains(BlockEventType.DELETE)));
            });
    return result;
  }

  /** Returns the highest position of any event or flush. */
  WalPosition highest() {
    WalPosition highest = WalPosition.BEFORE_ALL;
    for (Event event : events) {
      highest = event.position().compareTo(highest) > 0 ? event.position() : highest;
    }
    for (WalPosition flush : flushAlls) {
      highest = flush.compareTo(highest) > 0 ? flush : highest;
    }
    return highest;
  }

  /** Returns the events in journal order. */
  List<Event> events() {
    return events;
  }
}
