package io.tidemark.tools;

/** What the exit code of a command means; the same for all of them. */
final class ExitCode {
  /** Done. */
  static final int DONE = 0;

  /** Failed. */
  static final int FAILED = 1;

  /** The command line cannot be carried out as it is. */
  static final int USAGE = 2;

  /** Some vgroups were done, others failed. */
  static final int PARTIAL = 3;

  /** The answer has a hole: only a full backup is safe. */
  static final int FULL_REQUIRED = 4;

  /** What was looked at is not what it should be. */
  static final int VERIFICATION_FAILED = 5;

  /** Another process writes to the store. */
  static final int LOCKED = 6;

  /** Asked for more than the log has delivered so far. */
  static final int NOT_READY = 7;

  private ExitCode() {}
}
