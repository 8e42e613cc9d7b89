package io.tidemark.tdengine.taosdump;

/** What a run does between a call that failed and the next try. */
@FunctionalInterface
public interface Pause {
  /** Sleeps. */
  Pause REAL = Thread::sleep;

  /**
   * Lets time pass.
   *
   * @throws InterruptedException if the run is to end
   */
  void pass(long ms) throws InterruptedException;
}
