package io.tidemark.errors;

/** The writer stopped after a failed force or append: reopen, the durable prefix is intact. */
public final class StoreFailedException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1105;

  /** Creates the failure with its whole message. */
  public StoreFailedException(String message) {
    super(CODE, message);
  }
}
