package io.tidemark.errors;

/** A direct call that would take a block into a state it cannot reach; nothing was changed. */
public final class InvalidTransitionException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1001;

  /** Creates the failure with its whole message. */
  public InvalidTransitionException(String message) {
    super(CODE, message);
  }
}
