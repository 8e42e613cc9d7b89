package io.tidemark.tdengine.tsdb;

import java.io.IOException;

/**
 * Data files of TDengine that are damaged, cut off, or of a layout that is not known here.
 *
 * <p>Nobody guesses at them: whoever wanted to know goes on without, and says so.
 */
public final class TsdbFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  TsdbFormatException(String message) {
    super(message);
  }

  TsdbFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
