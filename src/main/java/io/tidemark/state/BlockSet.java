package io.tidemark.state;

import io.tidemark.storage.MappedBitmap;

/**
 * A set of unsigned 64-bit block ids that is changed in bulk.
 *
 * <p>Single writer; not thread-safe. The bitmaps passed in are never changed.
 */
public interface BlockSet {

  /** Returns whether the id is in the set. */
  boolean contains(long id);

  /** Returns the number of ids; costs nothing. */
  long cardinality();

  /** Adds ids. */
  void addAll(MappedBitmap ids);

  /** Removes ids. */
  void removeAll(MappedBitmap ids);

  /** Removes every id that is not among these. */
  void retainAll(MappedBitmap ids);

  /** Removes every id. */
  void clear();

  /** Returns the ids as they are now; later changes do not show in it. */
  MappedBitmap image();
}
