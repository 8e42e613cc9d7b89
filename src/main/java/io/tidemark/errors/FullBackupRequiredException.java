package io.tidemark.errors;

/** An incremental run that cannot be taken: only a full one is safe. */
public final class FullBackupRequiredException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1110;

  /** Creates the failure with its whole message. */
  public FullBackupRequiredException(String message) {
    super(CODE, message);
  }
}
