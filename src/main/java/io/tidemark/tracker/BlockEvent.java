package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;

/**
 * One event of the journal as a listener sees it: valid during the call only, because the same
 * object shows the next one.
 */
public interface BlockEvent {

  /** Returns what happened; CLEAR if a program took note of a block as it is. */
  BlockEventType type();

  /** Returns the block, unsigned. */
  long blockId();

  /** Returns where in the engine's log it happened, unsigned. */
  long walOffset();

  /** Returns when, in ns since the epoch; never used for order. */
  long timestampNs();

  /** Returns the generation of the engine's log. */
  int generation();

  /** Returns its place in the journal, from 1; a listener begins behind it to go on after it. */
  long journalPosition();
}
