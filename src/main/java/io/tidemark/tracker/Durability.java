package io.tidemark.tracker;

/** When what was given to a pipeline survives a power cut; it survives a killed process at once. */
public enum Durability {

  /** When the operating system sees to it, a segment is sealed, or somebody waits for it. */
  ASYNC,

  /** A few milliseconds later: one force makes everything durable that came since the last one. */
  GROUP,

  /**
   * Before it counts as done: the writer forces each batch, and what comes meanwhile is the next
   * one.
   */
  STRICT
}
