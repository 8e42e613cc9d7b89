package io.tidemark.backup;

import io.tidemark.block.ChangeKind;

/** What a run holds of a block. */
public enum CopyKind {
  /** Content of a block that was created since the run before; in a full run, of every block. */
  NEW(1, true),
  /** Content of a block that changed. */
  DIRTY(2, true),
  /** Content of a block that was deleted and came again: a restore drops it first. */
  REPLACED(3, true),
  /** A tombstone: the block was deleted. */
  DELETED(4, false),
  /** The block was to be copied and was deleted before that; the next run has its tombstone. */
  GONE(5, false);

  private final int code;
  private final boolean hasContent;

  CopyKind(int code, boolean hasContent) {
    this.code = code;
    this.hasContent = hasContent;
  }

  /** Returns the code stored in archives. */
  public int code() {
    return code;
  }

  /** Returns whether the run holds content of the block. */
  public boolean hasContent() {
    return hasContent;
  }

  /** Returns the kind of a block of an incremental set. */
  public static CopyKind of(ChangeKind kind) {
    return switch (kind) {
      case NEW -> NEW;
      case DIRTY -> DIRTY;
      case REPLACED -> REPLACED;
      case DELETED -> DELETED;
    };
  }

  /**
   * Returns the kind with a code.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static CopyKind ofCode(int code) {
    for (CopyKind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new IllegalArgumentException("no such kind of copy: code=" + code);
  }
}
