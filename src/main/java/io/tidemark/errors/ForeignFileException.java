package io.tidemark.errors;

/** An intact file that belongs to another store: it was copied or renamed here. */
public final class ForeignFileException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1103;

  /** Creates the failure with its whole message. */
  public ForeignFileException(String message) {
    super(CODE, message);
  }
}
