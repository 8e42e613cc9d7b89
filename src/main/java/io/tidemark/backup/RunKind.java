package io.tidemark.backup;

/** What a run of a chain copies. */
public enum RunKind {
  /** Every block there is: a restore needs no other run. */
  FULL,
  /** What changed since the run before: a restore needs that one too. */
  INCREMENTAL
}
