package io.tidemark.tracker;

import io.tidemark.block.Hole;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A question about a range, with everything that is known of the answer before looking at blocks.
 *
 * @param range which changes are asked for
 * @param certain the part of the range whose changes are in the log as it is now; null for all of
 *     it. What changed elsewhere in the range only counts as surplus
 * @param holes what is unknown
 * @param isBeyond whether the range ends beyond what was delivered
 */
record RangeQuestion(
    RangeFilter range, @Nullable RangeFilter certain, List<Hole> holes, boolean isBeyond) {

  RangeQuestion(RangeFilter range, List<Hole> holes, boolean isBeyond) {
    this(range, null, holes, isBeyond);
  }

  /** Returns the same question, certain of what another one finds only. */
  RangeQuestion certainOf(RangeQuestion narrower) {
    return new RangeQuestion(range, narrower.range, holes, isBeyond);
  }
}
