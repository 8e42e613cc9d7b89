package io.tidemark.state;

/**
 * How many blocks are in each state.
 *
 * @param known blocks that ever had an event
 * @param dirty blocks in state DIRTY
 * @param created blocks in state NEW
 * @param deleted blocks in state DELETED
 */
public record StateCounts(long known, long dirty, long created, long deleted) {

  /** Returns the number of known blocks in state CLEAN. */
  public long clean() {
    return known - dirty - created - deleted;
  }
}
