package io.tidemark.tdengine;

/**
 * Says that bytes of TDengine do not have the layout this class path knows: damaged, cut off, or
 * written by a version that does it differently.
 *
 * <p>The tracker answers with a gap of one WAL version; it never guesses.
 */
public final class WalDecodeException extends Exception {
  private static final long serialVersionUID = 1L;

  WalDecodeException(String message) {
    super(message);
  }

  WalDecodeException(String message, Throwable cause) {
    super(message, cause);
  }
}
