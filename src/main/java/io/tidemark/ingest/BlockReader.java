package io.tidemark.ingest;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads the blocks of a storage engine: what a backup copies.
 *
 * <p>Thread-safe. Each call sees the engine at one moment; handlers run on the caller's thread and
 * do not hold the engine up.
 */
public interface BlockReader {

  /** Receives what a block holds. */
  @FunctionalInterface
  interface ContentHandler {

    /**
     * Takes the content of the block.
     *
     * @param content read-only, from position to limit; valid until this returns
     */
    void onContent(ByteBuffer content) throws IOException;
  }

  /** Receives which blocks there are. */
  @FunctionalInterface
  interface BlockHandler {

    /** Takes a block and the length of its content in bytes. */
    void onBlock(long blockId, int length) throws IOException;
  }

  /**
   * Passes on the content of a block.
   *
   * @return whether there is such a block; nothing was passed on if not
   */
  boolean read(long blockId, ContentHandler handler) throws IOException;

  /**
   * Returns the length of a block's content in bytes without reading it; -1 if there is no such
   * block.
   */
  int length(long blockId) throws IOException;

  /** Passes on every block there is, in unsigned order of ids. */
  void forEachBlock(BlockHandler handler) throws IOException;
}
