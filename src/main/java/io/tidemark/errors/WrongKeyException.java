package io.tidemark.errors;

/** A key that is missing, or is not the one the backup was encrypted with. */
public final class WrongKeyException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1111;

  /** Creates the failure with its whole message. */
  public WrongKeyException(String message) {
    super(CODE, message);
  }
}
