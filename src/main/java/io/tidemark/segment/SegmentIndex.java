package io.tidemark.segment;

import io.tidemark.block.WalPosition;
import java.util.List;

/**
 * Finds the segments that a range question must look into.
 *
 * <p>One writer changes it; any number of threads may ask at the same time, and each answer holds
 * every segment that was there all the while it was made. Segments without changes are never
 * candidates.
 */
public interface SegmentIndex {

  /** Implementations. */
  enum Kind {
    /** Two skip lists: cost grows with the number of segments that begin before the range's end. */
    SKIP_LISTS,
    /** A list that is walked: simple enough to be obviously right. */
    LINEAR
  }

  /** Returns an empty index. */
  static SegmentIndex create(Kind kind) {
    return switch (kind) {
      case SKIP_LISTS -> new SkipListSegmentIndex();
      case LINEAR -> new LinearSegmentIndex();
    };
  }

  /** Adds a segment. */
  void add(ChangeSegment segment);

  /** Takes a segment out; does nothing if it is not in. */
  void remove(ChangeSegment segment);

  /**
   * Puts a merged segment in the place of its inputs; no question sees only a part of this.
   *
   * @param inputs segments that are in
   */
  void replace(List<ChangeSegment> inputs, ChangeSegment merged);

  /** Returns the segments whose bounds meet a closed range of positions, in journal order. */
  List<ChangeSegment> candidates(WalPosition first, WalPosition last);

  /** Returns the segments whose bounds meet a closed range of timestamps, in journal order. */
  List<ChangeSegment> candidates(long firstTimestampNs, long lastTimestampNs);
}
