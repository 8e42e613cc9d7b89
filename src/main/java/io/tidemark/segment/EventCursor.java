package io.tidemark.segment;

import io.tidemark.block.BlockEventType;

/**
 * Walks the changes of one source in order of arrival, a page at a time.
 *
 * <p>Stands before the first page when it is made. The arrays belong to the cursor and are valid
 * until its next move; what lies behind {@link #count} is meaningless, and nobody may write to
 * them. Not thread-safe.
 */
public interface EventCursor {

  /** Changes that a page holds at most. */
  int PAGE_EVENTS = 1024;

  /** Moves to the next page that the filter wants; returns false at the end. */
  boolean next();

  /** Returns how many changes the page holds: 1 to {@link #PAGE_EVENTS}. */
  int count();

  /** Returns the lowest WAL offset of the page. */
  long minOffset();

  /** Returns the highest WAL offset of the page. */
  long maxOffset();

  /** Returns the lowest timestamp of the page, ns. */
  long minTimestampNs();

  /** Returns the highest timestamp of the page, ns. */
  long maxTimestampNs();

  /** Returns the block of each change. */
  long[] blockIds();

  /** Returns the WAL offset of each change. */
  long[] walOffsets();

  /** Returns the timestamp of each change, ns. */
  long[] timestampsNs();

  /** Returns the code of the type of each change; see {@link BlockEventType#ofCode}. */
  byte[] types();
}
