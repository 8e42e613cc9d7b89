package io.tidemark.segment;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** Walks the rows of several payloads as if they were of one, folding those of one block. */
final class MergedRows implements RowCursor {

  /** One payload and its place in journal order. */
  private static final class Source {
    final SegmentRows rows;
    final int order;

    Source(SegmentRows rows, int order) {
      this.rows = rows;
      this.order = order;
    }

    long blockId() {
      return rows.row().blockId();
    }
  }

  private final PriorityQueue<Source> ahead;
  private final List<Source> current = new ArrayList<>();
  private final BlockRow merged = new BlockRow();
  private final int firstLate;
  private final BlockRow late = new BlockRow();

  /** Takes cursors in journal order that stand before their first row. */
  MergedRows(List<SegmentRows> inputs) {
    this(inputs, inputs.size());
  }

  /**
   * Takes cursors in journal order that stand before their first row.
   *
   * @param firstLate index of the first whose rows are folded for themselves too
   */
  MergedRows(List<SegmentRows> inputs, int firstLate) {
    this.firstLate = firstLate;
    this.ahead = new PriorityQueue<>(Math.max(inputs.size(), 1), MergedRows::compare);
    for (int order = 0; order < inputs.size(); order++) {
      SegmentRows input = inputs.get(order);
      if (input.next()) {
        ahead.add(new Source(input, order));
      }
    }
  }

  private static int compare(Source a, Source b) {
    int byId = Long.compareUnsigned(a.blockId(), b.blockId());
    return byId != 0 ? byId : Integer.compare(a.order, b.order);
  }

  @Override
  public boolean next() {
    for (Source source : current) {
      if (source.rows.next()) {
        ahead.add(source);
      }
    }
    current.clear();
    Source lowest = ahead.peek();
    if (lowest == null) {
      return false;
    }
    long blockId = lowest.blockId();
    merged.reset(blockId);
    late.reset(blockId);
    for (Source source = lowest;
        source != null && source.blockId() == blockId;
        source = ahead.peek()) {
      ahead.remove();
      current.add(source);
      merged.fold(source.rows.row());
      if (source.order >= firstLate) {
        late.fold(source.rows.row());
      }
    }
    return true;
  }

  @Override
  public BlockRow row() {
    return merged;
  }

  /** Returns what the late inputs alone say of the block. */
  BlockRow lateRow() {
    return late;
  }
}
