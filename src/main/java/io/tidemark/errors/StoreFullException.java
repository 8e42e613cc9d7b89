package io.tidemark.errors;

/**
 * The store takes no event for want of space: nothing was written, nothing was applied; the same
 * call succeeds when space returns.
 */
public final class StoreFullException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1109;

  /** Creates the failure with its whole message. */
  public StoreFullException(String message) {
    super(CODE, message);
  }
}
