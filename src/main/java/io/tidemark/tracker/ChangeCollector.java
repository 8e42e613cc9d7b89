package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.ChangeCursor;
import io.tidemark.segment.ChangeSegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Gathers what happened to each block in a range from one segment after another.
 *
 * <p>Used once, by one thread. Segments may come in any order.
 */
final class ChangeCollector {

  /** What happened to one block in the range so far. */
  private static final class Found {
    private int firstGeneration;
    private long firstOffset;
    private int lastGeneration;
    private long lastOffset;
    private BlockEventType lastType = BlockEventType.UPDATE;
    private long lastTimestampNs;
    private boolean hasCreate;
    private boolean hasDelete;
    private boolean isEmpty = true;

    void first(int generation, long walOffset) {
      if (isEmpty || WalPosition.compare(generation, walOffset, firstGeneration, firstOffset) < 0) {
        firstGeneration = generation;
        firstOffset = walOffset;
      }
    }

    void last(int generation, long walOffset, BlockEventType type, long timestampNs) {
      int order =
          isEmpty ? 1 : WalPosition.compare(generation, walOffset, lastGeneration, lastOffset);
      if (order > 0 || (order == 0 && type.rank() >= lastType.rank())) {
        lastGeneration = generation;
        lastOffset = walOffset;
        lastType = type;
        lastTimestampNs = timestampNs;
      }
      isEmpty = false;
    }
  }

  private final RangeFilter range;
  private final Long2ObjectHashMap<Found> blocks = new Long2ObjectHashMap<>();

  ChangeCollector(RangeFilter range) {
    this.range = range;
  }

  /** Takes in what a segment says. */
  void collect(ChangeSegment segment) {
    int generation = segment.generation();
    if (segment.changedCount() == 0
        || range.acceptsNone(
            generation,
            segment.minWalOffset(),
            segment.maxWalOffset(),
            segment.minTimestampNs(),
            segment.maxTimestampNs())) {
      return;
    }
    ChangeCursor block = segment.changes();
    while (block.next()) {
      long first = block.firstOffset();
      long last = block.lastOffset();
      long min = block.minTimestampNs();
      long max = block.maxTimestampNs();
      if (range.acceptsNone(generation, first, last, min, max)) {
        continue;
      }
      if (range.acceptsAll(generation, first, last, min, max)) {
        Found found = found(block.blockId());
        found.first(generation, first);
        found.last(generation, last, block.lastType(), block.lastTimestampNs());
        found.hasCreate |= block.isCreated();
        found.hasDelete |= block.isDeleted();
      } else {
        events(generation, block);
      }
    }
  }

  /** Decides a block that the range cuts by its events. */
  private void events(int generation, ChangeCursor block) {
    for (int event = block.eventStart(); event < block.eventEnd(); event++) {
      long offset = block.eventOffset(event);
      long timestampNs = block.eventTimestampNs(event);
      if (range.accepts(generation, offset, timestampNs)) {
        BlockEventType type = block.eventType(event);
        Found found = found(block.blockId());
        found.first(generation, offset);
        found.last(generation, offset, type, timestampNs);
        found.hasCreate |= type == BlockEventType.CREATE;
        found.hasDelete |= type == BlockEventType.DELETE;
      }
    }
  }

  private Found found(long blockId) {
    return blocks.computeIfAbsent(blockId, unused -> new Found());
  }

  /** Returns how many blocks were found. */
  int size() {
    return blocks.size();
  }

  /** Returns the blocks found, in unsigned order of ids. */
  List<BlockChange> changes() {
    List<BlockChange> result = new ArrayList<>(blocks.size());
    blocks.forEachLong(
        (id, found) ->
            result.add(
                new BlockChange(
                    id,
                    ChangeKind.of(found.lastType, found.hasDelete, found.hasCreate),
                    new WalPosition(found.firstGeneration, found.firstOffset),
                    new WalPosition(found.lastGeneration, found.lastOffset),
                    found.lastTimestampNs)));
    result.sort(Comparator.comparing(BlockChange::blockId, Long::compareUnsigned));
    return result;
  }
}
