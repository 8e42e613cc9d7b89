package io.tidemark.errors;

/** A run that was stopped by whoever asked for it; it can be resumed. */
public final class BackupCancelledException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1113;

  /** Creates the failure with its whole message. */
  public BackupCancelledException(String message) {
    super(CODE, message);
  }
}
