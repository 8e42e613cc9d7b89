package io.tidemark.block;

/** What a backup must do about a block that changed in a range. */
public enum ChangeKind {
  /** Content changed: copy it. */
  DIRTY,
  /** Created in the range: copy it. */
  NEW,
  /** Deleted and changed again in the range: a restore drops it first, then loads it. */
  REPLACED,
  /** Its last change in the range deleted it: record the deletion. */
  DELETED;

  /**
   * Returns the kind of a block in a range.
   *
   * @param last type of its last change in the range
   * @param hasDelete whether a DELETE lies in the range
   * @param hasCreate whether a CREATE lies in the range
   */
  public static ChangeKind of(BlockEventType last, boolean hasDelete, boolean hasCreate) {
    if (last == BlockEventType.DELETE) {
      return DELETED;
    }
    if (hasDelete) {
      return REPLACED;
    }
    return hasCreate ? NEW : DIRTY;
  }
}
