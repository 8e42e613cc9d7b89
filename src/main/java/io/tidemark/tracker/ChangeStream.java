package io.tidemark.tracker;

import io.tidemark.segment.ChangeCursor;
import io.tidemark.segment.ChangeSource;
import io.tidemark.segment.IdOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * What happened to each block of an answer, one after another in unsigned order of ids: for answers
 * that are too long to hold.
 *
 * <p>Memory grows with the number of segments, and with what is not sealed. Stands before the first
 * block when it is made. Used by one thread.
 */
public final class ChangeStream {

  /*
   * The rows of all sources are merged by id, and those of one block folded in journal order. Of a
   * source without rows, an open segment, they are made first.
   */

  private final PriorityQueue<Rows> ahead;
  private final List<Rows> current = new ArrayList<>();
  private final FoundBlocks block = new FoundBlocks();

  /** Takes sources in journal order; all that they say is wanted. */
  ChangeStream(List<ChangeSource> sources) {
    this.ahead = new PriorityQueue<>(Math.max(sources.size(), 1), Rows::compare);
    for (int order = 0; order < sources.size(); order++) {
      ChangeSource source = sources.get(order);
      Rows rows =
          source.hasRows()
              ? new SourceRows(order, source.changes())
              : new FoundRows(order, ChangeCollector.all(source));
      if (rows.next()) {
        ahead.add(rows);
      }
    }
  }

  /** Moves to the next block; returns false at the end. */
  public boolean next() {
    for (Rows rows : current) {
      if (rows.next()) {
        ahead.add(rows);
      }
    }
    current.clear();
    block.clear();
    Rows lowest = ahead.peek();
    if (lowest == null) {
      return false;
    }
    long blockId = lowest.blockId();
    for (Rows rows = lowest; rows != null && rows.blockId() == blockId; rows = ahead.peek()) {
      ahead.remove();
      rows.addTo(block);
      current.add(rows);
    }
    return true;
  }

  /** Returns what happened to the block. */
  public BlockChange change() {
    return block.toChange(0);
  }

  /** Walks what one source says of each block. */
  private abstract static class Rows {
    private final int order;

    Rows(int order) {
      this.order = order;
    }

    static int compare(Rows a, Rows b) {
      int byId = Long.compareUnsigned(a.blockId(), b.blockId());
      return byId != 0 ? byId : Integer.compare(a.order, b.order);
    }

    abstract boolean next();

    abstract long blockId();

    abstract void addTo(FoundBlocks found);
  }

  private static final class SourceRows extends Rows {
    private final ChangeCursor rows;

    SourceRows(int order, ChangeCursor rows) {
      super(order);
      this.rows = rows;
    }

    @Override
    boolean next() {
      return rows.next();
    }

    @Override
    long blockId() {
      return rows.blockId();
    }

    @Override
    void addTo(FoundBlocks found) {
      found.row(found.find(rows.blockId()), rows);
    }
  }

  private static final class FoundRows extends Rows {
    private final FoundBlocks blocks;
    private final long[] ids;
    private final int[] numbers;
    private int index = -1;

    FoundRows(int order, FoundBlocks blocks) {
      super(order);
      this.blocks = blocks;
      this.ids = blocks.ids();
      this.numbers = IdOrder.sort(ids, ids.length);
    }

    @Override
    boolean next() {
      index++;
      return index < ids.length;
    }

    @Override
    long blockId() {
      return ids[index];
    }

    @Override
    void addTo(FoundBlocks found) {
      found.copy(blocks, numbers[index]);
    }
  }
}
