package io.tidemark.ingest;

import io.tidemark.block.BlockEventType;

/**
 * What takes the events of a storage engine.
 *
 * <p>Thread-safe. Calls of one thread keep their order; those of several are put in some order. A
 * call may block: that is how a source that is faster than the store is held back. Block ids and
 * WAL offsets are unsigned; timestamps are ns since the epoch, signed, and never used for order.
 */
public interface BlockEventSink {

  /**
   * Takes the place where a source goes on: everything from this offset on will be given. If the
   * store is complete only through an offset below the one before, what lies between becomes a gap.
   */
  void continueFrom(long walOffset);

  /**
   * Takes a change or a flush of one block.
   *
   * @param type not CLEAR: that is no event of a storage engine
   */
  void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs);

  /** Takes a flush of every block up to a WAL offset. */
  void onFlushAll(long walOffset, long timestampNs);

  /**
   * Takes the promise that every change through a WAL offset was given before this call, by
   * whatever thread.
   */
  void completeThrough(long walOffset);

  /**
   * Takes a closed range of WAL offsets whose changes are not known.
   *
   * @param reason for people; lower case
   */
  void gap(long first, long last, String reason);

  /**
   * Takes that the log was rolled back: from {@code firstOwn} on it has other content than was
   * given.
   *
   * <p>What was not declared of the log before it is the new one's too, whatever {@code firstOwn}
   * says: it is owed, and promised by the next {@link #completeThrough}.
   *
   * @param firstOwn first WAL offset whose content is new
   * @param timestampNs when it was rolled back, or later
   */
  void rolledBack(long firstOwn, long timestampNs);
}
