package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.ChangeCursor;
import io.tidemark.segment.ChangeSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Gathers what happened to each block in a range from one source after another.
 *
 * <p>Used once, by one thread. Sources may come in any order.
 */
final class ChangeCollector {

  /*
   * What a source says of a block that the range cuts is looked up in the block's event list. Where
   * that is no longer kept, what is left decides:
   *
   *  Whether the block changed in the range. Certain are the first and the last change, the last
   *  CREATE and the last DELETE, the lowest and the highest timestamp: if one of these lies in the
   *  range, so does a change. The last change is known with position and timestamp; of the others
   *  only one is known, so they count if the range takes all there is of the other. If none of them
   *  does, it is open whether a change lies between: the block is in the answer as surplus. That
   *  cannot be if the range is open to one side.
   *
   *  What kind of change. The range takes all changes, or all from one position on: then the last
   *  change, CREATE and DELETE tell the kind exactly. Else, if the block was never created or
   *  deleted, it is DIRTY. Else, if it was never deleted and its last CREATE lies in the range, it
   *  is NEW. Else the kind is not known, and REPLACED is always safe.
   */

  private final RangeFilter range;
  private final Long2ObjectHashMap<FoundBlock> blocks = new Long2ObjectHashMap<>();

  ChangeCollector(RangeFilter range) {
    this.range = range;
  }

  /** Takes in what a segment or a file of the base says. */
  void collect(ChangeSource source) {
    if (source.changedCount() == 0) {
      return;
    }
    WalPosition first = source.firstChange();
    WalPosition last = source.lastChange();
    if (range.acceptsNone(
        first.generation(),
        first.walOffset(),
        last.generation(),
        last.walOffset(),
        source.minTimestampNs(),
        source.maxTimestampNs())) {
      return;
    }
    ChangeCursor block = source.changes();
    while (block.next()) {
      if (!range.acceptsNone(
          block.firstGeneration(),
          block.firstOffset(),
          block.lastGeneration(),
          block.lastOffset(),
          block.minTimestampNs(),
          block.maxTimestampNs())) {
        collect(block);
      }
    }
  }

  private void collect(ChangeCursor block) {
    boolean isFromFirst = range.isFromFirst(block.firstGeneration(), block.firstOffset());
    boolean isToLast = range.isToLast(block.lastGeneration(), block.lastOffset());
    boolean hasAllTimes =
        range.acceptsTimestamp(block.minTimestampNs())
            && range.acceptsTimestamp(block.maxTimestampNs());
    if (isFromFirst && isToLast && hasAllTimes) {
      FoundBlock found = found(block.blockId());
      found.first(block.firstGeneration(), block.firstOffset());
      last(found, block);
      found.add(block.isCreated(), block.isDeleted());
    } else if (block.hasEventList()) {
      events(block);
    } else if (isToLast && hasAllTimes) {
      fromFirst(block);
    } else {
      bounds(block, isFromFirst && isToLast, hasAllTimes);
    }
  }

  private static void last(FoundBlock found, ChangeCursor block) {
    found.last(
        block.lastGeneration(), block.lastOffset(), block.lastType(), block.lastTimestampNs());
  }

  /** Decides a block that the range cuts by its events. */
  private void events(ChangeCursor block) {
    int generation = block.lastGeneration();
    for (int event = block.eventStart(); event < block.eventEnd(); event++) {
      long offset = block.eventOffset(event);
      long timestampNs = block.eventTimestampNs(event);
      if (range.accepts(generation, offset, timestampNs)) {
        BlockEventType type = block.eventType(event);
        FoundBlock found = found(block.blockId());
        found.first(generation, offset);
        found.last(generation, offset, type, timestampNs);
        found.add(type == BlockEventType.CREATE, type == BlockEventType.DELETE);
      }
    }
  }

  /** Takes in a block of which the range leaves out nothing but changes before its beginning. */
  private void fromFirst(ChangeCursor block) {
    FoundBlock found = found(block.blockId());
    found.first(range.first().generation(), range.first().walOffset());
    last(found, block);
    found.add(isCreatedInRange(block), isDeletedInRange(block));
  }

  private boolean isCreatedInRange(ChangeCursor block) {
    return block.isCreated()
        && range.acceptsPosition(block.createdGeneration(), block.createdOffset());
  }

  private boolean isDeletedInRange(ChangeCursor block) {
    return block.isDeleted()
        && range.acceptsPosition(block.deletedGeneration(), block.deletedOffset());
  }

  /** Decides a block that the range cuts by the changes that are known. */
  private void bounds(ChangeCursor block, boolean hasAllPositions, boolean hasAllTimes) {
    boolean hasLast =
        range.accepts(block.lastGeneration(), block.lastOffset(), block.lastTimestampNs());
    boolean hasFirst =
        hasAllTimes && range.acceptsPosition(block.firstGeneration(), block.firstOffset());
    boolean hasCreate = hasAllTimes && isCreatedInRange(block);
    boolean hasDelete = hasAllTimes && isDeletedInRange(block);
    boolean hasTime =
        hasAllPositions
            && (range.acceptsTimestamp(block.minTimestampNs())
                || range.acceptsTimestamp(block.maxTimestampNs()));

    FoundBlock found = found(block.blockId());
    WalPosition first = new WalPosition(block.firstGeneration(), block.firstOffset());
    WalPosition last = new WalPosition(block.lastGeneration(), block.lastOffset());
    first = first.compareTo(range.first()) < 0 ? range.first() : first;
    last = last.compareTo(range.last()) > 0 ? range.last() : last;
    long timestampNs =
        hasLast
            ? block.lastTimestampNs()
            : Math.min(block.maxTimestampNs(), range.lastTimestampNs());
    found.first(first.generation(), first.walOffset());
    boolean isCertain = hasLast || hasFirst || hasCreate || hasDelete || hasTime;
    if (isCertain) {
      found.makeCertain();
    }
    boolean isDeletedLast = hasLast && block.lastType() == BlockEventType.DELETE;
    if (isDeletedLast || (isCertain && isKindKnown(block, hasAllTimes, hasLast))) {
      BlockEventType type = isDeletedLast ? BlockEventType.DELETE : BlockEventType.UPDATE;
      found.last(last.generation(), last.walOffset(), type, timestampNs);
    } else {
      found.unknown(last.generation(), last.walOffset(), timestampNs);
    }
    found.add(
        hasCreate || (hasLast && block.lastType() == BlockEventType.CREATE),
        hasDelete || isDeletedLast);
  }

  /** Whether it is known that no DELETE lies in the range, and whether a CREATE does. */
  private boolean isKindKnown(ChangeCursor block, boolean hasAllTimes, boolean hasLast) {
    boolean isNotDeleted =
        !block.isDeleted()
            || (hasAllTimes
                && !range.isFromFirst(block.deletedGeneration(), block.deletedOffset()));
    boolean isCreateKnown =
        !block.isCreated()
            || (hasAllTimes
                && (isCreatedInRange(block)
                    || !range.isFromFirst(block.createdGeneration(), block.createdOffset())))
            || (hasLast && block.lastType() == BlockEventType.CREATE);
    return isNotDeleted && isCreateKnown;
  }

  private FoundBlock found(long blockId) {
    return blocks.computeIfAbsent(blockId, unused -> new FoundBlock());
  }

  /** Returns how many blocks were found. */
  int size() {
    return blocks.size();
  }

  /** Returns how many of them may not have changed in the range. */
  long surplus() {
    long[] surplus = {0};
    blocks.forEachLong((id, found) -> surplus[0] += found.isCertain() ? 0 : 1);
    return surplus[0];
  }

  /** Returns the blocks found, in unsigned order of ids. */
  List<BlockChange> changes() {
    List<BlockChange> result = new ArrayList<>(blocks.size());
    blocks.forEachLong((id, found) -> result.add(found.toChange(id)));
    result.sort(Comparator.comparing(BlockChange::blockId, Long::compareUnsigned));
    return result;
  }
}
