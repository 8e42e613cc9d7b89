package io.tidemark.tools;

import io.tidemark.errors.ConfigurationException;
import io.tidemark.errors.FullBackupRequiredException;
import io.tidemark.errors.IncompleteChainException;
import io.tidemark.errors.MissingRunException;
import io.tidemark.errors.NotAStoreException;
import io.tidemark.errors.RunConflictException;
import io.tidemark.errors.StoreLockedException;
import io.tidemark.errors.TargetRefusedException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.errors.WrongKeyException;
import io.tidemark.tdengine.VnodeDirectoryException;
import io.tidemark.tdengine.VnodeDirectoryException.Reason;
import io.tidemark.tdengine.WalDecodeException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** One line and one exit code for everything that can go wrong. */
final class Failures {
  private Failures() {}

  /** Returns the exit code that tells a script what went wrong. */
  static int exitCodeOf(Throwable failure) {
    if (failure instanceof CommandFailedException failed) {
      return failed.exitCode();
    }
    if (failure instanceof StoreLockedException) {
      return ExitCode.LOCKED;
    }
    if (failure instanceof NotAStoreException
        || failure instanceof ConfigurationException
        || failure instanceof WrongKeyException
        || failure instanceof MissingRunException
        || failure instanceof TargetRefusedException) {
      return ExitCode.USAGE;
    }
    if (failure instanceof FullBackupRequiredException) {
      return ExitCode.FULL_REQUIRED;
    }
    if (failure instanceof IncompleteChainException) {
      return ExitCode.VERIFICATION_FAILED;
    }
    if (failure instanceof RunConflictException) {
      return ExitCode.LOCKED;
    }
    if (failure instanceof VnodeDirectoryException directory) {
      // What another argument would mend is a matter of usage.
      return directory.reason() == Reason.NO_PERMISSION
              || directory.reason() == Reason.INCOMPLETE_VNODE
          ? ExitCode.FAILED
          : ExitCode.USAGE;
    }
    return ExitCode.FAILED;
  }

  /** Returns one line that says what went wrong, and where. */
  static String messageOf(Throwable failure) {
    return oneLine(text(failure));
  }

  private static String text(Throwable failure) {
    if (failure instanceof TidemarkException
        || failure instanceof CommandFailedException
        || failure instanceof WalDecodeException
        || failure instanceof VnodeDirectoryException) {
      return String.valueOf(failure.getMessage());
    }
    if (failure instanceof AccessDeniedException denied) {
      return "permission denied: file=" + denied.getFile();
    }
    if (failure instanceof NoSuchFileException missing) {
      return "no such file or directory: file=" + missing.getFile();
    }
    if (failure instanceof FileSystemException file) {
      String reason = file.getReason();
      return (reason == null ? "file system failure" : reason) + ": file=" + file.getFile();
    }
    String message = failure.getMessage();
    if (failure instanceof IOException && message != null) {
      return message;
    }
    String name = failure.getClass().getSimpleName();
    return message == null ? "internal error: " + name : "internal error: " + name + ": " + message;
  }

  /** Returns the text without line breaks. */
  static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", "; ");
  }
}
