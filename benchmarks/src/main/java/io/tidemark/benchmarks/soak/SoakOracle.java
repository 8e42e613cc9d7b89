package io.tidemark.benchmarks.soak;

import io.tidemark.block.BlockEventType;
import java.util.BitSet;

/** Which blocks changed in a stretch of the workload, by telling it again. Immutable. */
final class SoakOracle {
  private final SoakWorkload workload;

  SoakOracle(SoakWorkload workload) {
    this.workload = workload;
  }

  /** Returns the blocks with a change in a closed range of WAL offsets; none if it is empty. */
  BitSet changedIn(long first, long last) {
    BitSet changed = new BitSet((int) workload.blocks());
    for (long offset = Math.max(first, 1); offset <= last; offset++) {
      if (workload.type(offset) != BlockEventType.FLUSH) {
        changed.set((int) workload.blockId(offset));
      }
    }
    return changed;
  }

  /** Returns how many blocks of one set are missing in another. */
  static int missing(BitSet expected, BitSet actual) {
    BitSet rest = (BitSet) expected.clone();
    rest.andNot(actual);
    return rest.cardinality();
  }
}
