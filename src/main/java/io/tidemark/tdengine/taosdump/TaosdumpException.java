package io.tidemark.tdengine.taosdump;

import java.io.IOException;

/** A set that taosdump cannot copy, or a call of it that did not do what it was asked to. */
public final class TaosdumpException extends IOException {
  private static final long serialVersionUID = 1L;

  TaosdumpException(String message) {
    super(message);
  }

  TaosdumpException(String message, Throwable cause) {
    super(message, cause);
  }
}
