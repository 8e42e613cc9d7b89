package io.tidemark.errors;

/** A run that cannot be restored, because one that it builds on is not in the archive. */
public final class IncompleteChainException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1116;

  /** Creates the failure with its whole message. */
  public IncompleteChainException(String message) {
    super(CODE, message);
  }
}
