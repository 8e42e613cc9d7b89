package io.tidemark.errors;

/** A plugin that cannot be loaded, or is asked for what it cannot do now; nothing was done. */
public final class PluginException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** The code the C interface returns for this failure. */
  public static final int CODE = -1121;

  /** Creates the failure with its whole message. */
  public PluginException(String message) {
    super(CODE, message);
  }
}
