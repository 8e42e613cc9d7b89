package io.tidemark.errors;

/** A target that a restore must not or cannot write to; nothing of it was changed. */
public final class TargetRefusedException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1115;

  /** Creates the failure with its whole message. */
  public TargetRefusedException(String message) {
    super(CODE, message);
  }
}
