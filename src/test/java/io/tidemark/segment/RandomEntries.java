package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.testing.Event;
import io.tidemark.testing.Unsigned;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Journal entries that tests make up, and the segments they give. */
final class RandomEntries {

  /** One entry; its place in the list is its place in the journal. */
  @FunctionalInterface
  interface Entry {
    void feed(OpenSegment segment, long position, int generation);
  }

  static final long FIRST = 1000;

  final List<Entry> entries = new ArrayList<>();
  final List<Event> events = new ArrayList<>();
  final int generation;

  RandomEntries(int generation) {
    this.generation = generation;
  }

  void event(BlockEventType type, long blockId, long walOffset, long timestampNs) {
    events.add(new Event(type, blockId, generation, walOffset, timestampNs));
    entries.add(
        (segment, position, gen) ->
            segment.onEvent(position, gen, type, blockId, walOffset, timestampNs));
  }

  /** Makes up to {@code most} entries up: events of few blocks, often at one place. */
  static RandomEntries any(Random random, int generation, int most) {
    RandomEntries result = new RandomEntries(generation);
    List<Long> ids = new ArrayList<>();
    for (int i = random.nextInt(60) + 1; i > 0; i--) {
      ids.add(Unsigned.any(random));
    }
    boolean isAnywhere = random.nextInt(3) == 0;
    long offset = random.nextInt(100);
    for (int count = random.nextInt(most); count > 0; count--) {
      offset += random.nextInt(3);
      long at = isAnywhere ? Unsigned.any(random) : offset;
      byte[] bytes = new byte[random.nextInt(30)];
      random.nextBytes(bytes);
      switch (random.nextInt(30)) {
        case 0 -> result.entries.add((s, position, gen) -> s.onFlushAll(position, gen, at, -at));
        case 1 ->
            result.entries.add((s, position, gen) -> s.onAssign(position, gen, at >>> 1, bytes));
        case 2 -> result.entries.add((s, position, gen) -> s.onCover(position, gen, 3, at, bytes));
        case 3 -> result.entries.add((s, position, gen) -> s.onGap(position, gen, at, -1, "gap"));
        case 4 -> result.entries.add((s, position, gen) -> s.onCommit(position, gen, "c", 17));
        default -> {
          Event event = Event.any(random, ids.get(random.nextInt(ids.size())), generation, at);
          result.event(event.type(), event.blockId(), at, event.timestampNs());
        }
      }
    }
    return result;
  }

  /** Returns the segment of the entries from one index to before another. */
  OpenSegment open(int from, int to) {
    OpenSegment segment = new OpenSegment(generation, FIRST + from, 5);
    for (int i = from; i < to; i++) {
      entries.get(i).feed(segment, FIRST + i, generation);
    }
    return segment;
  }

  /** Returns the segment of all entries. */
  ChangeSegment whole() {
    return open(0, entries.size()).toSegment();
  }

  /** Returns the entries in as many segments, some perhaps empty of changes, none of entries. */
  List<ChangeSegment> cut(Random random, int parts) {
    List<ChangeSegment> result = new ArrayList<>();
    int from = 0;
    for (int left = parts; left > 0 && from < entries.size(); left--) {
      int most = entries.size() - from;
      int length = left == 1 ? most : 1 + random.nextInt(most);
      result.add(open(from, from + length).toSegment());
      from += length;
    }
    return result;
  }
}
