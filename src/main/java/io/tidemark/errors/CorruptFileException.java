package io.tidemark.errors;

/** A file of ours whose bytes are not what was written: a view is rebuilt, truth is lost. */
public final class CorruptFileException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1101;

  /** Creates the failure with its whole message. */
  public CorruptFileException(String message) {
    super(CODE, message);
  }
}
