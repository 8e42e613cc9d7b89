package io.tidemark.block;

/** What the storage engine last did to a block, by the specification's table. */
public enum BlockState {
  /** Not modified since it was last flushed. */
  CLEAN(0),
  /** Modified and not flushed. */
  DIRTY(1),
  /** Created and not flushed. */
  NEW(2),
  /** Deleted; the deletion is not confirmed yet. */
  DELETED(3);

  private static final BlockState[] BY_CODE = values();

  private final int code;

  BlockState(int code) {
    this.code = code;
  }

  /** Returns the specification's code: 0 to 3. */
  public int code() {
    return code;
  }

  /** Returns the state with a code of 0 to 3. */
  public static BlockState ofCode(int code) {
    return BY_CODE[code];
  }
}
