package io.tidemark.errors;

/**
 * A failure that Tidemark names: what is wrong, the facts, and the code the C interface returns for
 * it.
 *
 * <p>There is one subclass for each decision a caller can make. Failures of the operating system
 * stay {@link java.io.IOException}s.
 */
public class TidemarkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * Creates a failure.
   *
   * @param code negative; the value the C interface returns
   * @param message lower case, what is wrong, then facts as {@code name=value}
   */
  protected TidemarkException(int code, String message) {
    super(message);
    this.code = code;
  }

  /** Returns the code of the C interface; always negative. */
  public final int code() {
    return code;
  }
}
