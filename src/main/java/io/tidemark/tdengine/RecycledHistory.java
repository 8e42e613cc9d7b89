package io.tidemark.tdengine;

import java.io.IOException;

/**
 * What can still be known of versions that the server recycled before they were read.
 *
 * <p>Never the whole: such versions stay a hole, whatever is known of them. Called by the tracker's
 * thread.
 */
public interface RecycledHistory {

  /** Knows nothing. */
  RecycledHistory NONE = (first, last, handler) -> "";

  /** Receives data blocks that changed. */
  @FunctionalInterface
  interface BlockHandler {

    /**
     * Takes one data block.
     *
     * @param suid the table's stable; 0 for none
     * @param firstVersion its first change in the range is not before
     * @param lastVersion its last change in the range is not after
     * @param timestampNs when that was at the latest
     */
    void onBlock(
        long uid, long suid, long fileSet, long firstVersion, long lastVersion, long timestampNs)
        throws IOException;
  }

  /**
   * Passes on every data block that is known to have changed in a closed range of versions, and
   * perhaps some that did not.
   *
   * @return what to say of it where the hole is named; empty for nothing
   * @throws IOException if it cannot be known now; nothing was passed on
   */
  String replay(long first, long last, BlockHandler handler) throws IOException;
}
