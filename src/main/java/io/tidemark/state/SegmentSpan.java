package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.ChangeSegment;

/**
 * From where to where the events of a segment reach, flushes included.
 *
 * @param lowest lowest position of any event; after all if there is none
 * @param highest highest position of any event; before all if there is none
 */
record SegmentSpan(WalPosition lowest, WalPosition highest) {
  private static final SegmentSpan NONE =
      new SegmentSpan(WalPosition.AFTER_ALL, WalPosition.BEFORE_ALL);

  /** Returns the span of a segment; looks at each row if any block of it was flushed. */
  static SegmentSpan of(ChangeSegment segment) {
    int generation = segment.generation();
    SegmentSpan[] span = {NONE};
    if (segment.changedCount() > 0) {
      span[0] = span[0].with(generation, segment.minWalOffset());
      span[0] = span[0].with(generation, segment.maxWalOffset());
    }
    if (segment.hasFlushAll()) {
      span[0] = span[0].with(generation, segment.flushAllOffset());
    }
    if (segment.flushed().parts() > 0) {
      segment.forEachMaxima(
          (id, maxima, timestampNs) -> {
            span[0] = span[0].with(maxima, BlockEventType.FLUSH);
            span[0] = span[0].with(maxima, BlockEventType.CLEAR);
          });
    }
    return span[0];
  }

  private SegmentSpan with(BlockMaxima maxima, BlockEventType type) {
    return maxima.has(type) ? with(maxima.generation(type), maxima.walOffset(type)) : this;
  }

  private SegmentSpan with(int generation, long walOffset) {
    WalPosition position = new WalPosition(generation, walOffset);
    return new SegmentSpan(
        position.compareTo(lowest) < 0 ? position : lowest,
        position.compareTo(highest) > 0 ? position : highest);
  }
}
