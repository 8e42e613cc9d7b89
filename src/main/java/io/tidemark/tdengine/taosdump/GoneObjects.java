package io.tidemark.tdengine.taosdump;

import java.io.IOException;

/** Who knows what was dropped after the set was taken that a run copies. */
@FunctionalInterface
public interface GoneObjects {
  /** Knows of nothing: whatever is missing fails the run. */
  GoneObjects NONE = (isStable, name) -> false;

  /**
   * Returns whether the log says that a table or stable was dropped meanwhile.
   *
   * @throws IOException if the log cannot be read; that fails the run
   */
  boolean isGone(boolean isStable, String name) throws IOException;
}
