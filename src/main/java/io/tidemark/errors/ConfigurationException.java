package io.tidemark.errors;

/** A configuration that cannot be used; what was in force before stays in force. */
public final class ConfigurationException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1120;

  /** Creates the failure with its whole message. */
  public ConfigurationException(String message) {
    super(CODE, message);
  }
}
