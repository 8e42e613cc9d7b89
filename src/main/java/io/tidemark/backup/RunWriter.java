package io.tidemark.backup;

import java.io.Closeable;
import java.io.IOException;

/**
 * A run that a backup tool is writing.
 *
 * <p>Used by one thread. Closing it lets go of what it holds and changes nothing of the run.
 */
public interface RunWriter extends Closeable {

  /**
   * Writes a batch; it is durable when this returns. A batch that failed may be written again.
   *
   * @throws IOException if it was not written; trying again may help
   */
  BatchReceipt write(Batch batch) throws IOException;

  /** Makes the run whole, durable and visible, in one step. */
  SealedRun seal(RunEnd end) throws IOException;
}
