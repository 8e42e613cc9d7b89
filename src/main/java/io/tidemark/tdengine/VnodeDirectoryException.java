package io.tidemark.tdengine;

import java.io.IOException;

/** Says that a directory given as TDengine data cannot be used, and why. */
public final class VnodeDirectoryException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Why a directory cannot be used. */
  public enum Reason {
    /** There is nothing of that name. */
    MISSING,
    /** It is a file. */
    NOT_A_DIRECTORY,
    /** This process may not read it. */
    NO_PERMISSION,
    /** It holds no vnode. */
    NO_VNODE,
    /** A vnode lacks its wal directory or its vnode.json. */
    INCOMPLETE_VNODE
  }

  private final Reason reason;

  VnodeDirectoryException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Returns why the directory cannot be used. */
  public Reason reason() {
    return reason;
  }
}
