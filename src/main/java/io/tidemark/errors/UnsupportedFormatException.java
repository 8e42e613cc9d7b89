package io.tidemark.errors;

/** A file of a newer format than this program reads: use a newer program, nothing is damaged. */
public final class UnsupportedFormatException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1102;

  /** Creates the failure with its whole message. */
  public UnsupportedFormatException(String message) {
    super(CODE, message);
  }

  /**
   * Returns the failure of a file whose format is newer than the newest that is read.
   *
   * @param where the file
   */
  public static UnsupportedFormatException newer(long newest, long actual, Object where) {
    return new UnsupportedFormatException(
        "file format is newer than this program reads: newest="
            + newest
            + ", actual="
            + actual
            + ", file="
            + where);
  }
}
