package io.tidemark.state;

import io.tidemark.storage.MappedBitmap;

/** Which implementation holds sets of blocks. */
public enum BlockSets {
  /** Roaring bitmaps: mapped ones from the newest snapshot under what changed since. */
  ROARING {
    @Override
    BlockSet of(MappedBitmap ids) {
      return new RoaringBlockSet(ids);
    }
  },
  /** A sorted set on the heap: the simplest there is, to compare the other one with. */
  REFERENCE {
    @Override
    BlockSet of(MappedBitmap ids) {
      return new ReferenceBlockSet(ids);
    }
  };

  /** Creates a set that begins with some ids. */
  abstract BlockSet of(MappedBitmap ids);
}
