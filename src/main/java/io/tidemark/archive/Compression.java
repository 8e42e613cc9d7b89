package io.tidemark.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A way to make the files of an archive smaller.
 *
 * <p>Immutable and thread-safe. What is read back decides by {@link #code} which one it was.
 */
public interface Compression {

  /** Returns the name that manifests show and configurations use. */
  String name();

  /** Returns the code stored in each file, 0 to 255. */
  int code();

  /** Returns a stream that compresses into another one; closing it closes that one. */
  OutputStream compress(OutputStream out) throws IOException;

  /**
   * Returns a stream that gives back what was compressed; closing it closes the other one.
   *
   * @throws IOException if it is not what was written; so may its reads
   */
  InputStream decompress(InputStream in) throws IOException;
}
