package io.tidemark.errors;

/** A directory that holds no store where one was expected. */
public final class NotAStoreException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1106;

  /** Creates the failure with its whole message. */
  public NotAStoreException(String message) {
    super(CODE, message);
  }
}
