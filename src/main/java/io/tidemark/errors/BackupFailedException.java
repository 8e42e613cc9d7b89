package io.tidemark.errors;

/** A run that cannot be completed as it is: a block is gone and nobody said that it was deleted. */
public final class BackupFailedException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1112;

  /** Creates the failure with its whole message. */
  public BackupFailedException(String message) {
    super(CODE, message);
  }
}
