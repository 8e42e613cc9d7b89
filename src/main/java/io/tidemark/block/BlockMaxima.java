package io.tidemark.block;

/**
 * The highest position of each type of event of one block: all that the fold keeps.
 *
 * <p>Maxima commute, so events may arrive late, twice and in any order and the state is the same.
 * Mutable and reused; not thread-safe. A generation of 0 means "no such event".
 */
public final class BlockMaxima {
  private static final int TYPES = 4;

  private final int[] generations = new int[TYPES];
  private final long[] offsets = new long[TYPES];

  /** Forgets everything: a block that had no event. */
  public void reset() {
    for (int code = 0; code < TYPES; code++) {
      generations[code] = 0;
      offsets[code] = 0;
    }
  }

  /** Takes one event in. */
  public void fold(BlockEventType type, int generation, long walOffset) {
    set(type.code(), generation, walOffset);
  }

  /** Takes in all that another block history holds. */
  public void fold(BlockMaxima other) {
    for (int code = 0; code < TYPES; code++) {
      if (other.generations[code] != 0) {
        set(code, other.generations[code], other.offsets[code]);
      }
    }
  }

  private void set(int code, int generation, long walOffset) {
    if (WalPosition.compare(generation, walOffset, generations[code], offsets[code]) >= 0) {
      generations[code] = generation;
      offsets[code] = walOffset;
    }
  }

  /** Returns the generation of the highest event of this type, 0 if there was none. */
  public int generation(BlockEventType type) {
    return generations[type.code()];
  }

  /** Returns the WAL offset of the highest event of this type; meaningless if there was none. */
  public long walOffset(BlockEventType type) {
    return offsets[type.code()];
  }

  /** Returns whether the block had an event of this type. */
  public boolean has(BlockEventType type) {
    return generations[type.code()] != 0;
  }

  /**
   * Returns the state that the maxima give; the first rule that holds decides.
   *
   * <p>No change: CLEAN. Deleted after it was created: DELETED. Created after it was flushed or
   * deleted: NEW. Changed after it was flushed or deleted: DIRTY. Else CLEAN.
   */
  public BlockState state() {
    boolean created = has(BlockEventType.CREATE);
    boolean updated = has(BlockEventType.UPDATE);
    if (isAfter(BlockEventType.DELETE, BlockEventType.CREATE)) {
      return BlockState.DELETED;
    }
    if (created
        && isAfter(BlockEventType.CREATE, BlockEventType.FLUSH)
        && isAfter(BlockEventType.CREATE, BlockEventType.DELETE)) {
      return BlockState.NEW;
    }
    if (updated
        && isAfter(BlockEventType.UPDATE, BlockEventType.FLUSH)
        && isAfter(BlockEventType.UPDATE, BlockEventType.DELETE)) {
      return BlockState.DIRTY;
    }
    return BlockState.CLEAN;
  }

  /** Whether there was an event of type a, and it comes after every event of type b. */
  private boolean isAfter(BlockEventType a, BlockEventType b) {
    if (!has(a)) {
      return false;
    }
    int order =
        WalPosition.compare(
            generations[a.code()], offsets[a.code()], generations[b.code()], offsets[b.code()]);
    return order > 0 || (order == 0 && a.rank() > b.rank());
  }
}
