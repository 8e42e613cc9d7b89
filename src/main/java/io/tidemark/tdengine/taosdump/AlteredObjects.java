package io.tidemark.tdengine.taosdump;

/** What becomes of a table or stable whose definition was altered and that the target has. */
public enum AlteredObjects {
  /** It is copied whole, and a restore drops the target's before it loads it: always right. */
  RELOAD,
  /**
   * Only its changed rows are copied: what was altered has to be altered in the target by hand,
   * because taosdump leaves tables alone that are there.
   */
  KEEP
}
