package io.tidemark.errors;

/** A run or a point that is asked for and that an archive does not have. */
public final class MissingRunException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1114;

  /** Creates the failure with its whole message. */
  public MissingRunException(String message) {
    super(CODE, message);
  }
}
