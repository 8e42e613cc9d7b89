package io.tidemark.restore;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where a restore writes to.
 *
 * <p>Used by one thread: {@link #prepare}, then a {@link #put} for each block, then {@link
 * #complete}. Closed before that it leaves what its class says.
 */
public interface RestoreTarget extends Closeable {

  /**
   * Is told what is coming, before anything is changed.
   *
   * @param blocks blocks that will be put
   * @param bytes bytes of their content
   * @throws io.tidemark.errors.TargetRefusedException if it cannot take that; nothing was changed
   */
  void prepare(long blocks, long bytes) throws IOException;

  /**
   * Takes a block; ids ascend.
   *
   * @param content read-only; valid until this returns
   */
  void put(long blockId, ByteBuffer content) throws IOException;

  /** Ends the restore: the target has the blocks that were put and no others, and is durable. */
  void complete() throws IOException;
}
