package io.tidemark.state;

import io.tidemark.segment.ChangeSegment;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/** The history that a damaged part of a metadata map is folded from again. */
@FunctionalInterface
public interface MaximaSource {

  /**
   * Passes on the past of the blocks from {@code firstId} to {@code lastId}, both included and
   * unsigned: for each segment, the oldest first, its blocks in order of ids.
   *
   * <p>At least everything that was ever folded into the map; more does no harm.
   */
  void forEachMaxima(long firstId, long lastId, ChangeSegment.MaximaHandler handler)
      throws IOException;

  /** Returns the source that walks through whole segments, in journal order. */
  static MaximaSource of(Supplier<List<ChangeSegment>> segments) {
    return (firstId, lastId, handler) -> {
      for (ChangeSegment segment : segments.get()) {
        of(segment).forEachMaxima(firstId, lastId, handler);
      }
    };
  }

  /** Returns the source that walks through one segment. */
  static MaximaSource of(ChangeSegment segment) {
    return (firstId, lastId, handler) ->
        segment.forEachMaxima(
            (blockId, maxima, timestampNs) -> {
              if (Long.compareUnsigned(blockId, firstId) >= 0
                  && Long.compareUnsigned(blockId, lastId) <= 0) {
                handler.onBlock(blockId, maxima, timestampNs);
              }
            });
  }
}
