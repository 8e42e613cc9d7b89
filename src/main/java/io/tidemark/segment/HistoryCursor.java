package io.tidemark.segment;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks everything that base and segments say of each known block, in unsigned order of ids.
 *
 * <p>Memory grows with the number of segments, not of blocks. Stands before the first block when it
 * is made. Used by one thread.
 */
public final class HistoryCursor {
  private final MergedRows rows;
  private final BlockHistory history = new BlockHistory();

  /**
   * Takes what to walk.
   *
   * @param base everything older than the segments; null if there is none
   * @param segments in journal order; those that the base holds already are left out
   * @param position journal position that {@code has…After} asks about: the end of a segment, of
   *     the base, or 0
   * @throws IllegalArgumentException if the position cuts the base or a segment
   */
  public HistoryCursor(@Nullable Base base, List<ChangeSegment> segments, long position) {
    HistorySources sources = HistorySources.of(base, segments, position);
    List<SegmentRows> cursors = new ArrayList<>();
    sources.payloads().forEach(payload -> cursors.add(new SegmentRows(payload)));
    this.rows = new MergedRows(cursors, sources.firstAfter());
  }

  /** Moves to the next block; returns false at the end. */
  public boolean next() {
    if (!rows.next()) {
      return false;
    }
    history.set(rows.row(), rows.lateRow());
    return true;
  }

  /** Returns what is known of the block; valid until the next move. */
  public BlockHistory history() {
    return history;
  }
}
