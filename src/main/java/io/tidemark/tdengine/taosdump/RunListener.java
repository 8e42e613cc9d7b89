package io.tidemark.tdengine.taosdump;

/** Hears how a run gets on, in the run's thread. */
public interface RunListener {
  /** Hears nothing. */
  RunListener NONE = new RunListener() {};

  /**
   * A call is done, was done by a run before, or found its object gone.
   *
   * @param rows how many it copied
   */
  default void onCall(RunProgress progress, DumpCall call, long rows) {}

  /**
   * A call failed and is made again.
   *
   * @param attempt how many were made, 1 or more
   */
  default void onRetry(DumpCall call, int attempt, TaosdumpOutcome outcome) {}
}
