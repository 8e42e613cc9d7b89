package io.tidemark.segment;

import io.tidemark.block.WalPosition;

/**
 * Something that says which blocks changed, and where and when: a segment, or a file of the base.
 *
 * <p>Immutable; any number of threads may read, each with its own {@link ChangeCursor}.
 */
public interface ChangeSource {

  /** Returns how many blocks changed. */
  int changedCount();

  /** Returns the position of the first change; meaningless if none changed. */
  WalPosition firstChange();

  /** Returns the position of the last change; meaningless if none changed. */
  WalPosition lastChange();

  /** Returns the lowest timestamp of a change, ns; meaningless if none changed. */
  long minTimestampNs();

  /** Returns the highest timestamp of a change, ns; meaningless if none changed. */
  long maxTimestampNs();

  /** Returns a cursor over the changed blocks. */
  ChangeCursor changes();
}
