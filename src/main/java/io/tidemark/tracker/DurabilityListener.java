package io.tidemark.tracker;

import io.tidemark.block.WalPosition;
import org.jspecify.annotations.Nullable;

/** What is told when more of the journal survives a power cut. */
@FunctionalInterface
public interface DurabilityListener {

  /**
   * Everything through a journal position is durable. Called by the thread that forces the journal,
   * which does nothing else meanwhile.
   *
   * @param journalPosition higher than the time before
   * @param completeThrough position of the engine's log through which every change is durable that
   *     was given since this opening of the store; null before anything was declared complete
   */
  void onDurable(long journalPosition, @Nullable WalPosition completeThrough);
}
