package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.segment.ChangeCursor;

/**
 * What is certain of a block that the range cuts and of which only a row is known.
 *
 * <p>Mutable and reused: valid until the next {@link #look}. Not thread-safe.
 */
final class CutBlock {

  /*
   * Whether the block changed in the range. Certain are the first and the last change, the last
   * CREATE and the last DELETE, the lowest and the highest timestamp: if one of these lies in the
   * range, so does a change. The last change is known with position and timestamp; of the others
   * only one is known, so they count if the range takes all there is of the other. If none of them
   * does, it is open whether a change lies between: the block is in the answer as surplus. That
   * cannot be if the range is open to one side.
   *
   * What kind of change. The range takes all changes, or all from one position on: then the last
   * change, CREATE and DELETE tell the kind exactly. Else, if the block was never created or
   * deleted, it is DIRTY. Else, if it was never deleted and its last CREATE lies in the range, it
   * is NEW. Else the kind is not known, and REPLACED is always safe.
   */

  private final RangeFilter range;
  private boolean isFromFirst;
  private boolean isToLast;
  private boolean hasAllTimes;
  private boolean hasLast;
  private boolean hasFirst;
  private boolean hasCreate;
  private boolean hasDelete;
  private boolean hasTime;
  private boolean isKindKnown;

  CutBlock(RangeFilter range) {
    this.range = range;
  }

  /** Looks at a block that the range does not wholly leave out. */
  void look(ChangeCursor block) {
    isFromFirst = range.isFromFirst(block.firstGeneration(), block.firstOffset());
    isToLast = range.isToLast(block.lastGeneration(), block.lastOffset());
    boolean hasMin = range.acceptsTimestamp(block.minTimestampNs());
    boolean hasMax = range.acceptsTimestamp(block.maxTimestampNs());
    hasAllTimes = hasMin && hasMax;
    hasLast = range.accepts(block.lastGeneration(), block.lastOffset(), block.lastTimestampNs());
    hasFirst =
        hasAllTimes && isFromFirst && range.isToLast(block.firstGeneration(), block.firstOffset());
    hasCreate = hasAllTimes && isCreatedInRange(block);
    hasDelete = hasAllTimes && isDeletedInRange(block);
    hasTime = isFromFirst && isToLast && (hasMin || hasMax);
    isKindKnown = isKindKnown(block);
  }

  private boolean isCreatedInRange(ChangeCursor block) {
    return block.isCreated()
        && range.acceptsPosition(block.createdGeneration(), block.createdOffset());
  }

  private boolean isDeletedInRange(ChangeCursor block) {
    return block.isDeleted()
        && range.acceptsPosition(block.deletedGeneration(), block.deletedOffset());
  }

  /** Whether it is known that no DELETE lies in the range, and whether a CREATE does. */
  private boolean isKindKnown(ChangeCursor block) {
    boolean isNotDeleted =
        !block.isDeleted()
            || (hasAllTimes
                && !range.isFromFirst(block.deletedGeneration(), block.deletedOffset()));
    boolean isCreateKnown =
        !block.isCreated()
            || (hasAllTimes
                && (hasCreate
                    || !range.isFromFirst(block.createdGeneration(), block.createdOffset())))
            || (hasLast && block.lastType() == BlockEventType.CREATE);
    return isNotDeleted && isCreateKnown;
  }

  /** Returns whether the range takes all changes. */
  boolean isWhole() {
    return isFromFirst && isToLast && hasAllTimes;
  }

  /** Returns whether the range leaves out nothing but changes before its beginning. */
  boolean isFromFirst() {
    return isToLast && hasAllTimes;
  }

  /** Returns whether there is a change in the range; else there may be one. */
  boolean isCertain() {
    return hasLast || hasFirst || hasCreate || hasDelete || hasTime;
  }

  /** Returns whether the last change lies in the range. */
  boolean hasLast() {
    return hasLast;
  }

  /** Returns whether a CREATE certainly lies in the range. */
  boolean hasCreate() {
    return hasCreate;
  }

  /** Returns whether a DELETE certainly lies in the range. */
  boolean hasDelete() {
    return hasDelete;
  }

  /** Returns whether it is known that no DELETE lies in the range, and whether a CREATE does. */
  boolean isKindKnown() {
    return isKindKnown;
  }
}
