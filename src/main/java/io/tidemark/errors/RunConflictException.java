package io.tidemark.errors;

/** A run of a chain that cannot go on: another is prepared, or this one is not it any more. */
public final class RunConflictException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1107;

  /** Creates the failure with its whole message. */
  public RunConflictException(String message) {
    super(CODE, message);
  }
}
