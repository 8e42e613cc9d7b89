package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.ChangeCursor;
import io.tidemark.segment.ChangeSource;
import io.tidemark.segment.EventCursor;
import java.util.List;

/**
 * Gathers what happened to each block in a range from one source after another.
 *
 * <p>Used once, by one thread. Sources come in journal order.
 */
final class ChangeCollector {

  /*
   * A source that lies wholly outside the range is passed over. Of one that lies wholly inside the
   * rows say all. Of one that the range cuts the changes are looked at that lie on pages whose bounds
   * the range meets: what that costs depends on the answer, not on how long the source is. Where the
   * changes are no longer known by themselves, the rows are what is left; see CutBlock.
   */

  private final RangeFilter range;
  private final FoundBlocks blocks = new FoundBlocks();
  private final CutBlock cut;

  ChangeCollector(RangeFilter range) {
    this.range = range;
    this.cut = new CutBlock(range);
  }

  /** Returns what a source says of all its blocks. */
  static FoundBlocks all(ChangeSource source) {
    ChangeCollector collector = new ChangeCollector(RangeFilter.all());
    collector.collect(source);
    return collector.blocks;
  }

  /** Takes in what a source says. */
  void collect(ChangeSource source) {
    if (range.acceptsNone(source)) {
      return;
    }
    if (source.hasRows() && range.acceptsAll(source)) {
      collectWhole(source.changes());
    } else if (source.hasEvents()) {
      collectEvents(source);
    } else {
      collectRows(source.changes());
    }
  }

  private void collectEvents(ChangeSource source) {
    int generation = source.firstChange().generation();
    GenerationFilter filter = range.in(generation);
    EventCursor page = source.events(filter);
    while (page.next()) {
      boolean isWhole = filter.acceptsAll(page);
      int count = page.count();
      long[] ids = page.blockIds();
      long[] offsets = page.walOffsets();
      long[] timestampsNs = page.timestampsNs();
      byte[] types = page.types();
      for (int i = 0; i < count; i++) {
        if (isWhole || filter.accepts(offsets[i], timestampsNs[i])) {
          BlockEventType type = BlockEventType.ofCode(types[i]);
          blocks.change(blocks.find(ids[i]), generation, offsets[i], type, timestampsNs[i]);
        }
      }
    }
  }

  private void collectRows(ChangeCursor block) {
    while (block.next()) {
      if (!range.acceptsNone(block)) {
        cut.look(block);
        collectCut(block);
      }
    }
  }

  private void collectWhole(ChangeCursor block) {
    while (block.next()) {
      blocks.row(blocks.find(block.blockId()), block);
    }
  }

  private void collectCut(ChangeCursor block) {
    int found = blocks.find(block.blockId());
    if (cut.isWhole()) {
      blocks.row(found, block);
    } else if (cut.isFromFirst()) {
      blocks.first(found, range.first().generation(), range.first().walOffset());
      blocks.last(
          found,
          block.lastGeneration(),
          block.lastOffset(),
          block.lastType(),
          block.lastTimestampNs());
      blocks.add(found, cut.hasCreate(), cut.hasDelete());
    } else {
      bounds(found, block);
    }
  }

  /** Decides a block that the range cuts by the changes that are known. */
  private void bounds(int found, ChangeCursor block) {
    WalPosition first = new WalPosition(block.firstGeneration(), block.firstOffset());
    WalPosition last = new WalPosition(block.lastGeneration(), block.lastOffset());
    first = first.compareTo(range.first()) < 0 ? range.first() : first;
    last = last.compareTo(range.last()) > 0 ? range.last() : last;
    long timestampNs =
        cut.hasLast()
            ? block.lastTimestampNs()
            : Math.min(block.maxTimestampNs(), range.lastTimestampNs());
    blocks.first(found, first.generation(), first.walOffset());
    if (cut.isCertain()) {
      blocks.makeCertain(found);
    }
    boolean isCreatedLast = cut.hasLast() && block.lastType() == BlockEventType.CREATE;
    boolean isDeletedLast = cut.hasLast() && block.lastType() == BlockEventType.DELETE;
    if (isDeletedLast || (cut.isCertain() && cut.isKindKnown())) {
      BlockEventType type = isDeletedLast ? BlockEventType.DELETE : BlockEventType.UPDATE;
      blocks.last(found, last.generation(), last.walOffset(), type, timestampNs);
    } else {
      blocks.unknown(found, last.generation(), last.walOffset(), timestampNs);
    }
    blocks.add(found, cut.hasCreate() || isCreatedLast, cut.hasDelete() || isDeletedLast);
  }

  /** Returns how many blocks were found. */
  int size() {
    return blocks.size();
  }

  /** Returns how many of them may not have changed in the range. */
  long surplus() {
    return blocks.uncertain();
  }

  /** Returns the blocks found, in unsigned order of ids; nothing may be collected any more. */
  List<BlockChange> changes() {
    return new FoundChanges(blocks);
  }
}
