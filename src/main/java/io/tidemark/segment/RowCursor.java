package io.tidemark.segment;

/**
 * Walks the rows of blocks in unsigned order of ids.
 *
 * <p>Stands before the first row when it is made. Used by one thread.
 */
interface RowCursor {

  /** Moves to the next row; returns false at the end. */
  boolean next();

  /** Returns the row; valid until the next move. */
  BlockRow row();
}
