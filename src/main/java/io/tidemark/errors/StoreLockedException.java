package io.tidemark.errors;

/** Another process writes to the store: wait for it, or read without writing. */
public final class StoreLockedException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1104;

  /** Creates the failure with its whole message. */
  public StoreLockedException(String message) {
    super(CODE, message);
  }
}
