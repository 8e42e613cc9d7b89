package io.tidemark.errors;

/** A view of the store that was given up while its reader was away: ask again from the start. */
public final class MovedOnException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1108;

  /** Creates the failure with its whole message. */
  public MovedOnException(String message) {
    super(CODE, message);
  }
}
