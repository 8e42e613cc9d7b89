package io.tidemark.block;

/** How far an answer can be trusted; every answer carries one. Declared from best to worst. */
public enum Verdict {
  /** The set is exactly the blocks that changed in the range. */
  EXACT,
  /** Every block that changed is in the set, and some that did not. */
  SUPERSET,
  /** The range reaches beyond what the source has delivered so far: ask again later. */
  NOT_READY,
  /** The range has a hole: what changed there is unknown, only a full backup is safe. */
  FULL_REQUIRED;

  /** Returns the less trustworthy of two verdicts. */
  public Verdict worse(Verdict other) {
    return compareTo(other) >= 0 ? this : other;
  }

  /** Returns whether the set is guaranteed to hold every changed block. */
  public boolean isComplete() {
    return this == EXACT || this == SUPERSET;
  }
}
