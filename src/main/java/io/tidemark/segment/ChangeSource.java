package io.tidemark.segment;

import io.tidemark.block.WalPosition;
import io.tidemark.storage.MappedBitmap;
import org.jspecify.annotations.Nullable;

/**
 * Something that says which blocks changed, and where and when: a segment, what an open segment
 * holds, or a file of the base.
 *
 * <p>Immutable; any number of threads may read, each with cursors of its own.
 */
public interface ChangeSource {

  /** Returns whether any block changed. */
  boolean hasChanges();

  /** Returns the position of the first change; meaningless if none changed. */
  WalPosition firstChange();

  /** Returns the position of the last change; meaningless if none changed. */
  WalPosition lastChange();

  /** Returns the lowest timestamp of a change, ns; meaningless if none changed. */
  long minTimestampNs();

  /** Returns the highest timestamp of a change, ns; meaningless if none changed. */
  long maxTimestampNs();

  /** Returns whether there is a row for each changed block; without rows there are events. */
  boolean hasRows();

  /**
   * Returns a cursor over the changed blocks.
   *
   * @throws IllegalStateException if there are no rows
   */
  ChangeCursor changes();

  /** Returns the ids of the changed blocks if they lie ready; null if they have to be gathered. */
  @Nullable MappedBitmap changedIds();

  /**
   * Returns whether every change is known by itself; then all are of one generation. Else only what
   * the rows sum up is known.
   */
  boolean hasEvents();

  /**
   * Returns a cursor over the changes.
   *
   * @param filter pages that it does not want are left out
   * @throws IllegalStateException if the changes are not known
   */
  EventCursor events(ZoneFilter filter);
}
