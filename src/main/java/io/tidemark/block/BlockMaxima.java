package io.tidemark.block;

import java.util.Arrays;

/**
 * The highest position of each type of event of one block: all that the fold keeps.
 *
 * <p>Maxima commute, so events may arrive late, twice and in any order and the state is the same.
 * Mutable and reused; not thread-safe.
 */
public final class BlockMaxima {

  /** How many places one block takes in the columns of {@link #save}. */
  public static final int TYPES = 5;

  private final boolean[] present = new boolean[TYPES];
  private final int[] generations = new int[TYPES];
  private final long[] offsets = new long[TYPES];

  /** Forgets everything: a block that had no event. */
  public void reset() {
    Arrays.fill(present, false);
    Arrays.fill(generations, 0);
    Arrays.fill(offsets, 0);
  }

  /** Takes one event in. A CLEAR is a FLUSH too. */
  public void fold(BlockEventType type, int generation, long walOffset) {
    if (type == BlockEventType.CLEAR) {
      fold(BlockEventType.FLUSH, generation, walOffset);
    }
    int code = type.code();
    if (!present[code]
        || WalPosition.compare(generation, walOffset, generations[code], offsets[code]) > 0) {
      present[code] = true;
      generations[code] = generation;
      offsets[code] = walOffset;
    }
  }

  /** Takes in one event that lies before every event of every generation. */
  public void foldPast(BlockEventType type) {
    fold(type, WalPosition.BEFORE_ALL.generation(), WalPosition.BEFORE_ALL.walOffset());
  }

  /** Takes in all that another block history holds. */
  public void fold(BlockMaxima other) {
    for (BlockEventType type : BlockEventType.BY_CODE) {
      if (other.has(type)) {
        fold(type, other.generation(type), other.walOffset(type));
      }
    }
  }

  /**
   * Writes everything to columns that hold many blocks.
   *
   * @param at index of the first of {@link #TYPES} places
   * @return the types that there are, a bit for each; the places of the others are meaningless
   */
  public int save(int[] generationColumn, long[] offsetColumn, int at) {
    int types = 0;
    for (int code = 0; code < TYPES; code++) {
      types |= present[code] ? 1 << code : 0;
      generationColumn[at + code] = generations[code];
      offsetColumn[at + code] = offsets[code];
    }
    return types;
  }

  /** Takes over what {@link #save} wrote and returned. */
  public void load(int types, int[] generationColumn, long[] offsetColumn, int at) {
    for (int code = 0; code < TYPES; code++) {
      present[code] = (types >> code & 1) != 0;
      generations[code] = generationColumn[at + code];
      offsets[code] = offsetColumn[at + code];
    }
  }

  /** Returns whether the block had an event of this type. */
  public boolean has(BlockEventType type) {
    return present[type.code()];
  }

  /** Returns the generation of the highest event of this type; meaningless if there was none. */
  public int generation(BlockEventType type) {
    return generations[type.code()];
  }

  /** Returns the WAL offset of the highest event of this type; meaningless if there was none. */
  public long walOffset(BlockEventType type) {
    return offsets[type.code()];
  }

  /** Returns whether every one of them lies above a position; true if there is none. */
  public boolean areAbove(WalPosition position) {
    for (int code = 0; code < TYPES; code++) {
      if (present[code]
          && WalPosition.compare(
                  generations[code], offsets[code], position.generation(), position.walOffset())
              <= 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns the position of the last change; {@code BEFORE_ALL} if there was none. */
  public WalPosition lastChange() {
    WalPosition last = WalPosition.BEFORE_ALL;
    for (BlockEventType type : BlockEventType.BY_CODE) {
      if (type.isChange() && has(type)) {
        WalPosition position = new WalPosition(generation(type), walOffset(type));
        last = position.compareTo(last) > 0 ? position : last;
      }
    }
    return last;
  }

  /** Returns the state that the maxima give if no backup was ever committed. */
  public BlockState state() {
    return state(true, true, true);
  }

  /**
   * Returns the state that the maxima give; the first rule that holds decides.
   *
   * <p>No change since the last committed backup: CLEAN. Deleted after it was created or cleared:
   * DELETED. Created after it was flushed or deleted: NEW. Changed after it was flushed or deleted:
   * DIRTY. Else CLEAN.
   *
   * @param isChanged whether a change was journaled after the cursor of the default chain
   * @param isCreated whether a CREATE was; a block that is not new any more is DIRTY
   * @param isDeleted whether a DELETE was; a deletion that is not owed any more is no state
   */
  public BlockState state(boolean isChanged, boolean isCreated, boolean isDeleted) {
    if (!isChanged) {
      return BlockState.CLEAN;
    }
    if (isDeleted
        && isAfter(BlockEventType.DELETE, BlockEventType.CREATE)
        && isAfter(BlockEventType.DELETE, BlockEventType.CLEAR)) {
      return BlockState.DELETED;
    }
    boolean isNew =
        isAfter(BlockEventType.CREATE, BlockEventType.FLUSH)
            && isAfter(BlockEventType.CREATE, BlockEventType.DELETE);
    if (isNew && isCreated) {
      return BlockState.NEW;
    }
    boolean isDirty =
        isAfter(BlockEventType.UPDATE, BlockEventType.FLUSH)
            && isAfter(BlockEventType.UPDATE, BlockEventType.DELETE);
    return isNew || isDirty ? BlockState.DIRTY : BlockState.CLEAN;
  }

  /** Whether there was an event of type a, and it comes after every event of type b. */
  private boolean isAfter(BlockEventType a, BlockEventType b) {
    if (!has(a) || !has(b)) {
      return has(a);
    }
    int order = WalPosition.compare(generation(a), walOffset(a), generation(b), walOffset(b));
    return order > 0 || (order == 0 && a.rank() > b.rank());
  }
}
