package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Walks the rows of several payloads as if they were of one, folding those of one block. */
final class MergedRows implements RowCursor {

  /** One payload: its place in journal order, and how many events of the row were passed on. */
  private static final class Source {
    final SegmentRows rows;
    final int order;
    int passed;

    Source(SegmentRows rows, int order) {
      this.rows = rows;
      this.order = order;
    }

    long blockId() {
      return rows.row().blockId();
    }

    boolean hasEvent() {
      return rows.row().hasChange() && passed <= rows.listedCount();
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
      source.passed = 0;
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

  @Override
  public void forEachEvent(EventHandler handler) throws IOException {
    for (Source next = firstSource(); next != null; next = firstSource()) {
      int event = next.passed;
      next.passed++;
      handler.onEvent(
          next.rows.eventType(event),
          next.rows.eventOffset(event),
          next.rows.eventTimestampNs(event));
    }
  }

  /** Returns the source whose next event comes first; null if all were passed on. */
  private @Nullable Source firstSource() {
    Source first = null;
    for (Source source : current) {
      if (source.hasEvent() && (first == null || isBefore(source, first))) {
        first = source;
      }
    }
    return first;
  }

  /** Whether the next event of a comes before that of b, which was journaled earlier. */
  private static boolean isBefore(Source a, Source b) {
    int order = Long.compareUnsigned(a.rows.eventOffset(a.passed), b.rows.eventOffset(b.passed));
    return order < 0 || (order == 0 && rank(a) < rank(b));
  }

  private static int rank(Source source) {
    BlockEventType type = source.rows.eventType(source.passed);
    return type.rank();
  }
}
