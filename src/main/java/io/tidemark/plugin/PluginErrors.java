package io.tidemark.plugin;

import io.tidemark.errors.TidemarkException;
import java.io.IOException;

/** The codes by which the C interface tells how a call ended. */
public final class PluginErrors {

  /** The call did what it was asked to. */
  public static final int SUCCESS = 0;

  /** An argument is wrong. */
  public static final int INVALID_PARAM = -1;

  /** The operating system refused something; trying again may help. */
  public static final int IO_FAILED = -1130;

  /** Anything else: a mistake in the plugin. */
  public static final int INTERNAL = -1131;

  private PluginErrors() {}

  /** Returns the code of a failure; always negative. */
  public static int codeOf(Throwable failure) {
    if (failure instanceof TidemarkException named) {
      return named.code();
    }
    if (failure instanceof IllegalArgumentException) {
      return INVALID_PARAM;
    }
    return failure instanceof IOException ? IO_FAILED : INTERNAL;
  }
}
