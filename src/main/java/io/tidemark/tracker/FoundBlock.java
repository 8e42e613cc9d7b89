package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;

/** What is known so far of one block's changes in a range; not thread-safe. */
final class FoundBlock {
  private boolean hasFirst;
  private int firstGeneration;
  private long firstOffset;
  private boolean isCertain;
  private boolean hasLast;
  private int lastGeneration;
  private long lastOffset;
  private BlockEventType lastType = BlockEventType.UPDATE;
  private long lastTimestampNs;
  private boolean hasCreate;
  private boolean hasDelete;
  private boolean hasUnknown;
  private int unknownGeneration;
  private long unknownOffset;
  private long unknownTimestampNs;

  /** Takes in a position that no change of a source lies before. */
  void first(int generation, long walOffset) {
    if (!hasFirst || WalPosition.compare(generation, walOffset, firstGeneration, firstOffset) < 0) {
      hasFirst = true;
      firstGeneration = generation;
      firstOffset = walOffset;
    }
  }

  /** Takes in a source's last change, or one that comes no earlier than it; a change is certain. */
  void last(int generation, long walOffset, BlockEventType type, long timestampNs) {
    int order =
        hasLast ? WalPosition.compare(generation, walOffset, lastGeneration, lastOffset) : 1;
    if (order > 0 || (order == 0 && type.rank() >= lastType.rank())) {
      lastGeneration = generation;
      lastOffset = walOffset;
      lastType = type;
      lastTimestampNs = timestampNs;
      hasLast = true;
    }
    isCertain = true;
  }

  /** Takes in a position that no change of a source comes after; their types are not known. */
  void unknown(int generation, long walOffset, long timestampNs) {
    if (!hasUnknown
        || WalPosition.compare(generation, walOffset, unknownGeneration, unknownOffset) > 0) {
      unknownGeneration = generation;
      unknownOffset = walOffset;
      unknownTimestampNs = timestampNs;
    }
    hasUnknown = true;
  }

  /** Takes in that there is a change, if nothing more is known of it. */
  void makeCertain() {
    isCertain = true;
  }

  /** Takes in whether there is a CREATE and whether there is a DELETE. */
  void add(boolean create, boolean delete) {
    hasCreate |= create;
    hasDelete |= delete;
  }

  /** Returns whether there is a change; else there may be one. */
  boolean isCertain() {
    return isCertain;
  }

  /** Returns what a backup must do about the block. */
  BlockChange toChange(long blockId) {
    boolean isUnknownLater =
        hasUnknown
            && (!hasLast
                || WalPosition.compare(unknownGeneration, unknownOffset, lastGeneration, lastOffset)
                    >= 0);
    ChangeKind kind = ChangeKind.of(lastType, hasDelete, hasCreate);
    if (isUnknownLater || (hasUnknown && kind != ChangeKind.DELETED)) {
      kind = ChangeKind.REPLACED;
    }
    WalPosition last =
        isUnknownLater
            ? new WalPosition(unknownGeneration, unknownOffset)
            : new WalPosition(lastGeneration, lastOffset);
    return new BlockChange(
        blockId,
        kind,
        new WalPosition(firstGeneration, firstOffset),
        last,
        isUnknownLater ? unknownTimestampNs : lastTimestampNs);
  }
}
