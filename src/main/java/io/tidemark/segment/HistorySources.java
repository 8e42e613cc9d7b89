package io.tidemark.segment;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The base and the segments behind it in journal order, divided at a journal position.
 *
 * @param payloads files of the base, then segments
 * @param firstAfter index of the first segment behind the position
 */
record HistorySources(List<SegmentPayload> payloads, int firstAfter) {

  /** Copies the list. */
  HistorySources {
    payloads = List.copyOf(payloads);
  }

  /**
   * Leaves out segments that the base holds already.
   *
   * @throws IllegalArgumentException if base or a segment reach from before the position to behind
   *     it
   */
  static HistorySources of(@Nullable Base base, List<ChangeSegment> segments, long position) {
    List<SegmentPayload> payloads = new ArrayList<>();
    long end = 0;
    if (base != null) {
      base.files().forEach(file -> payloads.add(file.payload()));
      end = base.lastPosition();
      if (position > 0 && position < end) {
        throw new IllegalArgumentException(
            "position cuts the base: last=" + end + ", position=" + position);
      }
    }
    int firstAfter = position == 0 ? 0 : payloads.size();
    for (ChangeSegment segment : segments) {
      if (segment.firstPosition() <= position && segment.lastPosition() > position) {
        throw new IllegalArgumentException(
            "position cuts a segment: first="
                + segment.firstPosition()
                + ", last="
                + segment.lastPosition()
                + ", position="
                + position);
      }
      if (segment.lastPosition() > end) {
        payloads.add(segment.payload());
        firstAfter += segment.lastPosition() <= position ? 1 : 0;
      }
    }
    return new HistorySources(payloads, firstAfter);
  }
}
