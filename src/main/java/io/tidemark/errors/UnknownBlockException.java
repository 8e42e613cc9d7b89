package io.tidemark.errors;

/** A question about, or the clearing of, a block that never had an event; nothing was changed. */
public final class UnknownBlockException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1002;

  /** Creates the failure with its whole message. */
  public UnknownBlockException(String message) {
    super(CODE, message);
  }
}
