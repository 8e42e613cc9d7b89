package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import java.io.IOException;

/**
 * Walks the rows of blocks in unsigned order of ids, with the changes that each sums up.
 *
 * <p>Stands before the first row when it is made. Used by one thread.
 */
interface RowCursor {

  /** Moves to the next row; returns false at the end. */
  boolean next();

  /** Returns the row; valid until the next move. */
  BlockRow row();

  /**
   * Passes on the row's changes by WAL offset, then rank of the type, then time of arrival.
   *
   * <p>Call it for rows with a change and event lists only, and once for each.
   */
  void forEachEvent(EventHandler handler) throws IOException;

  /** Receives the changes of one block. */
  @FunctionalInterface
  interface EventHandler {

    /** One change. */
    void onEvent(BlockEventType type, long walOffset, long timestampNs) throws IOException;
  }
}
