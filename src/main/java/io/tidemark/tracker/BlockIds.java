package io.tidemark.tracker;

import java.util.function.LongConsumer;

/**
 * A set of block ids, unsigned.
 *
 * <p>Immutable; any number of threads may read, each with cursors of its own. Nothing is boxed.
 */
public sealed interface BlockIds permits WordIds, BitmapIds {

  /** Returns how many ids there are. */
  long size();

  /** Returns whether an id is in the set. */
  boolean contains(long blockId);

  /** Passes on every id, in unsigned order. */
  void forEach(LongConsumer consumer);

  /** Returns a cursor over the ids that stands before the first. */
  Cursor cursor();

  /** Walks ids in unsigned order; not thread-safe. */
  interface Cursor {

    /** Moves to the next id; returns false at the end. */
    boolean next();

    /** Returns the id. */
    long blockId();
  }
}
