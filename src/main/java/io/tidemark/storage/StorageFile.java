package io.tidemark.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An open file of a {@link StorageIO}.
 *
 * <p>Not thread-safe, but one thread may force a file while another writes to it: what was written
 * before the force began survives. Closing forces nothing.
 */
public interface StorageFile extends Closeable {

  /**
   * Reads bytes from a place in the file.
   *
   * @param target filled from its position, at most to its limit
   * @param offset bytes from the start of the file
   * @return bytes read, -1 at the end of the file
   */
  int read(ByteBuffer target, long offset) throws IOException;

  /**
   * Writes all remaining bytes of a buffer at a place in the file, which grows if it must.
   *
   * @param source consumed
   * @param offset bytes from the start of the file
   */
  void write(ByteBuffer source, long offset) throws IOException;

  /** Returns the length in bytes. */
  long length() throws IOException;

  /**
   * Makes everything written to the file survive a power cut, its name excepted.
   *
   * <p>After a failure nothing is known of what was written since the last success, even if a
   * second attempt succeeds.
   */
  void force() throws IOException;
}
