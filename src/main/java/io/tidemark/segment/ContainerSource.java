package io.tidemark.segment;

/**
 * Ids in unsigned order, a container at a time: those that differ in their low 16 bits only.
 *
 * <p>Stands before the first container when it is made. Used by one thread.
 */
interface ContainerSource {

  /** Number of ids that one container can hold. */
  int SIZE = 1 << Character.SIZE;

  /** Bits of an id that name its container. */
  long KEY_MASK = -SIZE;

  /** Moves to the next container; returns false at the end. */
  boolean next();

  /** Returns the ids' high 48 bits; the low 16 are 0. */
  long key();

  /** Returns how many ids the container holds: at least 1. */
  int count();

  /** Returns the low 16 bits of its ids in order; more than {@link #count} are meaningless. */
  char[] lows();
}
