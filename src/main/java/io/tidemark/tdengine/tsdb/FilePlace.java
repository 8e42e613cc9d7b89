package io.tidemark.tdengine.tsdb;

import java.nio.file.Path;

/**
 * Where something lies in a data file.
 *
 * @param file the file
 * @param offset logical: checksums of pages do not count
 */
record FilePlace(Path file, long offset) {

  /**
   * Returns the failure that something here is not as it must be.
   *
   * @param facts {@code name=value}, with the limit before what breaks it
   */
  TsdbFormatException malformed(String what, String facts) {
    return new TsdbFormatException(
        "malformed data file: " + what + ": " + facts + ", offset=" + offset + ", file=" + file);
  }

  /** Returns the failure that something here is of a kind this program does not read. */
  TsdbFormatException unsupported(String what, String facts) {
    return new TsdbFormatException(
        "unsupported data file: " + what + ": " + facts + ", offset=" + offset + ", file=" + file);
  }
}
